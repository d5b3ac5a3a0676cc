"""A form made ready to be drawn: sections, fields with all that stands at them, rows of tables. Templates only write it out.

The same tree serves a form being filled, a record being read and a preview in the designer. Nothing here knows a field
type by name: the type gives its macro, its texts and what stands in its input.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from formloom.form_engine.errors import Problem
from formloom.form_engine.field_types.base import Raw
from formloom.form_engine.form import Field, Form, Item, Option, Section
from formloom.form_engine.names import IDS, Names
from formloom.form_engine.pointers import join
from formloom.form_engine.record import FieldState
from formloom.web.posted import ROW, Posted

NEW_ROW = "{row}"


@dataclass(frozen=True, slots=True)
class Slot:
    """One field as it is drawn. `name` is its pointer, `path` its keys joined by dots, `raw` what stands in the input,
    `text` what people read. `rows` of a table and `members` of a group are drawn inside it; `blank` is a row to be added.
    """

    drawing: "Drawing"
    field: Field
    name: str
    id: str
    value: Any
    raw: Raw
    text: str
    label: str
    help: str
    placeholder: str
    visible: bool = True
    readonly: bool = False
    required: bool = False
    error: str = ""
    warning: str = ""
    rows: tuple["Row", ...] = ()
    blank: "Row | None" = None
    heads: tuple["Slot", ...] = ()
    members: tuple["Slot", ...] = ()
    finds: tuple["Found", ...] = ()
    offered: frozenset[Any] | None = None
    changed: "Change | None" = None

    @property
    def described(self) -> str:
        """The ids that describe the input to a screen reader: its error, else its help."""
        if self.error or self.warning:
            return f"{self.id}-error"
        return f"{self.id}-help" if self.help else ""

    @property
    def filled(self) -> bool:
        """Whether there is something to read."""
        return self.value not in (None, "", [], {})

    @property
    def on(self) -> bool:
        """Whether a switch is on, as typed or as stored."""
        return self.chosen[-1:] == ("true",)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The texts that stand in its inputs: of a choice, the chosen options."""
        return (self.raw,) if isinstance(self.raw, str) else tuple(self.raw)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids it holds, as typed or as stored."""
        return tuple(text for text in self.chosen if text)

    @property
    def picks(self) -> tuple["Pick", ...]:
        """Its options as inputs carry them."""
        options = self.field.options(self.drawing.lang)
        return tuple(
            Pick(self._carried(option), option.label, option.color, self._offered(option)) for option in options
        )

    @property
    def picked(self) -> tuple["Pick", ...]:
        """Its chosen options; a value that is no option any more stands for itself."""
        known = {pick.raw: pick for pick in self.picks}
        return tuple(known.get(raw, Pick(raw, raw, "")) for raw in self.ids)

    @property
    def divider(self) -> str:
        """What stands between the entries of a list."""
        return "、" if self.drawing.lang.startswith("zh") else ","

    def called(self, one: str) -> str:
        """The name of one of the things it points at."""
        value = [one] if self.field.several else one
        return self.field.type.text(self.field, value, self.drawing.lang, self.drawing.names, self.drawing.zone)

    def _carried(self, option: Option) -> str:
        typed = self.field.type.typed(self.field, [option.value] if self.field.several else option.value)
        return typed if isinstance(typed, str) else typed[0]

    def _offered(self, option: Option) -> bool:
        return self.offered is None or option.value in self.offered


@dataclass(frozen=True, slots=True)
class Pick:
    """One option as an input carries it; one that is not `offered` now is there for a module to show."""

    raw: str
    label: str
    color: str
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a search: of a member, a department, a record."""

    value: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: `name` is its pointer, `key` its `_row` ("" for a new one)."""

    name: str
    key: str
    cells: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a field was before: as people read it, "" for a blank."""

    was: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is drawn; `entries` are slots and items in their order."""

    key: str
    kind: str
    title: str
    help: str
    columns: int
    entries: tuple[Slot | Item, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Its fields."""
        return tuple(entry for entry in self.entries if isinstance(entry, Slot))

    @property
    def shown(self) -> bool:
        """Whether there is anything in it to see."""
        return any(not isinstance(entry, Slot) or entry.visible for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A whole form as it is drawn; `errors` in the order of the page, those of no field first."""

    form: Form
    parts: tuple[Part, ...]
    errors: tuple[Problem, ...]
    loose: tuple[Problem, ...]
    slots: Mapping[str, Slot] = field(default_factory=dict)

    @property
    def stepped(self) -> bool:
        """Whether it is a wizard."""
        return any(part.kind == "step" for part in self.parts)

    @property
    def tabbed(self) -> bool:
        """Whether parts of it stand behind tabs."""
        return any(part.kind == "tab" for part in self.parts)


def identifier(pointer: str) -> str:
    """An HTML id for a pointer: letters, digits and hyphens, the same for the same pointer, different for different ones."""
    return "f" + re.sub(r"[^A-Za-z0-9_{}]", lambda found: "-" if found[0] == "/" else f"-{ord(found[0]):x}-", pointer)


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a form is drawn: for whom, with what was typed and what is wrong with it."""

    form: Form
    lang: str
    zone: str = "UTC"
    names: Names = IDS
    states: Mapping[str, FieldState] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    editable: bool = True
    blank_rows: int = 1

    def draw(self, posted: Posted) -> Drawn:
        """The form with the values of `posted`."""
        found = _Messages(self.problems, posted.wrong)
        slots = {
            key: self._slot(entry, join("", key), posted.values.get(key), posted, found)
            for key, entry in self.form.fields.items()
        }
        slots = {key: slot for key, slot in slots.items() if slot is not None}
        parts = tuple(self._part(section, slots) for section in self.form.layout)
        return Drawn(
            self.form, tuple(part for part in parts if part.entries), found.in_order(slots), found.loose(slots), slots
        )

    def _part(self, section: Section, slots: Mapping[str, Slot]) -> Part:
        entries = tuple(
            slots[entry] if isinstance(entry, str) else entry
            for entry in section.content
            if not isinstance(entry, str) or entry in slots
        )
        return Part(
            section.key, section.kind, section.title(self.lang), section.help(self.lang), section.columns, entries
        )

    def _slot(self, entry: Field, name: str, value: Any, posted: Posted, found: "_Messages") -> Slot | None:
        """The field at `name`; None for one that this person may not see."""
        state = self.states.get(name) or self.states.get(entry.path)
        if state is not None and not state.shown:
            return None
        slot = self._bare(entry, name, value, posted)
        slot = replace(
            slot,
            visible=state.visible if state else True,
            readonly=not self.editable or (state.readonly if state else entry.read_only),
            required=state.required if state else entry.required,
            error=found.error_at(name),
            warning=found.warning_at(name),
        )
        if entry.columns and entry.several:
            return self._table(slot, posted, found)
        if entry.columns:
            inner = value if isinstance(value, Mapping) else {}
            cells = (
                self._slot(each, join(name, each.key), inner.get(each.key), posted, found)
                for each in entry.columns.values()
            )
            return replace(slot, members=tuple(cell for cell in cells if cell is not None))
        return slot

    def _bare(self, entry: Field, name: str, value: Any, posted: Posted) -> Slot:
        structured = bool(entry.columns)
        raw = posted.raws.get(name)
        return Slot(
            drawing=self,
            field=entry,
            name=name,
            id=identifier(name),
            value=value,
            raw=raw
            if raw is not None
            else ("" if value is None or structured else entry.type.typed(entry, value, self.lang, self.zone)),
            text="" if value is None or structured else entry.type.text(entry, value, self.lang, self.names, self.zone),
            label=entry.label(self.lang),
            help=entry.help(self.lang),
            placeholder=entry.placeholder(self.lang),
        )

    def _table(self, slot: Slot, posted: Posted, found: "_Messages") -> Slot:
        rows = [row for row in slot.value if isinstance(row, Mapping)] if isinstance(slot.value, list) else []
        editable = not slot.readonly
        count = (
            max(len(rows), posted.rows.get(slot.name, 0), self.blank_rows if editable else 0) if editable else len(rows)
        )
        filled = [*rows, *({} for _ in range(count - len(rows)))]
        drawn = tuple(self._row(slot, number, row, posted, found) for number, row in enumerate(filled))
        blank = self._row(slot, NEW_ROW, {}, Posted(), _Messages((), {}))
        return replace(slot, rows=drawn, blank=blank if editable else None, heads=blank.cells)

    def _row(self, slot: Slot, number: int | str, row: Mapping[str, Any], posted: Posted, found: "_Messages") -> Row:
        name = join(slot.name, number)
        cells = (
            self._slot(each, join(name, each.key), row.get(each.key), posted, found)
            for each in slot.field.columns.values()
        )
        shown = (replace(cell, readonly=cell.readonly or slot.readonly) for cell in cells if cell is not None)
        return Row(name, str(row.get(ROW, "")), tuple(shown))


class _Messages:
    """What is wrong, by the pointer of the field it is shown at."""

    def __init__(self, problems: Sequence[Problem], wrong: Mapping[str, str]) -> None:
        self.errors: dict[str, str] = dict(wrong)
        self.warnings: dict[str, str] = {}
        for problem in problems:
            kept = self.errors if problem.severity == "error" else self.warnings
            kept.setdefault(problem.pointer, problem.message)

    def error_at(self, name: str) -> str:
        return self.errors.get(name, "")

    def warning_at(self, name: str) -> str:
        return self.warnings.get(name, "")

    def in_order(self, slots: Mapping[str, Slot]) -> tuple[Problem, ...]:
        """Every error, in the order in which the page shows it."""
        order = {slot.name: number for number, slot in enumerate(each_slot(slots.values()))}
        ordered = sorted(self.errors.items(), key=lambda item: order.get(item[0], -1))
        return tuple(Problem(pointer, message) for pointer, message in ordered)

    def loose(self, slots: Mapping[str, Slot]) -> tuple[Problem, ...]:
        """Errors that belong to no field of the page: they stand above it."""
        known = {slot.name for slot in each_slot(slots.values())}
        return tuple(Problem(pointer, message) for pointer, message in self.errors.items() if pointer not in known)


def each_slot(slots: "Sequence[Slot] | Any") -> Iterator[Slot]:
    """All slots, each followed by those inside it, in the order of the page."""
    for slot in slots:
        yield slot
        yield from each_slot(slot.members)
        for row in slot.rows:
            yield from each_slot(row.cells)
