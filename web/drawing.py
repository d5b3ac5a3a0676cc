"""Makes a form ready to be drawn: for whom, with what was typed and what is wrong with it.

Nothing here knows a field type by name: the type gives its macro, its texts and what stands in its input.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from formloom.form_engine.access import column_access, keeps_rows
from formloom.form_engine.context import Accesses, access_of
from formloom.form_engine.errors import Problem
from formloom.form_engine.field_types.base import Raw
from formloom.form_engine.form import Field, Form, Section
from formloom.form_engine.names import IDS, Names
from formloom.form_engine.states import FieldState
from formloom.web.posted import ROW, Posted, name_of
from formloom.web.slots import Change, Drawn, Found, Part, Row, Slot, each_slot

NEW_ROW = "{row}"


def identifier(name: str) -> str:
    """An HTML id for the input called `name`: letters, digits and hyphens, different for different names."""
    return "f-" + re.sub(r"[^A-Za-z0-9_{}]", lambda found: "-" if found[0] == "/" else f"-{ord(found[0]):x}-", name)


class _Messages:
    """What is wrong, by the name of the field it is shown at; the first thing said of a field stands."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.errors: dict[str, str] = {}
        self.warnings: dict[str, str] = {}
        for problem in problems:
            kept = self.errors if problem.severity == "error" else self.warnings
            kept.setdefault(name_of(problem.pointer), problem.message)

    def error_at(self, slot: Slot) -> str:
        """The sentence at a field, without the field's own name in front of it."""
        sentence = self.errors.get(slot.name, "")
        for colon in (": ", "："):
            if sentence.startswith(f"{slot.label}{colon}"):
                rest = sentence.removeprefix(f"{slot.label}{colon}")
                return rest[:1].upper() + rest[1:]
        return sentence

    def loose(self, slots: Mapping[str, Slot]) -> tuple[str, ...]:
        """Errors that belong to no field of the page: they stand above it."""
        known = {slot.name for slot in each_slot(slots.values())}
        return tuple(sentence for name, sentence in self.errors.items() if name not in known)


