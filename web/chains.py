"""Choices with a structure of their own, ready to be drawn: a way down a tree step by step, and a grid of marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from formloom.form_engine.field_types.regions import DEPTHS, children, line_of, regions
from formloom.web.slots import Slot

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the way: what it offers, and what is chosen there ("" for nothing yet)."""

    options: tuple[Option, ...]
    chosen: str
    label: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines and columns of a grid, as (value, title), and the marks that are set, as `line=column`."""

    rows: tuple[Option, ...]
    columns: tuple[Option, ...]
    marks: frozenset[str]
    several: bool


def chain_of(slot: Slot) -> tuple[Level, ...]:
    """The steps of a cascading choice or a region: those that are chosen, and the next one; one at least."""
    if slot.field.type.macro == "region":
        return _regions(slot)
    return _cascade(slot)


def labels_of(slot: Slot) -> tuple[str, ...]:
    """What each step is called; fewer than there are steps where a form names no more."""
    if slot.field.type.macro == "region":
        return (_("Province"), _("City"), _("District"))
    return tuple(str(label) for label in slot.field.settings.get("labels", ()))


def below_region(code: str) -> tuple[Option, ...]:
    """The divisions below a region ("" for the provinces), as (code, name)."""
    return tuple((each, regions()[each]) for each in children().get(code, ()))


def _regions(slot: Slot) -> tuple[Level, ...]:
    chosen = line_of(slot.ids[-1]) if slot.ids else ()
    depth = DEPTHS[slot.field.settings.get("level", "district")]
    levels, labels = [], labels_of(slot)
    for position, above in enumerate(("", *chosen)[:depth]):
        options = below_region(above)
        if options:
            levels.append(Level(options, chosen[position] if position < len(chosen) else "", labels[position]))
    return tuple(levels)


def _cascade(slot: Slot) -> tuple[Level, ...]:
    way = tuple(text for given in slot.ids for text in given.split("/"))
    labels, nodes = labels_of(slot), slot.field.settings.get("tree", [])
    levels: list[Level] = []
    while nodes:
        position = len(levels)
        chosen = way[position] if position < len(way) else ""
        above = way[:position]
        options = tuple((node["value"], _title(slot, node, above)) for node in nodes)
        levels.append(Level(options, chosen, labels[position] if position < len(labels) else ""))
        node = next((node for node in nodes if node["value"] == chosen), None)
        nodes = (node or {}).get("children", [])
    return tuple(levels)


def _title(slot: Slot, node: Mapping[str, Any], above: tuple[str, ...]) -> str:
    own = str(node.get("title") or node["value"])
    return slot.field.texts.at("/".join((*slot.field.keys, *above, str(node["value"]))), own, slot.lang)


def tree_of(slot: Slot) -> list[dict[str, Any]]:
    """The whole tree of a cascading choice in the reader's language, for a module: `[{value, title, children}]`."""

    def told(nodes: Any, above: tuple[str, ...]) -> list[dict[str, Any]]:
        return [
            {
                "value": node["value"],
                "title": _title(slot, node, above),
                "children": told(node.get("children", ()), (*above, node["value"])),
            }
            for node in nodes
        ]

    return told(slot.field.settings.get("tree", ()), ())


def grid_of(slot: Slot) -> Grid:
    """A grid of choices."""
    settings, field = slot.field.settings, slot.field

    def titled(key: str) -> tuple[Option, ...]:
        return tuple((entry["value"], _title(slot, entry, ())) for entry in settings.get(key, ()))

    marks = frozenset(field.type.typed(field, slot.value)) if slot.value and slot.raw == "" else frozenset(slot.chosen)
    return Grid(titled("rows"), titled("columns"), marks, bool(settings.get("multiple")))
