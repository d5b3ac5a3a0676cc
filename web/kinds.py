"""The macros that draw one kind of field, found by the name that its type gives (`FieldType.macro`).

`templates/components/fields/<macro>.html` has `edit`, `read` and, where a cell of a list needs something shorter, `cell`, with
what then stands at the head of its column, `unit`;
`frame` ("label", "group", "radiogroup"; `frame_of` where it depends on the settings), `wide`, `numeric`, `total` (its sum is
worth a box of its own) and `hint` say what stands around it. A type that names none that we have is drawn as a text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

Macro = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """The macros of one kind of field. `frame(slot)` says what stands around its input."""

    edit: Macro
    read: Macro
    cell: Macro
    hint: Macro
    unit: Macro
    frame: Callable[[Any], str]
    wide: bool
    numeric: bool
    total: bool


def finder(environment: Environment) -> Callable[[str], Kind]:
    """A function that gives the kind of a name; each template is read once."""
    known: dict[str, Kind] = {}

    def field_kind(name: str) -> Kind:
        if name not in known:
            known[name] = _kind(environment, name)
        return known[name]

    return field_kind


def _nothing(slot: Any) -> str:
    return ""


def _kind(environment: Environment, name: str) -> Kind:
    names = [f"components/fields/{name}.html", "components/fields/text.html"]
    module: Any = environment.get_or_select_template(names).module
    fixed = str(getattr(module, "frame", "label"))
    depends = getattr(module, "frame_of", None)
    return Kind(
        edit=module.edit,
        read=module.read,
        cell=getattr(module, "cell", module.read),
        hint=getattr(module, "hint", _nothing),
        unit=getattr(module, "unit", _nothing),
        frame=(lambda slot: str(depends(slot))) if depends else (lambda slot: fixed),
        wide=bool(getattr(module, "wide", False)),
        numeric=bool(getattr(module, "numeric", False)),
        total=bool(getattr(module, "total", False)),
    )
