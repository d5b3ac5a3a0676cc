"""From what an HTML form sent to the values of a record, losing nothing that was typed.

The engine names the inputs and reads them (`form_engine/inputs.py`). Here stands what only a page knows: rows that were left
empty go, buttons that change the form without sending it are obeyed, and boxes that send nothing while nothing is ticked
are announced. Names of the page's own begin with a colon: `:do` is such a button (`add items`, `remove items/2`,
`drop nominee li`, `find nominee`, `refresh`), `:on` announces a field, `:find <name>` is what is searched for,
`:mark <name> <line>` a mark in a grid.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from formloom.form_engine import inputs
from formloom.form_engine.errors import Problem
from formloom.form_engine.form import Field, Form
from formloom.form_engine.pointers import tokens

ROW = "_row"
MARK = ":mark "
Typed = dict[str, list[str]]


@dataclass(slots=True)
class Posted:
    """What was sent: `typed` by the name of its input, the `values` that it means, and what can't be read.

    `rows` says, by the name of a table, how many rows are to be drawn at least.
    """

    values: dict[str, Any] = field(default_factory=dict)
    typed: Typed = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the form that changes it: `verb`, the name of what it is about, and a value of it."""

    verb: str
    name: str = ""
    value: str = ""


def act_of(posted: MultiDict[str, str]) -> Act | None:
    """The button that was pressed; None for one that sends the form."""
    parts = posted.get(":do", "").split(" ", 2)
    return Act(*parts) if parts[0] else None


def read(form: Form, posted: MultiDict[str, str], *, lang: str, zone: str, act: Act | None = None) -> Posted:
    """The values that `posted` holds for `form`, after `act` has been done to its rows and choices."""
    tidying = _Tidying(act or Act(""), typed_of(posted))
    tidying.level(form.fields.values(), "")
    found = inputs.submitted(form, tidying.typed, lang, zone)
    return Posted(found.values, tidying.typed, found.errors, tidying.rows)


def typed_of(posted: MultiDict[str, str]) -> Typed:
    """What was typed, by the name of its field: without the page's own words, with what was announced or marked in a grid."""
    typed: Typed = {name: [] for name in posted.getlist(":on")}
    for name, texts in posted.lists():
        if name.startswith(MARK):
            typed.setdefault(name.removeprefix(MARK).rsplit(" ", 1)[0], []).extend(texts)
        elif not name.startswith(":") and name != "csrf_token":
            typed.setdefault(name, []).extend(texts)
    return typed


def shown(values: Mapping[str, Any]) -> Posted:
    """A `Posted` for values that come from a record, where nothing has been typed yet."""
    return Posted(values=dict(values))


def name_of(pointer: str) -> str:
    """The name of the input that a problem's pointer means."""
    return "/".join(tokens(pointer))


@dataclass(slots=True)
class _Tidying:
    act: Act
    typed: Typed
    rows: dict[str, int] = field(default_factory=dict)

    def level(self, fields: Iterable[Field], prefix: str) -> None:
        for entry in fields:
            name = f"{prefix}{entry.key}"
            if entry.columns and entry.several:
                self._table(entry, name)
            elif entry.columns:
                self.level(entry.columns.values(), f"{name}/")
            elif self.act.verb == "drop" and self.act.name == name:
                self.typed[name] = [text for text in self.typed.get(name, []) if text != self.act.value]

    def _table(self, entry: Field, name: str) -> None:
        numbers = inputs.rows_of(self.typed, name)
        kept = 0
        for number in numbers:
            row = self._take(f"{name}/{number}/")
            if not _empty(row) and self.act != Act("remove", f"{name}/{number}"):
                self.typed |= {f"{name}/{kept}/{key}": texts for key, texts in row.items()}
                self.level(entry.columns.values(), f"{name}/{kept}/")
                kept += 1
        if numbers and not kept:
            self.typed.setdefault(name, [])
        if self.act == Act("add", name):
            self.rows[name] = len(numbers) + 1

    def _take(self, prefix: str) -> Typed:
        names = [name for name in self.typed if name.startswith(prefix)]
        return {name.removeprefix(prefix): self.typed.pop(name) for name in names}


def _empty(row: Typed) -> bool:
    """Whether nothing was filled in: a switch that is off says nothing by itself."""
    return not any(text.strip() not in ("", "false") for key, texts in row.items() for text in texts if key != ROW)
