"""A request as its page shows it: how far it is, who has it and since when, what the caller can do, what has changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from formloom.form_engine.record import Accesses, content_hash
from formloom.platform import cards, definitions, process_rows, running
from formloom.platform.changes import FieldChange, changed_fields
from formloom.platform.errors import NotFound
from formloom.platform.models import Process, Record
from formloom.platform.organisation import WorkspaceNames
from formloom.platform.runtime import Caller
from formloom.platform.services import delegations, records
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import offers
from formloom.workflow_engine.blocking import Waiting, waiting
from formloom.workflow_engine.path import PathStep, path
from formloom.workflow_engine.state import OpenTask, State
from formloom.workflow_engine.tree import Step


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task that is open. `step` is its title; `kind` approval or fill."""

    id: str
    step_id: str
    step: str
    kind: str
    member_id: str
    member: str
    opened_at: datetime
    due_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class MyTask:
    """A task that the caller may decide: what the step offers, where it may go back to, and which fields it lets one edit.

    `targets` are pairs of a step id and its title, and ("initiator", None). `on_behalf` names whose task it is, if it is
    another's. `access` is what may be done with each field; `"*"` names all others.
    """

    task: TaskView
    actions: tuple[str, ...]
    targets: tuple[tuple[str, str | None], ...]
    access: Accesses
    on_behalf: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request. `status` is running, returned (it is with its initiator) or how it ended.

    `path` has every step done and ahead (the engine's own, with member ids); `waiting` says why it stands where it does,
    since when, and who can move it; `changes` is what differs from the last round; `content_hash` goes with a decision.
    `steps` (for admins) are all steps that it can be put at. `started` are the running requests that it has started and
    that the caller sees, as title and address; `starts` are the steps that wait for such.
    """

    process_id: str
    record_id: str
    form_key: str
    app_key: str
    title: str
    form: str
    status: str
    initiator_id: str
    initiator: str
    started_at: datetime
    ended_at: datetime | None
    path: tuple[PathStep, ...]
    waiting: tuple[Waiting, ...]
    open_tasks: tuple[TaskView, ...]
    mine: tuple[MyTask, ...]
    changes: tuple[FieldChange, ...]
    content_hash: str
    can_withdraw: bool
    can_resubmit: bool
    can_urge: bool
    can_help: bool
    steps: tuple[tuple[str, str], ...]
    started: tuple[tuple[str, str], ...] = ()
    starts: frozenset[str] = frozenset()


def process_of(task_id: str) -> str:
    """The id of the process that a task belongs to."""
    return process_rows.split_task_id(task_id)[0]


def request(caller: Caller, process_id: str) -> RequestView:
    """Everything that the page of a request shows.

    Raises:
        NotFound: there is no such request, or none that the caller sees.
    """
    with caller.reading() as db:
        process = running.load(db, caller, process_id, lock=False)
        records.require_visible_in(db, caller, process.record, process.published)
        names = cards.names_for(db, caller, [(process.published.form, process.record.document)])
        return _view(db, caller, process, names)


def _view(db: WorkspaceSession, caller: Caller, process: running.Running, names: WorkspaceNames) -> RequestView:
    row, record, published, state = process.row, process.record, process.published, process.state
    assert state is not None
    live = (process.workflow.steps.get(visit.step) for visit in state.visits.values())
    starts = frozenset(step.id for step in live if step is not None and step.type.name == "subprocess")
    member, workflow, form = caller.member_id or "", process.workflow, published.form
    open_tasks = {task.id: _task(caller, process, task, names) for task in state.open_tasks}
    mine = _mine(db, caller, process, state, open_tasks, names)
    hidden = cards.hidden_fields(caller, published, names.organisation.directory, record, None)
    for each in mine:
        step = each.task.step_id
        hidden |= cards.hidden_fields(caller, published, names.organisation.directory, record, step)
    return RequestView(
        process_id=row.id,
        record_id=record.id,
        form_key=record.form_key,
        app_key=published.app_key,
        title=cards.title_of(published, record, caller, names),
        form=form.title(caller.lang),
        status="returned" if state.back is not None else state.outcome or "running",
        initiator_id=row.initiator_id,
        initiator=names.member(row.initiator_id),
        started_at=row.started_at,
        ended_at=row.ended_at,
        path=_path(db, process, state, hidden),
        waiting=waiting(workflow, state, names.organisation.directory, caller.lang),
        open_tasks=tuple(open_tasks.values()),
        mine=tuple(mine),
        changes=changed_fields(
            form,
            row.last_round or record.document,
            record.document,
            caller.lang,
            names,
            hidden=hidden,
            zone=caller.zone,
        ),
        content_hash=content_hash(record.document),
        can_withdraw=offers.may_withdraw(workflow, state, member),
        can_resubmit=offers.may_resubmit(state, member),
        can_urge=row.initiator_id == member and bool(open_tasks),
        can_help=caller.admin and state.outcome is None,
        started=_started(db, caller, row.id) if starts else (),
        starts=starts,
        steps=tuple((step.id, workflow.title(step.id, caller.lang)) for step in workflow.in_order() if caller.admin),
    )


def _started(db: WorkspaceSession, caller: Caller, process_id: str) -> tuple[tuple[str, str], ...]:
    """Titles and pages of the requests that this one waits for, as far as the caller sees them and their apps are there."""
    query = (
        select(Record)
        .join(Process, (Process.workspace_id == Record.workspace_id) & (Process.record_id == Record.id))
        .where(Process.parent_id == process_id, Process.outcome.is_(None), Record.deleted_at.is_(None))
        .order_by(Process.id)
    )
    seen = []
    for record in db.scalars(query).all():
        try:
            published = definitions.published_in(db, caller, record.form_key)
            records.require_visible_in(db, caller, record, published)
        except NotFound:
            continue
        seen.append((published, record))
    names = cards.names_for(db, caller, [(published.form, record.document) for published, record in seen])
    return tuple(
        (
            cards.title_of(published, record, caller, names),
            f"/apps/{published.app_key}/{record.form_key}/{record.id}",
        )
        for published, record in seen
    )


def _task(caller: Caller, process: running.Running, task: OpenTask, names: WorkspaceNames) -> TaskView:
    due = datetime.fromisoformat(task.due_at) if task.due_at else None
    return TaskView(
        id=process_rows.task_row_id(process.row.id, task.id),
        step_id=task.step,
        step=process.workflow.title(task.step, caller.lang),
        kind=process.workflow.steps[task.step].type.name,
        member_id=task.member,
        member=names.member(task.member),
        opened_at=datetime.fromisoformat(task.opened_at),
        due_at=due,
        late=due is not None and due < caller.now(),
    )


def _mine(
    db: WorkspaceSession,
    caller: Caller,
    process: running.Running,
    state: State,
    open_tasks: Mapping[str, TaskView],
    names: WorkspaceNames,
) -> list[MyTask]:
    deciders = {caller.member_id, *delegations.delegators_in(db, caller)}
    workflow = process.workflow
    return [
        MyTask(
            task=task,
            actions=offers.actions_at(workflow, state, ident),
            targets=tuple(offers.return_targets(workflow, state, ident, caller.lang)),
            access=workflow.fields_at(task.step_id),
            on_behalf="" if task.member_id == caller.member_id else names.member(task.member_id),
        )
        for ident, task in open_tasks.items()
        if task.member_id in deciders
    ]


def _path(
    db: WorkspaceSession, process: running.Running, state: State, hidden: Collection[str]
) -> tuple[PathStep, ...]:
    """The path; why a branch was taken is not told to whom the fields it depends on are not shown."""
    happened = process_rows.happened_in(db, [process.id])[process.id]
    steps = path(process.workflow, state, happened, process.context(process.record.document))
    return tuple(
        replace(step, because="") if _reads(process.workflow.steps.get(step.step), hidden) else step for step in steps
    )


def _reads(step: Step | None, hidden: Collection[str]) -> bool:
    """Whether a condition of the step's branches reads one of the fields `hidden`."""
    return any(
        read.partition(".")[0] in hidden
        for branch in (step.branches if step else ())
        if branch.when
        for read in branch.when.rule.reads
    )
