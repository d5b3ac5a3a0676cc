"""Between a record and the inputs of an HTML form, both ways, and nothing typed is ever lost.

An input is named by the place of its field, as pointers and states name it: `amount`, `address/city`, `items/0/price`,
and `items/0/_row` for the id of a row. A name may come several times (boxes that are ticked, start and end of a range).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import Problem
from .field_types import ROW_KEY, Unreadable
from .form import Field, Form
from .json_text import text_flaw
from .pointers import join

Typed = Mapping[str, Sequence[str]]
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Submitted:
    """What an HTML form sent: the values it means, and a problem for each input whose text means none."""

    values: dict[str, Any]
    errors: tuple[Problem, ...]


def submitted(form: Form, typed: Typed, lang: str = "en", zone: str = "UTC") -> Submitted:
    """The record that `typed` (input name → texts) writes. A blank input is there as None, one that was not sent is absent."""
    reader = _Reader(typed, lang, zone)
    values = reader.level(form.fields, "", ())
    return Submitted(values, tuple(reader.errors))


def typed(form: Form, values: Mapping[str, Any], lang: str = "en", zone: str = "UTC") -> dict[str, list[str]]:
    """What stands in the inputs for a record: input name → texts. `submitted` gives the record back."""
    return dict(_typed(form.fields, values, "", lang, zone))


def rows_of(typed: Typed, name: str) -> list[int]:
    """The numbers of the rows that were sent for the table whose inputs begin with `name`, in order."""
    start = f"{name}/"
    numbers = {entry[len(start) :].split("/")[0] for entry in typed if entry.startswith(start)}
    return sorted(int(number) for number in numbers if number.isdecimal() and len(number) < 7)[:MOST_ROWS]


class _Reader:
    def __init__(self, typed: Typed, lang: str, zone: str) -> None:
        self.typed = typed
        self.lang = lang
        self.zone = zone
        self.errors: list[Problem] = []

    def level(self, fields: Mapping[str, Field], prefix: str, place: tuple[str | int, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, field in fields.items():
            name = f"{prefix}{key}"
            if field.columns and field.several:
                numbers = rows_of(self.typed, name)
                if numbers or name in self.typed:
                    made[key] = [self._row(field, name, number, (*place, key, at)) for at, number in enumerate(numbers)]
            elif field.columns:
                inner = self.level(field.columns, f"{name}/", (*place, key))
                if inner:
                    made[key] = inner
            elif name in self.typed:
                made[key] = self._value(field, list(self.typed[name]), (*place, key))
        return made

    def _row(self, field: Field, name: str, number: int, place: tuple[str | int, ...]) -> dict[str, Any]:
        row = self.level(field.columns, f"{name}/{number}/", place)
        id = next((text for text in self.typed.get(f"{name}/{number}/{ROW_KEY}", ()) if text.strip()), None)
        return {ROW_KEY: id.strip(), **row} if id is not None else row

    def _value(self, field: Field, texts: list[str], place: tuple[str | int, ...]) -> Any:
        flaw = next((found for found in (text_flaw(text, self.lang) for text in texts) if found), None)
        try:
            if flaw is None:
                return field.type.read(field, texts[0] if len(texts) == 1 else texts, self.lang, self.zone)
        except Unreadable as error:
            flaw = str(error)
        self.errors.append(Problem(join("", *place), f"{field.label(self.lang)}: {flaw}"))
        return None


def _typed(
    fields: Mapping[str, Field], values: Mapping[str, Any], prefix: str, lang: str, zone: str
) -> Iterator[tuple[str, list[str]]]:
    for key, field in fields.items():
        name, value = f"{prefix}{key}", values.get(key)
        if value is None:
            continue
        if field.columns and isinstance(value, list):
            for number, row in enumerate(value):
                if isinstance(row, Mapping):
                    yield from [(f"{name}/{number}/{ROW_KEY}", [str(row.get(ROW_KEY, ""))])]
                    yield from _typed(field.columns, row, f"{name}/{number}/", lang, zone)
        elif field.columns and isinstance(value, Mapping):
            yield from _typed(field.columns, value, f"{name}/", lang, zone)
        else:
            shown = field.type.typed(field, value, lang, zone)
            yield name, [shown] if isinstance(shown, str) else list(shown)
