"""The small picture of a form on a gallery card: where each box and word stands in an SVG of 280 × 128.

Drawn from the form itself, so that no template needs a picture of its own. SVG breaks no lines and cuts no words, so
both are done here, by the usual widths of Latin and Chinese letters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formloom.form_engine.form import Field, Form, Option
from formloom.form_engine.names import Names

from .outline import OutlineStep, flat

LEFT, RIGHT, TOP, ROW, BOX = 14, 266, 42, 38, 18
GUTTER = 12
ROWS = 3
PATH_WIDTH = 112


@dataclass(frozen=True, slots=True)
class Pill:
    """One option of a choice; `on` is the chosen one."""

    x: int
    width: int
    text: str
    on: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A field: its label at (x, y), and below it a box `width` wide with its value, or pills."""

    x: int
    y: int
    width: int
    label: str
    value: str
    computed: bool = False
    pills: tuple[Pill, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the workflow beside the form: a dot at (x, y) with its name."""

    x: int
    y: int
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What the macro `form_picture` draws."""

    title: str
    cells: tuple[Cell, ...]
    stops: tuple[Stop, ...]


def picture(
    form: Form, record: Mapping[str, Any], lang: str, names: Names, steps: Sequence[OutlineStep] = ()
) -> Picture:
    """The picture of a form filled with a record (its fields' samples where the record has none).

    `names` answers ids as the field types' `text` asks it to; `steps` are those of the form's workflow.
    """
    stops = _stops(steps)
    right, columns = (RIGHT - PATH_WIDTH, 1) if stops else (RIGHT, 2)
    keys = [key for section in form.layout for key in section.fields]
    fields = [form.fields[key] for key in keys if _tells(form.fields[key], record)]
    return Picture(
        title=fit(form.title(lang), RIGHT - LEFT, 9),
        cells=tuple(_cells(fields, record, lang, names, right, columns)),
        stops=stops,
    )


def _tells(field: Field, record: Mapping[str, Any]) -> bool:
    """Whether a field says something in a picture: no table, and nothing that is filled by itself and empty here."""
    return not field.columns and (field.key in record or not field.type.derived)


def _cells(
    fields: Sequence[Field], record: Mapping[str, Any], lang: str, names: Names, right: int, columns: int
) -> list[Cell]:
    """As many rows as fit; beside the steps of a workflow one field a row, else two."""
    width = (right - LEFT - GUTTER * (columns - 1)) // columns
    return [
        _cell(
            field,
            record,
            lang,
            names,
            LEFT + (index % columns) * (width + GUTTER),
            TOP + (index // columns) * ROW,
            width,
        )
        for index, field in enumerate(fields[: columns * ROWS])
    ]


def _cell(field: Field, record: Mapping[str, Any], lang: str, names: Names, x: int, y: int, width: int) -> Cell:
    value = record.get(field.key, field.type.sample(field))
    label = fit(field.label(lang), width, 7.5)
    options = field.options(lang)
    pills = _pills(options, value, x, width) if 2 <= len(options) <= 3 else ()
    words = "" if pills or value is None else str(field.type.text(field, value, lang, names))
    return Cell(x, y, width, label, fit(words, width - 12, 8), computed=field.compute is not None, pills=pills)


def _pills(options: Sequence[Option], value: object, x: int, width: int) -> tuple[Pill, ...]:
    """The options side by side; () when a word would be cut, because then a box with the value says more."""
    gap = 4
    each = (width - gap * (len(options) - 1)) // len(options)
    if any(measure(option.label, 7.5) > each - 8 for option in options):
        return ()
    chosen = value if any(option.value == value for option in options) else options[0].value
    return tuple(
        Pill(x + index * (each + gap), each, option.label, option.value == chosen)
        for index, option in enumerate(options)
    )


def _stops(steps: Sequence[OutlineStep]) -> tuple[Stop, ...]:
    """The first three steps at which a person does something: one done, one under way, the rest ahead."""
    people = [step for step in flat(steps) if step.type in ("approval", "fill")][:ROWS]
    states = ("done", "now", "later")
    x = RIGHT - PATH_WIDTH + 22
    return tuple(
        Stop(x, TOP + index * 32, fit(step.title, RIGHT - x - 10, 8), states[index])
        for index, step in enumerate(people)
    )


def measure(text: str, size: float) -> float:
    """About how wide a text is at a font size, in the same units: a Chinese letter is a square, a Latin one half."""
    return sum(size if ord(letter) >= 0x2E80 else size * 0.54 for letter in text)


def fit(text: str, width: float, size: float) -> str:
    """The text, cut with an ellipsis where it would be wider than `width`."""
    if measure(text, size) <= width:
        return text
    while text and measure(text, size) + size > width:
        text = text[:-1]
    return text.rstrip() + "…"
