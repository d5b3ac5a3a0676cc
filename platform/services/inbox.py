"""What waits for somebody, what they started, what they decided, and what they were told of: four boxes, paged by key.

A request that came back to its initiator waits for them like a task does. A card says what one needs to tell three
requests apart: the title, who and when, and the first amounts and dates of the record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select

from formloom.form_engine.record import content_hash
from formloom.platform import cards, definitions, organisation, process_rows, running
from formloom.platform.cards import Fact
from formloom.platform.models import Notification, Process, Record, Task
from formloom.platform.paging import Page, mark_at, newest, page
from formloom.platform.runtime import Caller
from formloom.platform.services import delegations
from formloom.platform.transactions import WorkspaceSession

Only = Literal["", "overdue", "urged", "running", "ended"]
NOTICE = literal_column("'notice'")
"""Not a parameter: there is an index of the notices alone."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One card. `at` is when it came into the box; `task_id` is None where there is nothing to decide.

    `kind`: approval, fill, returned (it is with its initiator again), started, decided, notice. `action` is what the
    caller decided, `holders` are the names of those who have it now, `changes` counts the fields that changed since the
    last round, `on_behalf` names whose task it is, if it is another's; `content_hash` is that of the content the card was
    made of, and goes with a decision.
    """

    kind: str
    task_id: str | None
    process_id: str
    record_id: str
    form_key: str
    app_key: str
    title: str
    form: str
    step: str
    initiator_id: str
    initiator: str
    at: datetime
    due_at: datetime | None
    late: bool
    urged: bool
    status: str
    action: str
    holders: tuple[str, ...]
    facts: tuple[Fact, ...]
    changes: int
    on_behalf: str
    content_hash: str
    mark: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cards are in the boxes that are counted."""

    todo: int
    overdue: int


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    at: datetime
    ident: str
    process: Process
    record: Record
    task: Task | None = None


def counts(caller: Caller) -> Counts:
    """How many things wait for the caller."""
    with caller.reading() as db:
        mine = _of(db, caller)
        tasks = _alive(select(func.count(), func.count().filter(Task.due_at < caller.now())).select_from(Task), Task)
        waiting, overdue = db.execute(tasks.where(Task.status == "open", mine)).one()
        back = _alive(select(func.count()).select_from(Process), Process)
        back = back.where(Process.initiator_id == caller.member_id, Process.returned_at.is_not(None))
        return Counts(waiting + db.scalars(back).one(), overdue)


def todo(
    caller: Caller,
    *,
    text: str = "",
    form_key: str | None = None,
    only: Only = "",
    after: str | None = None,
    limit: int = 30,
) -> Page[InboxRow]:
    """What waits for the caller, the newest first: their tasks, those of who delegated to them, and what came back."""
    now = caller.now()
    extra = {"overdue": Task.due_at < now, "urged": Task.urged_at.is_not(None)}.get(only)
    with caller.reading() as db:
        tasks = _alive(_with_process(select(Task, Process, Record)), Task)
        tasks = tasks.where(Task.status == "open", _of(db, caller), *_asked(text, form_key))
        tasks = tasks.where(extra) if extra is not None else tasks
        found = [
            _Found(task.kind, task.opened_at, task.id, process, record, task)
            for task, process, record in db.execute(newest(tasks, Task.opened_at, Task.id, after, limit))
        ]
        if extra is None:
            found += _returned(db, caller, text, form_key, after, limit)
        found.sort(key=lambda one: (one.at, one.ident), reverse=True)
        return _page(db, caller, found, limit)


def titles(caller: Caller, tasks: Iterable[str]) -> dict[str, str]:
    """What the requests of these tasks are called, for those that are or were the caller's to decide."""
    with caller.reading() as db:
        wanted = set(tasks)
        own = (Task.process_id.in_({process_rows.split_task_id(task)[0] for task in wanted}), Task.id.in_(wanted))
        query = _alive(_with_process(select(Task, Process, Record)), Task).where(*own, _of(db, caller))
        found = db.execute(query).all()
        pinned = {process.id: running.pinned_in(db, caller, process) for _, process, _ in found}
        shown = [(pinned[process.id].form, record.document) for _, process, record in found]
        names = cards.names_for(db, caller, shown)
        return {task.id: cards.title_of(pinned[process.id], record, caller, names) for task, process, record in found}


def _returned(
    db: WorkspaceSession, caller: Caller, text: str, form_key: str | None, after: str | None, limit: int
) -> list[_Found]:
    back = _alive(select(Process, Record), Process).where(
        Process.initiator_id == caller.member_id, Process.returned_at.is_not(None), *_asked(text, form_key)
    )
    rows = db.execute(newest(back, Process.returned_at, Process.id, after, limit))
    return [_Found("returned", process.returned_at, process.id, process, record) for process, record in rows]


def started(
    caller: Caller,
    *,
    text: str = "",
    form_key: str | None = None,
    only: Only = "",
    after: str | None = None,
    limit: int = 30,
) -> Page[InboxRow]:
    """What the caller submitted, the newest first; `only` running or ended."""
    query = _alive(select(Process, Record), Process).where(
        Process.initiator_id == caller.member_id, *_asked(text, form_key)
    )
    if only in ("running", "ended"):
        query = query.where(Process.outcome.is_(None) if only == "running" else Process.outcome.is_not(None))
    with caller.reading() as db:
        rows = db.execute(newest(query, Process.started_at, Process.id, after, limit))
        found = [_Found("started", process.started_at, process.id, process, record) for process, record in rows]
        return _page(db, caller, found, limit)


