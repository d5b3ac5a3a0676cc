"""Checks `x-form.translations`: every path must name something of the form, and says which text it is."""

from collections.abc import Iterator, Mapping
from typing import Any

from .build import every
from .form import Field, Section
from .pointers import join
from .report import Report

NUMBERED = ("rules", "unique", "capacity")


def paths_of(fields: Mapping[str, Field], layout: tuple[Section, ...], settings: Mapping[str, Any]) -> Iterator[str]:
    """Every path that a translation may have; `settings` is `x-form`."""
    yield from ("", ":help")
    for field in every(fields):
        path = "/".join(field.keys)
        yield from (path, f"{path}:help", f"{path}:placeholder")
        yield from (f"{path}/{choice.value}" for choice in field.choices)
        yield from (f"{path}/{name}" for name in field.type.parts(field.settings))
    for section in layout[: len(settings.get("layout", ()))]:  # the part that is added for left-out fields has no text
        yield from (section.key, f"{section.key}:help")
        yield from (entry.path for entry in section.content if not isinstance(entry, str))
    for key in NUMBERED:
        yield from (f"{key}/{index}" for index in range(len(settings.get(key, ()))))


def check_translations(known: set[str], languages: Mapping[str, Mapping[str, str]], report: Report) -> None:
    """Report every translation key that is none of the `known` paths."""
    for language, texts in languages.items():
        for path in texts:
            if path not in known:
                template = "“{path}” names nothing in this form.{hint}"
                pointer = join("/x-form/translations", language, path)
                report.error(pointer, template, path=path, hint=report.hint(path, known))
