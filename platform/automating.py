"""Automations inside one transaction: what happened is followed before the commit.

Which automations a happening starts, and which limit holds a run back. What a run does is automation_runs.py's; what its
actions change is followed in turn, to a depth.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from formloom.form_engine import logic
from formloom.platform import definitions
from formloom.platform.automation_runs import PARKED, WAITING, run_in
from formloom.platform.happenings import FOLLOWING, NOTED, Happening
from formloom.platform.language import gettext
from formloom.platform.models import AutomationRun, Record, new_id
from formloom.platform.runtime import Caller
from formloom.platform.services import records
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine.automation import Automation, Happened


def follow_in(db: WorkspaceSession) -> None:
    """Run what the happenings noted in this transaction start, and what that starts in turn, until nothing is left."""
    db.memo[FOLLOWING] = True
    noted: dict[tuple[str, int], Happening] = db.memo.get(NOTED, {})
    try:
        while noted:
            happening = noted.pop(next(iter(noted)))
            for automation, kind in _started_by(db, happening):
                begin_in(
                    db, happening.caller, automation, happening.record, kind, by=happening.by, depth=happening.depth
                )
    finally:
        del db.memo[FOLLOWING]


def begin_in(
    db: WorkspaceSession,
    caller: Caller,
    automation: Automation,
    record: Record,
    kind: str,
    *,
    by: str | None = None,
    depth: int = 0,
) -> AutomationRun:
    """Run an automation over a record here and now, unless a limit holds it back; either is in the log."""
    who = by if by is not None else caller.member_id or ""
    row = new_run(caller, automation, kind, record.id, by=who, depth=depth)
    held_back = _held_back(db, caller, row)
    db.add(row)
    db.flush()
    if not held_back:
        run_in(db, caller.system(), row)
    return row


def _started_by(db: WorkspaceSession, happening: Happening) -> list[tuple[Automation, str]]:
    """The automations that a happening starts, each once, with what started it."""
    published = definitions.published_in(db, happening.caller, happening.form_key)
    document, before = happening.record.document, happening.before
    changed = frozenset(key for key in {**before, **document} if before.get(key) != document.get(key))
    facts = []
    for what in happening.what:
        if what == "updated" and ("created" in happening.what or not changed):
            continue
        facts.append(Happened(what, changed, happening.record.status or ""))
    found: dict[str, tuple[Automation, str]] = {}
    for fact in facts:
        for automation in published.automations:
            if automation.takes(fact) and _holds(db, happening.caller, automation, happening.record):
                found.setdefault(automation.key, (automation, fact.kind))
    return list(found.values())


def _holds(db: WorkspaceSession, caller: Caller, automation: Automation, record: Record) -> bool:
    return holds_in(db, caller, automation, record.document, record.created_by)


def holds_in(
    db: WorkspaceSession, caller: Caller, automation: Automation, document: Mapping[str, Any], member: str | None
) -> bool:
    """Whether an automation's condition holds for a document; one that can't be computed does not."""
    facts = logic.Moment(caller.now(), caller.workspace_zone, member, records.lookup_in(db, caller))
    try:
        return automation.holds(document, facts)
    except logic.LogicError:
        return False


def new_run(
    caller: Caller,
    automation: Automation,
    kind: str,
    record_id: str | None,
    *,
    by: str = "",
    depth: int = 0,
    once: str | None = None,
) -> AutomationRun:
    """A run that is still to begin."""
    row = AutomationRun(workspace_id=caller.workspace_id, id=new_id(), automation=automation.key, form_key="")
    row.once, row.kind, row.by, row.depth, row.record_id = once, kind, by, depth, record_id
    row.document, row.form_key = dict(automation.document), automation.form.key
    row.status, row.attempts, row.events = WAITING, 0, []
    row.created_at = row.due_at = caller.now()
    row.request_id = caller.request_id
    row.app_key = ""
    return row


def _held_back(db: WorkspaceSession, caller: Caller, row: AutomationRun) -> bool:
    """Whether a limit holds the run back; it is kept then, and an admin may try it again."""
    settings = caller.runtime.settings
    row.app_key = definitions.published_in(db, caller, row.form_key).app_key
    if row.depth >= settings.automation_depth:
        sentence = "Automations started automations more than {count} deep."
        row.error = gettext(caller.lang, sentence, count=settings.automation_depth)
    else:
        lately = select(func.count()).select_from(AutomationRun).where(
            AutomationRun.app_key == row.app_key,
            AutomationRun.automation == row.automation,
            AutomationRun.created_at > caller.now() - timedelta(hours=1),
        )  # fmt: skip
        if db.scalars(lately).one() >= settings.automation_runs:
            sentence = "It was started more than {count} times within an hour."
            row.error = gettext(caller.lang, sentence, count=settings.automation_runs)
    if row.error is not None:
        row.status, row.ended_at = PARKED, caller.now()
    return row.error is not None
