"""With how many rows the sub-tables of a form are tried: a few, as few as each must have, as many as the conditions name."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice, product
from math import prod

from formloom.form_engine.definition import Field, Form

Layout = tuple[tuple[str, int], ...]
"""How many rows each sub-table of the form has, by its key."""
MORE_ROWS = 2
MOST_NAMED, MOST_CELLS = 4, 400
MOST_LAYOUTS, MOST_ALTOGETHER = 20, 9


def layouts(form: Form, numbers: Iterable[Fraction]) -> tuple[list[Layout], bool]:
    """The layouts to try where conditions name these numbers, the smallest first, and whether there can be no others."""
    tables = [entry for entry in form.fields.values() if entry.logic.kind == "table"]
    every = [_possible(entry) for entry in tables]
    nested = sum(entry.logic.kind == "table" for entry in form.every_field()) > len(tables)
    if not nested and all(every) and prod(map(len, every)) <= MOST_ALTOGETHER:
        return [_layout(tables, counts) for counts in product(*every)], True
    named = sorted({int(number) for number in numbers if number.denominator == 1})
    some = [[*_few(entry), *islice(_named(entry, named), MOST_NAMED)] for entry in tables]
    alike = ([counts[min(number, len(counts) - 1)] for counts in some] for number in range(max(map(len, some))))
    mixed = sorted(islice(product(*some), MOST_CELLS), key=sum)
    found = dict.fromkeys(_layout(tables, counts) for counts in (*alike, *mixed))
    return list(islice(found, MOST_LAYOUTS)), False


def _layout(tables: Iterable[Field], counts: Iterable[int]) -> Layout:
    return tuple((entry.key, count) for entry, count in zip(tables, counts, strict=True))


def _least(entry: Field) -> int:
    return max(1, int(entry.schema.get("minItems", 1)))


def _possible(entry: Field) -> list[int]:
    """Every number of rows that a table can have; none where there is no end to them, or they are too many."""
    most = entry.schema.get("maxItems")
    return [0, *range(_least(entry), int(most) + 1)] if isinstance(most, int) and most < MOST_ALTOGETHER else []


def _few(entry: Field) -> list[int]:
    return [0, *(_least(entry) + more for more in range(MORE_ROWS))]


def _named(entry: Field, numbers: Iterable[int]) -> Iterator[int]:
    """As many rows as a number says, and one more."""
    most = MOST_CELLS // max(1, len(entry.columns))
    more = sorted({rows for number in numbers for rows in (number, number + 1)})
    return (rows for rows in more if _least(entry) + MORE_ROWS <= rows <= most)
