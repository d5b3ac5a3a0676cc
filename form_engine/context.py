"""What is passed in beside a record: when, where, in which language, for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .logic import Lookup

Access = Literal["hidden", "read", "edit", "required"]
Accesses = Mapping[str, Access]


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of one settling of a record.

    `now` is aware; `zone` the workspace's (in it `today` is reckoned); `lookup(link, id, field)` reads a field of a linked
    record; `member` is who is at work. `system`: no person fills this in (an action, an import, the command line), so
    that fields which people only read may be given, too.
    """

    now: datetime
    zone: str = "UTC"
    lang: str = "en"
    lookup: Lookup | None = None
    member: str | None = None
    system: bool = False


def access_of(access: Accesses | None, key: str) -> Access:
    """What may be done with a field: what is said of it, else of `*` (all others), else everything."""
    if access is None:
        return "edit"
    return access.get(key) or access.get("*", "edit")
