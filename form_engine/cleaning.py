"""Cleans a record: blanks go, what nobody may type goes, each value is written the one way we write it.

A blank is a missing key: `null`, `""`, `[]`, `{}` and white space alone are removed at every level. A row in which
nothing is left goes, too; where the rows were that stay is remembered, because errors are said at their old place.
"""

from collections.abc import Mapping
from typing import Any

from .blanks import is_blank
from .field_types.structure import ROW_KEY
from .form import Field
from .plan import Level

Row = dict[str, Any]


class Cleaning:
    """One cleaning. `moved` has, for each table that lost rows, the old indexes of those that are left.

    `raw` is what each cleaned object was made from (by its identity): only an absent key is filled by a default.
    """

    def __init__(self) -> None:
        self.moved: dict[tuple[str | int, ...], list[int]] = {}
        self.raw: dict[int, Mapping[str, Any]] = {}

    def record(self, level: Level, values: Mapping[str, Any], path: tuple[str | int, ...] = ()) -> Row:
        """`values` without blanks and without what is never typed. Unknown keys stay, to be complained of."""
        made: Row = {}
        fields, apart = level.fields, level.apart
        for key, value in values.items():
            if type(value) is str:
                if (not value or value.isspace()) and (key in fields or key == ROW_KEY):
                    continue
            elif not value and value is not False and value != 0 and (key in fields or key == ROW_KEY):
                continue  # of all that is no text, 0 and false are values
            if key in apart:
                cleaner = level.cleaners.get(key)
                value = None if cleaner is None else self._value(cleaner, level, value, (*path, key))
                if is_blank(value):
                    continue
            made[key] = value
        if level.defaults:
            self.raw[id(made)] = values
        return made

    def _value(self, field: Field, level: Level, value: Any, path: tuple[str | int, ...]) -> Any:
        if not field.columns:
            return field.type.clean(field, value)
        below = level.below[field.key]
        if isinstance(value, dict) and not field.several:
            return self.record(below, value, path)
        return self._rows(below, value, path) if isinstance(value, list) and field.several else value

    def _rows(self, level: Level, rows: list[Any], path: tuple[str | int, ...]) -> list[Any]:
        made: list[Any] = []
        kept: list[int] = []
        for index, row in enumerate(rows):
            cleaned = self.record(level, row, (*path, len(made))) if isinstance(row, dict) else row
            if (
                not is_blank(cleaned) and cleaned.keys() != {ROW_KEY}
                if isinstance(cleaned, dict)
                else cleaned is not None
            ):
                made.append(cleaned)
                kept.append(index)
        if len(kept) < len(rows):
            self.moved[path] = kept
        return made

    def place(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """Where something stood in what was submitted that now stands at `path`."""
        if not self.moved:
            return path
        old: list[str | int] = []
        for position, token in enumerate(path):
            kept = self.moved.get(path[:position]) if isinstance(token, int) else None
            old.append(kept[token] if kept and isinstance(token, int) else token)
        return tuple(old)
