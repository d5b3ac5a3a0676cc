"""When automations look at the calendar: dates in records, and schedules. A look only writes down what is to be run.

Each look covers the span since the last one, so that what fell due while nothing ran comes late and is not lost; each run
has a name made of automation, record and moment, so that several workers make it once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from formloom.platform import automating, definitions, leases
from formloom.platform.models import App, AutomationClock, AutomationRun, Record, new_id
from formloom.platform.models import Form as FormRow
from formloom.platform.queries.records import Filter, Query
from formloom.platform.records.seeing import selection_in
from formloom.platform.running import calendar_of
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine.automation import Automation
from formloom.workflow_engine.calendar import Calendar

BATCH = 200


def set_in(db: WorkspaceSession, caller: Caller, app_key: str, *, anew: str = "") -> None:
    """Let the clocks of an app be those that its automations need. A new one counts from now on, and so does that of the
    automation `anew`, which is started by something else than before; what is due on another is still made up for."""
    calendar, now = _calendar(db, caller), caller.now()
    wanted = {
        automation.key: look
        for automation in _automations(db, caller, app_key)
        if automation.enabled and (look := automation.triggers.next_look(now, calendar)) is not None
    }
    there = {
        clock.automation: clock
        for clock in db.scalars(select(AutomationClock).where(AutomationClock.app_key == app_key))
    }
    gone = [clock.id for key, clock in there.items() if key not in wanted]
    if gone:
        db.execute(delete(AutomationClock).where(AutomationClock.id.in_(gone)))
    for key, look in wanted.items():
        if key in there and key != anew:
            there[key].due_at = min(there[key].due_at, look)
            continue
        fresh = AutomationClock(workspace_id=caller.workspace_id, id=new_id(), app_key=app_key, automation=key)
        clock = there.get(key, fresh)
        clock.looked_at, clock.due_at, clock.attempts = now, look, 0
        db.add(clock)
    db.flush()


def _automations(db: WorkspaceSession, caller: Caller, app_key: str) -> list[Automation]:
    """The automations of an app that fit their forms; none while the app is deleted."""
    keys = db.scalars(select(FormRow.key).where(FormRow.app_key == app_key).order_by(FormRow.key)).all()
    published = definitions.published_all_in(db, caller, keys)
    return [automation for form in published for automation in form.automations]


def look(runtime: Runtime, row: AutomationClock, owner: str) -> None:
    """Write down everything that fell due since the last look, and when to look next; one transaction."""
    caller = caller_for(runtime, row.workspace_id)
    with caller.writing() as db:
        kept = leases.held(db, row, owner)
        if kept is None:
            return
        automation = next((a for a in _automations(db, caller, kept.app_key) if a.key == kept.automation), None)
        calendar, now = _calendar(db, caller), caller.now()
        following = automation.triggers.next_look(now, calendar) if automation is not None else None
        if automation is None or following is None or not automation.enabled:
            app = db.get(App, (caller.workspace_id, kept.app_key))
            if app is None or app.deleted_at is None:
                db.delete(kept)
                return
            following = now.replace(microsecond=0) + timedelta(hours=1)  # a deleted app may come back
        else:
            for run in _due(db, caller, automation, kept.looked_at, now, calendar):
                run.app_key = kept.app_key
                _add(db, caller, run)
        kept.looked_at, kept.due_at, kept.attempts = now, following, 0
        kept.lease_owner = kept.lease_until = None


def _add(db: WorkspaceSession, caller: Caller, run: AutomationRun) -> None:
    """Write a run down unless it was before."""
    if db.scalars(select(AutomationRun.id).where(AutomationRun.once == run.once)).first() is None:
        db.add(run)
        db.flush()
        db.nudge("automation", f"{caller.workspace_id}:{run.id}")


def _due(
    db: WorkspaceSession, caller: Caller, automation: Automation, since: datetime, until: datetime, calendar: Calendar
) -> Iterator[AutomationRun]:
    triggers = automation.triggers
    moment = triggers.schedule.latest(since, until, calendar) if triggers.schedule is not None else None
    if triggers.schedule is not None and moment is not None and not triggers.schedule.each:
        if automating.holds_in(db, caller, automation, {}, None):
            yield _run(caller, automation, "schedule", None, moment)
    elif moment is not None:
        for record in _records(db, caller, automation, []):
            yield _run(caller, automation, "schedule", record, moment)
    if triggers.date is not None:
        low, high = triggers.date.reach(since, until, calendar)
        whole = automation.form.fields[triggers.date.field].column == "date"
        span: list[Any] = [end.date().isoformat() if whole else end.isoformat() for end in (low, high)]
        for record in _records(db, caller, automation, [Filter(triggers.date.field, "between", span)]):
            due = triggers.date.due(record.document.get(triggers.date.field), calendar)
            if due is not None and since < due <= until:
                yield _run(caller, automation, "date", record, due)


def _records(db: WorkspaceSession, caller: Caller, automation: Automation, filters: list[Filter]) -> Iterator[Record]:
    """The records outside the bin that pass the filters and for which the automation's condition holds."""
    published = definitions.published_in(db, caller, automation.form.key)
    after = None
    while True:
        query = Query(filters=filters, after=after, limit=BATCH)
        selection = selection_in(db, caller.system(), published, query)
        if selection is None:
            return
        found, after = selection.page()
        for record in found:
            if automating.holds_in(db, caller, automation, record.document, record.created_by):
                yield record
        if after is None:
            return


def _run(caller: Caller, automation: Automation, kind: str, record: Record | None, moment: datetime) -> AutomationRun:
    """A run for one moment. Whoever made the record counts as having caused it."""
    ident = record.id if record is not None else ""
    once = f"{kind}:{automation.form.key}:{automation.key}:{ident}:{moment.astimezone(ZoneInfo('UTC')).isoformat()}"
    by = (record.created_by or "") if record is not None else ""
    return automating.new_run(caller, automation, kind, ident or None, by=by, once=once)


def _calendar(db: WorkspaceSession, caller: Caller) -> Calendar:
    return calendar_of(db.place)