NO_MESSAGES = _Messages(())


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a form is drawn.

    `states` are those of `record.settle`; a field that is irrelevant now is drawn, hidden, so that a module can show it;
    one that `access` hides is not drawn at all. `fresh`: there is no record yet, so its number and dates are not drawn.
    `changes` are earlier values, `finds` answers of searches, by the name of the field.
    """

    form: Form
    lang: str
    zone: str = "UTC"
    names: Names = IDS
    states: Mapping[str, FieldState] = field(default_factory=dict)
    access: Accesses | None = None
    problems: Sequence[Problem] = ()
    editable: bool = True
    fresh: bool = False
    changes: Mapping[str, Change] = field(default_factory=dict)
    finds: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)

    def draw(self, posted: Posted) -> Drawn:
        """The form with the values of `posted`."""
        found = _Messages((*posted.problems, *self.problems))
        drawn = {
            key: self._slot(entry, key, posted.values.get(key), posted, found)
            for key, entry in self.form.fields.items()
        }
        slots = {key: slot for key, slot in drawn.items() if slot is not None}
        parts = tuple(part for section in self.form.layout if (part := self._part(section, slots)).entries)
        wrong = tuple(slot for slot in each_slot(slots.values()) if slot.error)
        return Drawn(self.form, parts, wrong, found.loose(slots), slots)

    def one(self, entry: Field, value: Any) -> Slot:
        """One field alone, to be read: a cell of a list, a line of a card."""
        return replace(self._bare(entry, "/".join(entry.keys), value, Posted()), readonly=True)

    def _part(self, section: Section, slots: Mapping[str, Slot]) -> Part:
        there = (entry for entry in section.content if not isinstance(entry, str) or entry in slots)
        entries = tuple(slots[entry] if isinstance(entry, str) else entry for entry in there)
        title, help = section.title(self.lang), section.help(self.lang)
        return Part(section.key, section.kind, title, help, section.columns, entries)

    def _slot(self, entry: Field, name: str, value: Any, posted: Posted, found: _Messages) -> Slot | None:
        """The field at `name`; None for one that this person may not see."""
        granted = self._granted(entry)
        if granted == "hidden" or (self.fresh and value is None and self._comes_later(entry)):
            return None
        slot = self._bare(entry, name, value, posted)
        state = self.states.get(name)
        slot = replace(
            slot,
            visible=state.visible if state else True,
            readonly=self._shut(entry, granted, state),
            required=state.required if state else entry.required or granted == "required",
            error=found.error_at(slot),
            warning=found.warnings.get(name, ""),
            changed=self.changes.get(name),
            finds=self.finds.get(name, ()),
        )
        if entry.columns and entry.several:
            return self._table(slot, posted, found)
        return replace(slot, members=self._members(slot, posted, found)) if entry.columns else slot

    def _granted(self, entry: Field) -> str:
        """What this person may do with a field; what is inside a column has the column's access."""
        if len(entry.keys) == 1:
            return access_of(self.access, entry.key)
        return column_access(self.access, entry.keys[0], entry.keys[1])

    def _shut(self, entry: Field, granted: str, state: FieldState | None) -> bool:
        """Whether nobody may type into the field now. One that is irrelevant may be typed into once it is shown."""
        if len(entry.keys) == 1 and keeps_rows(self.access, entry):
            return not self.editable or entry.read_only
        if not self.editable or entry.read_only or granted == "read":
            return True
        return state is not None and state.visible and state.readonly

    def _comes_later(self, entry: Field) -> bool:
        """Whether a field gets its value from the first saving: a serial number, dates, figures over children."""
        return entry.type.derived and entry.settings.get("link") not in self.form.fields

    def _members(self, slot: Slot, posted: Posted, found: _Messages) -> tuple[Slot, ...]:
        inner = slot.value if isinstance(slot.value, Mapping) else {}
        columns = slot.field.columns.values()
        cells = (self._slot(each, f"{slot.name}/{each.key}", inner.get(each.key), posted, found) for each in columns)
        return tuple(cell for cell in cells if cell is not None)

    def _bare(self, entry: Field, name: str, value: Any, posted: Posted) -> Slot:
        say = partial(self._said, entry)
        return Slot(
            field=entry,
            name=name,
            id=identifier(name),
            value=value,
            raw=self._raw(entry, value, posted.typed.get(name)),
            text="" if value is None or entry.columns else say(value),
            label=entry.label(self.lang),
            lang=self.lang,
            say=say,
        )

    def _said(self, entry: Field, value: Any) -> str:
        return entry.type.text(entry, value, self.lang, self.names, self.zone)

    def _raw(self, entry: Field, value: Any, typed: list[str] | None) -> Raw:
        """What stands in the inputs: what was typed, else what the value is written as."""
        if typed is not None:
            return typed[0] if len(typed) == 1 else typed
        return "" if value is None or entry.columns else entry.type.typed(entry, value, self.lang, self.zone)

    def _table(self, slot: Slot, posted: Posted, found: _Messages) -> Slot:
        rows = [row for row in slot.value if isinstance(row, Mapping)] if isinstance(slot.value, list) else []
        fixed = slot.readonly or (len(slot.field.keys) == 1 and keeps_rows(self.access, slot.field))
        count = len(rows) if fixed else max(len(rows), posted.rows.get(slot.name, 0), 1)
        filled = [*rows, *({} for _ in range(count - len(rows)))]
        drawn = tuple(self._row(slot, number, row, posted, found) for number, row in enumerate(filled))
        blank = self._row(slot, NEW_ROW, {}, Posted(), NO_MESSAGES)
        return replace(slot, rows=drawn, blank=None if fixed else blank, heads=blank.cells)

    def _row(self, slot: Slot, number: int | str, row: Mapping[str, Any], posted: Posted, found: _Messages) -> Row:
        name = f"{slot.name}/{number}"
        columns = slot.field.columns.values()
        cells = (self._slot(each, f"{name}/{each.key}", row.get(each.key), posted, found) for each in columns)
        shown = (replace(cell, readonly=cell.readonly or slot.readonly) for cell in cells if cell is not None)
        return Row(name, str(row.get(ROW, "")), tuple(shown))


def known(drawn: Drawn) -> dict[str, Any]:
    """For a module: the values of fields that the page has no input for, so that what depends on them can be worked out."""
    still = (slot for slot in drawn.slots.values() if slot.readonly and slot.field.compute is None)
    return {slot.name: slot.value for slot in still if slot.filled}
