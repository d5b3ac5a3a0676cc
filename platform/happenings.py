"""What happened to records in one transaction, noted while it runs, for automations to follow before its commit.

Several changes of one record are one happening. Whoever changes records only notes; who follows is automating.py, which
is asked once, at the end, when processes have ended and everything else is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from formloom.platform.definitions import PublishedForm
from formloom.platform.models import Record
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession

NOTED, DEPTH, FOLLOWING = "happenings", "automation depth", "automations follow"
What = Literal["created", "updated", "deleted", "status"]


@dataclass(slots=True)
class Happening:
    """What happened to one record. `before` is its document when the first of it happened; `by` who did it."""

    caller: Caller
    record: Record
    form_key: str
    before: Mapping[str, Any]
    depth: int
    by: str
    what: list[What] = field(default_factory=list)


def note(
    db: WorkspaceSession,
    caller: Caller,
    published: PublishedForm,
    record: Record,
    what: What,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Note that something happened to a record; nothing where its form has no automation, or history is played back."""
    if caller.quiet or not published.automations:
        return
    noted: dict[tuple[str, int], Happening] = db.memo.setdefault(NOTED, {})
    if not noted and FOLLOWING not in db.memo:
        db.at_end(lambda: import_module("formloom.platform.automating").follow_in(db))
    depth = db.memo.get(DEPTH, 0)
    known = before if before is not None else record.document
    happening = noted.setdefault(
        (record.id, depth), Happening(caller, record, published.key, known, depth, caller.member_id or "")
    )
    happening.by = happening.by or caller.member_id or ""
    if what not in happening.what:
        happening.what.append(what)
