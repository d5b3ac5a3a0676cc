"""A workspace as every use case needs it: its language, its zone, its working time; a value, read without the ORM."""

from dataclasses import dataclass, fields
from typing import Any

from formloom.platform.models import Workspace, table_of


@dataclass(frozen=True, slots=True)
class Place:
    """The columns of `Workspace` that are asked for again and again (see there)."""

    id: int
    name: str
    zone: str
    language: str
    country: str | None
    hours: list[Any] | None
    demo: bool
    people_version: int


COLUMNS = tuple(table_of(Workspace).c[field.name] for field in fields(Place))
"""What a query selects so that `Place(*row)` is one."""
