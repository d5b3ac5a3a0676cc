"""From what an HTML form sent to the values of a record, losing nothing that was typed.

An input is called by the JSON Pointer of its value in the record (`/amount`, `/items/0/price`), so that an error of the
engine finds its input by itself. A field that sends nothing when it is empty (checkboxes) is announced by `_on`.
Buttons inside the form that change it without sending it (add a row) are called `_do`: `add /items`, `remove /items/2`,
`find /nominee`, `drop /nominee li`, `refresh`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from formloom.form_engine.field_types.base import Raw, Unreadable
from formloom.form_engine.form import Field, Form
from formloom.form_engine.pointers import join

ROW = "_row"
ON = "_on"


@dataclass(slots=True)
class Posted:
    """What was sent. By pointer: `raws`, each input as typed; `wrong`, the sentence for what can't be read; `rows`, how
    many rows of a table are to be drawn at least."""

    values: dict[str, Any] = field(default_factory=dict)
    raws: dict[str, Raw] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the form that changes it: `verb` and the pointer of what it is about."""

    verb: str
    pointer: str = ""
    value: str = ""


def act_of(posted: MultiDict[str, str]) -> Act | None:
    """The button that was pressed; None for one that sends the form."""
    parts = posted.get("_do", "").split(" ", 2)
    return Act(*parts) if parts[0] else None


def read(form: Form, posted: MultiDict[str, str], *, lang: str, zone: str, act: Act | None = None) -> Posted:
    """The values that `posted` holds for `form`, after `act` has been done to its rows and choices."""
    reader = _Reader(posted, lang, zone, act or Act(""))
    reader.members(form.fields.values(), "", "", reader.out.values)
    return reader.out


def shown(values: Mapping[str, Any]) -> Posted:
    """A `Posted` for values that come from a record, where nothing has been typed yet."""
    return Posted(values=dict(values))


@dataclass(slots=True)
class _Reader:
    posted: MultiDict[str, str]
    lang: str
    zone: str
    act: Act
    out: Posted = field(default_factory=Posted)

    def members(self, fields: Iterable[Field], source: str, target: str, into: dict[str, Any]) -> bool:
        """Read `fields` below the pointer `source`, writing them below `target`; whether any was filled."""
        filled = False
        for entry in fields:
            came, goes = join(source, entry.key), join(target, entry.key)
            if entry.columns and entry.several:
                filled |= self._table(entry, came, goes, into)
            elif entry.columns:
                inner: dict[str, Any] = {}
                filled |= self.members(entry.columns.values(), came, goes, inner)
                into |= {entry.key: inner} if inner else {}
            elif came in self.posted or came in self.posted.getlist(ON):
                filled |= self._one(entry, came, goes, into)
        return filled

    def _one(self, entry: Field, came: str, goes: str, into: dict[str, Any]) -> bool:
        typed = [text for text in self.posted.getlist(came) if not self._dropped(came, text)]
        raw: Raw = typed[0] if len(typed) == 1 else typed
        self.out.raws[goes] = raw
        try:
            value = entry.type.read(entry, raw, self.lang, self.zone)
        except Unreadable as error:
            self.out.wrong[goes] = str(error)
            return True
        if value is not None:
            into[entry.key] = value
        return value is not None and value is not False

    def _dropped(self, pointer: str, text: str) -> bool:
        return self.act == Act("drop", pointer, text)

    def _table(self, entry: Field, came: str, goes: str, into: dict[str, Any]) -> bool:
        rows: list[dict[str, Any]] = []
        for number in self._numbers(came):
            if self.act == Act("remove", join(came, number)):
                continue
            row: dict[str, Any] = {}
            known = self.posted.get(join(came, number, ROW))
            if self.members(entry.columns.values(), join(came, number), join(goes, len(rows)), row):
                rows.append({ROW: known} | row if known else row)
            else:
                self._forget(join(goes, len(rows)) + "/")
        if self.act == Act("add", came):
            self.out.rows[goes] = len(self._numbers(came)) + 1
        if rows:
            into[entry.key] = rows
        return bool(rows)

    def _numbers(self, pointer: str) -> list[int]:
        """The numbers of the rows that were sent, in order."""
        heads = (
            name.removeprefix(pointer + "/").split("/", 1)[0] for name in self.posted if name.startswith(pointer + "/")
        )
        return sorted({int(head) for head in heads if head.isdecimal() and len(head) < 6})

    def _forget(self, prefix: str) -> None:
        """A row that is empty leaves nothing behind that the next one would inherit."""
        for kept in (self.out.raws, self.out.wrong):
            for pointer in [pointer for pointer in kept if pointer.startswith(prefix)]:
                del kept[pointer]
