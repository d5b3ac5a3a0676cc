"""What a drawn form is made of: sections, fields with all that stands at them, rows of tables. Templates only write it out.

The same values serve a form being filled, a record being read and a preview in the designer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from formloom.form_engine.field_types.base import Raw
from formloom.form_engine.form import Field, Form, Item, Option


@dataclass(frozen=True, slots=True)
class Pick:
    """One option as an input carries it; one that is not `offered` now is there for a module to show."""

    raw: str
    label: str
    color: str = ""
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a search: of a member, a department, a record."""

    value: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a field was before, as people read it; "" for a blank."""

    was: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: `name` begins those of its inputs, `key` is its `_row` ("" for a new one)."""

    name: str
    key: str
    cells: tuple["Slot", ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One field as it is drawn. `name` is that of its input, `raw` what stands in it, `text` what people read.

    `rows`, `blank` (a row to be added; None: the rows stay as they are) and `heads` are a table's, `members` a group's. `say` writes a value of the field
    as people read it.
    """

    field: Field
    name: str
    id: str
    value: Any
    raw: Raw
    text: str
    label: str
    lang: str
    say: Callable[[Any], str]
    visible: bool = True
    readonly: bool = False
    required: bool = False
    error: str = ""
    warning: str = ""
    offered: frozenset[Any] | None = None
    rows: tuple[Row, ...] = ()
    blank: Row | None = None
    heads: tuple["Slot", ...] = ()
    members: tuple["Slot", ...] = ()
    finds: tuple[Found, ...] = ()
    changed: Change | None = None

    @property
    def help(self) -> str:
        """The sentence under the input."""
        return self.field.help(self.lang)

    @property
    def placeholder(self) -> str:
        """What stands greyed in the empty input."""
        return self.field.placeholder(self.lang)

    @property
    def described(self) -> str:
        """The id of what describes the input to a screen reader: its error, else its help."""
        if self.error or self.warning:
            return f"{self.id}-error"
        return f"{self.id}-help" if self.help else ""

    @property
    def filled(self) -> bool:
        """Whether there is something to read."""
        return self.value not in (None, "", [], {})

    @property
    def chosen(self) -> tuple[str, ...]:
        """The texts that stand in its inputs: of a choice, the chosen options."""
        return (self.raw,) if isinstance(self.raw, str) else tuple(self.raw)

    @property
    def on(self) -> bool:
        """Whether a switch is on, as typed or as stored."""
        return self.chosen[-1:] == ("true",)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids it holds, as typed or as stored."""
        return tuple(text for text in self.chosen if text)

    @property
    def picks(self) -> tuple[Pick, ...]:
        """Its options as inputs carry them."""
        options = self.field.options(self.lang)
        return tuple(Pick(self._carried(each), each.label, each.color, self._offered(each)) for each in options)

    @property
    def picked(self) -> tuple[Pick, ...]:
        """Its chosen options; a value that is no option any more stands for itself."""
        known = {pick.raw: pick for pick in self.picks}
        return tuple(known.get(raw, Pick(raw, raw)) for raw in self.ids)

    @property
    def divider(self) -> str:
        """What stands between the entries of a list."""
        return "、" if self.lang.startswith("zh") else ", "

    @property
    def format(self) -> dict[str, str]:
        """For a module that writes a computed value: what 0, on and off are written as."""
        match self.field.logic.kind:
            case "number":
                return {"data-zero": self.say(0)}
            case "switch":
                return {"data-on": self.say(True), "data-off": self.say(False)}
        return {}

    def sum_of(self, key: str) -> str:
        """The sum of a column of a table, as its field writes it."""
        cells = [cell for row in self.rows for cell in row.cells if cell.field.key == key]
        total = sum((Decimal(repr(cell.value)) for cell in cells if isinstance(cell.value, int | float)), Decimal(0))
        return cells[0].say(float(total)) if cells else ""

    def called(self, one: str) -> str:
        """The name of one of the things it points at."""
        return self.say([one] if self.field.several else one)

    def _carried(self, option: Option) -> str:
        typed = self.field.type.typed(self.field, [option.value] if self.field.several else option.value)
        return typed if isinstance(typed, str) else typed[0]

    def _offered(self, option: Option) -> bool:
        return self.offered is None or option.value in self.offered


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
    def groups(self) -> list[tuple[Item | None, list[Slot]]]:
        """Its fields under the headings that stand between them (None: before the first); no heading without a field."""
        groups: list[tuple[Item | None, list[Slot]]] = [(None, [])]
        for entry in self.entries:
            if isinstance(entry, Slot):
                groups[-1][1].append(entry)
            elif entry.kind == "heading":
                groups.append((entry, []))
        return [group for group in groups if group[1]]

    def names(self, slot: Slot) -> bool:
        """Whether the heading says already what `slot` is: they are called the same, and nothing else in it is typed."""
        return slot.label == self.title and all(each is slot or each.field.read_only for each in self.slots)

    @property
    def shown(self) -> bool:
        """Whether there is anything in it to see."""
        return any(not isinstance(entry, Slot) or entry.visible for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A whole form as it is drawn. `wrong` are its fields that are, in the order of the page; `loose` what else is wrong."""

    form: Form
    parts: tuple[Part, ...]
    wrong: tuple[Slot, ...] = ()
    loose: tuple[str, ...] = ()
    slots: Mapping[str, Slot] = field(default_factory=dict)

    @property
    def stepped(self) -> bool:
        """Whether it is a wizard."""
        return any(part.kind == "step" for part in self.parts)

    @property
    def tabbed(self) -> bool:
        """Whether parts of it stand behind tabs."""
        return any(part.kind == "tab" for part in self.parts)


def each_slot(slots: Iterable[Slot]) -> Iterator[Slot]:
    """All slots, each followed by those inside it, in the order of the page."""
    for slot in slots:
        yield slot
        yield from each_slot(slot.members)
        for row in slot.rows:
            yield from each_slot(row.cells)