def done(
    caller: Caller, *, text: str = "", form_key: str | None = None, after: str | None = None, limit: int = 30
) -> Page[InboxRow]:
    """What the caller decided, the latest first."""
    query = _alive(_with_process(select(Task, Process, Record)), Task)
    query = query.where(Task.status == "decided", Task.closed_by == caller.member_id, *_asked(text, form_key))
    with caller.reading() as db:
        found = [
            _Found("decided", task.closed_at, task.id, process, record, task)
            for task, process, record in db.execute(newest(query, Task.closed_at, Task.id, after, limit))
        ]
        return _page(db, caller, found, limit)


def copied(
    caller: Caller, *, text: str = "", form_key: str | None = None, after: str | None = None, limit: int = 30
) -> Page[InboxRow]:
    """What the caller was told of by a workflow, the latest first."""
    query = select(Notification, Process, Record).join(
        Process, and_(Process.workspace_id == Notification.workspace_id, Process.id == Notification.process_id)
    )
    query = _alive(query, Process).where(
        Notification.member_id == caller.member_id, Notification.kind == NOTICE, *_asked(text, form_key)
    )
    with caller.reading() as db:
        rows = db.execute(newest(query, Notification.created_at, Notification.id, after, limit))
        found = [_Found("notice", told.created_at, told.id, process, record) for told, process, record in rows]
        return _page(db, caller, found, limit)


def _of(db: WorkspaceSession, caller: Caller) -> ColumnElement[bool]:
    """The tasks that the caller may decide: their own, and those of who delegated to them."""
    return Task.member_id.in_([caller.member_id or "", *delegations.delegators_in(db, caller)])


def _with_process(query: Select[Any]) -> Select[Any]:
    return query.join(Process, and_(Process.workspace_id == Task.workspace_id, Process.id == Task.process_id))


def _alive(query: Select[Any], of: type[Task] | type[Process]) -> Select[Any]:
    """With its record, unless that is in the bin."""
    joined = query.join(Record, and_(Record.workspace_id == of.workspace_id, Record.id == of.record_id))
    return joined.where(Record.deleted_at.is_(None))


def _asked(text: str, form_key: str | None) -> list[ColumnElement[bool]]:
    wanted = [Record.form_key == form_key] if form_key else []
    if text.strip():
        wanted.append(Record.title.icontains(text.strip(), autoescape=True))
    return wanted


def _page(db: WorkspaceSession, caller: Caller, found: Sequence[_Found], limit: int) -> Page[InboxRow]:
    shown = page(found, limit, lambda one: mark_at(one.at, one.ident))
    holders = _holders(db, [one.process.id for one in shown.rows])
    pinned = {one.process.id: running.pinned_in(db, caller, one.process) for one in shown.rows}
    names = cards.names_for(db, caller, [(pinned[one.process.id].form, one.record.document) for one in shown.rows])
    rows = [_row(caller, one, pinned[one.process.id], names, holders.get(one.process.id, ())) for one in shown.rows]
    return Page(tuple(rows), shown.after)


def _holders(db: WorkspaceSession, processes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    query = select(Task.process_id, Task.member_id).where(Task.process_id.in_(set(processes)), Task.status == "open")
    held: dict[str, tuple[str, ...]] = {}
    for process_id, member in db.execute(query.order_by(Task.opened_at, Task.id)):
        held[process_id] = tuple(dict.fromkeys((*held.get(process_id, ()), member)))
    return held


def _row(
    caller: Caller,
    one: _Found,
    published: definitions.PublishedForm,
    names: organisation.WorkspaceNames,
    holders: Sequence[str],
) -> InboxRow:
    process, record, task, workflow = one.process, one.record, one.task, published.workflow
    step = workflow.title(task.step_id, caller.lang) if workflow and task and task.step_id in workflow.steps else ""
    hidden = cards.hidden_fields(
        caller, published, names.organisation.directory, record, task.step_id if task else None
    )
    before = process.last_round or record.document
    due = task.due_at if task is not None and task.status == "open" else None
    return InboxRow(
        kind=one.kind,
        task_id=task.id if task is not None and task.status == "open" else None,
        process_id=process.id,
        record_id=record.id,
        form_key=record.form_key,
        app_key=published.app_key,
        title=cards.title_of(published, record, caller, names),
        form=published.form.title(caller.lang),
        step=step,
        initiator_id=process.initiator_id,
        initiator=names.member(process.initiator_id),
        at=one.at,
        due_at=due,
        late=due is not None and due < caller.now(),
        urged=task is not None and task.urged_at is not None and task.status == "open",
        status="returned" if process.returned_at is not None else process.outcome or "running",
        action=task.action or "" if task is not None else "",
        holders=tuple(names.member(member) for member in holders),
        facts=cards.facts(published.form, record.document, caller, names, hidden),
        changes=sum(before.get(k) != record.document.get(k) for k in published.form.fields if k not in hidden),
        on_behalf=names.member(task.member_id) if task is not None and task.member_id != caller.member_id else "",
        content_hash=content_hash(record.document),
        mark=mark_at(one.at, one.ident),
    )
