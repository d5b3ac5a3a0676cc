"""What people do to requests: decide, hand on, withdraw, submit again, urge; what admins do to help; and what clocks do.

Each is one transaction of one shape: load (the row locked) → whose is it → the engine → everything that follows
(running.py). The engine says what is allowed, and why not, in a sentence.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from sqlalchemy import select

from formloom.form_engine.access import only
from formloom.form_engine.blanks import is_blank
from formloom.platform import actions, changes, process_rows, running
from formloom.platform.definitions import PublishedForm
from formloom.platform.errors import CommandRefused, Conflict, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Member, Process, Record, Task
from formloom.platform.records.store import Consent
from formloom.platform.runtime import Caller
from formloom.platform.services import delegations, drafts, outbox, people, records
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import commands as c
from formloom.workflow_engine.state import State

Decision = Literal["approve", "reject", "return", "done"]
SAVES = ("approve", "done")

ACTIONS = {
    "approve": "approved", "reject": "rejected", "return": "returned", "done": "filled in",
}  # fmt: skip


def start_in(
    db: WorkspaceSession,
    caller: Caller,
    record: Record,
    published: PublishedForm,
    *,
    chosen: Mapping[str, tuple[str, ...]] | None = None,
) -> str:
    """Start the form's workflow over a record that was just created, in its transaction. Gives the process's id.

    `chosen`: by step, whom the initiator chose where the workflow lets them.

    Raises:
        CommandForbidden: the caller may not start it.
    """
    initiator = caller.member_id or db.memo.get(actions.INITIATOR) or record.created_by
    if initiator is None:
        admins = select(Member.id).where(Member.admin, Member.active).order_by(Member.position, Member.id)
        initiator = db.scalars(admins.limit(1)).one()
    process = running.begin(db, caller, record, published, initiator)
    process.do(c.Start(initiator, chosen or {}))
    return process.row.id


def lock_of(db: WorkspaceSession, caller: Caller, record_id: str) -> str | None:
    """Why a record can't be changed by other doors than its request's; None while it is free."""
    row = _running_over(db, record_id)
    if row is None:
        return None
    workflow = running.pinned_in(db, caller, row).workflow
    if workflow is None or not workflow.settings.lock:
        return None
    title = db.scalars(select(Record.title).where(Record.id == record_id)).one()
    return gettext(caller.lang, "It is locked by the running request “{title}”.", title=title)


def changed_in(db: WorkspaceSession, caller: Caller, record: Record, before: Mapping[str, Any]) -> None:
    """Tell a running request with `lock: false` that its record was changed by another door, in that transaction."""
    row = _running_over(db, record.id)
    if row is not None and record.document != before:
        process = running.load(db, caller, row.id)
        process.do(c.Correct(caller.member_id or "", record.document), before=before)


def _running_over(db: WorkspaceSession, record_id: str) -> Process | None:
    return db.scalars(select(Process).where(Process.record_id == record_id, Process.outcome.is_(None))).first()


def decide(
    caller: Caller,
    task_id: str,
    action: Decision,
    *,
    comment: str | None = None,
    target: str | None = None,
    values: Mapping[str, Any] | None = None,
    content_hash: str | None = None,
    confirmed: bool = False,
) -> None:
    """Decide a task: approve, reject, return (to `target`, a step or "initiator") or, at a fill step, done.

    `values` are the fields that the step lets one edit, as plain JSON values; `content_hash` is that of the content
    that was shown (`RequestView.content_hash`). `confirmed`: the form's warnings were read.

    Raises:
        NotFound: there is no such task, or none that the caller may know of.
        CommandForbidden: it is somebody else's.
        CommandRefused: it was decided already, the content has changed since, or the step doesn't offer this.
        RecordInvalid: a field that the step asks for is missing or wrong.
        Unconfirmed: the form warns, and nobody has confirmed it.
    """

    def _decide(*, lock: bool) -> None:
        with caller.writing() as db:
            process, step = _task(db, caller, task_id, lock=lock)
            before, after = process.record.document, None
            process.shown = changes.shown_before(db, process.record, content_hash)
            if action in SAVES and _may_decide(process, task_id):
                access = process.workflow.fields_at(step)
                consent = Consent(confirmed=confirmed)
                process.record = records.change_in(
                    db, caller, process.record, values or {}, process.published, access=access, consent=consent
                )
                after = process.record.document
            if values is not None:
                drafts.discard_in(db, caller, f"task:{task_id}")
            by, engine_task = caller.member_id or "", process_rows.split_task_id(task_id)[1]
            process.do(c.Decide(by, engine_task, action, target, comment, content_hash, after), before=before)

    try:
        _decide(lock=False)
    except Conflict:  # somebody was faster; whoever asks once more waits for all others first
        _decide(lock=True)


def _task(db: WorkspaceSession, caller: Caller, task_id: str, *, lock: bool = True) -> "tuple[running.Running, str]":
    """The process of an open task, locked or not (`running.load`), and the step of the task.

    Raises:
        NotFound: there is no such task, or it is of a record that the caller doesn't see.
        CommandRefused: it is no longer open; the sentence says who decided.
    """
    process_id, engine_task = process_rows.split_task_id(task_id)
    process = running.load(db, caller, process_id, lock=lock)
    found = process.state.find_task(engine_task) if process.state is not None else None
    closed = db.get(Task, (caller.workspace_id, process_id, task_id)) if found is None else None
    if found is None and closed is None:
        raise NotFound(gettext(caller.lang, "There is no such task."))
    member = found[1].member if found is not None else closed.member_id if closed is not None else ""
    if member != caller.member_id:
        delegators = delegations.delegators_in(db, caller)
        process.delegates = {delegator: frozenset({caller.member_id or ""}) for delegator in delegators}
        if member not in process.delegates:
            records.require_visible_in(db, caller, process.record, process.published)
    if found is None and closed is not None:
        raise CommandRefused(_decided_already(db, caller, closed))
    return process, found[0].step if found is not None else ""


def _may_decide(process: "running.Running", task_id: str) -> bool:
    """Whether an open task is the caller's: nothing is looked at for others, whom the engine tells whose it is."""
    found = process.state.find_task(process_rows.split_task_id(task_id)[1]) if process.state is not None else None
    return found is not None and found[1].member in {process.caller.member_id, *process.delegates}


def _decided_already(db: WorkspaceSession, caller: Caller, task: Task) -> str:
    """Who was faster, in a sentence."""
    by = task
    if task.status == process_rows.CLOSED:  # somebody else of the same step decided it
        same = select(Task).where(
            Task.process_id == task.process_id,
            Task.step_id == task.step_id,
            Task.status == process_rows.DECIDED,
            Task.closed_at == task.closed_at,
        )
        by = db.scalars(same).first() or task
    if by.action is None:
        return gettext(caller.lang, "This task is no longer open.")
    names = people.names(caller, db)
    who = names.member(by.closed_by) if by.closed_by else gettext(caller.lang, "The workflow")
    words = {"who": who, "action": gettext(caller.lang, ACTIONS.get(by.action, by.action))}
    return gettext(caller.lang, "Already decided by {who}: {action}.", **words)


def transfer(caller: Caller, task_id: str, to: str, *, comment: str | None = None) -> None:
    """Give an open task of the caller's to another member. Raises as `decide`."""
    with caller.writing() as db:
        process, _ = _task(db, caller, task_id)
        process.do(c.Transfer(caller.member_id or "", process_rows.split_task_id(task_id)[1], to, comment))


def add_signer(
    caller: Caller,
    task_id: str,
    member: str,
    *,
    place: Literal["before", "after", "beside"] = "beside",
    comment: str | None = None,
) -> None:
    """Ask another member to sign too: before or after the caller's own approval, or beside it. Raises as `decide`."""
    with caller.writing() as db:
        process, _ = _task(db, caller, task_id)
        engine_task = process_rows.split_task_id(task_id)[1]
        process.do(c.AddSigner(caller.member_id or "", engine_task, member, place, comment))


def _command(caller: Caller, process_id: str, make: Callable[[str], c.Command]) -> None:
    """A command over a request that the caller sees."""
    with caller.writing() as db:
        process = running.load(db, caller, process_id)
        records.require_visible_in(db, caller, process.record, process.published)
        process.do(make(caller.member_id or ""))


def withdraw(caller: Caller, process_id: str, *, comment: str | None = None) -> None:
    """Take one's own request back.

    Raises:
        NotFound: there is no such request, or none that the caller sees.
        CommandForbidden: it is somebody else's.
        CommandRefused: it can't be withdrawn any more.
    """
    _command(caller, process_id, lambda by: c.Withdraw(by, comment))


def urge(caller: Caller, process_id: str, *, comment: str | None = None) -> None:
    """Ask those who have a task to hurry. Raises as `withdraw`."""
    _command(caller, process_id, lambda by: c.Urge(by, comment))


def resubmit(
    caller: Caller,
    process_id: str,
    values: Mapping[str, Any] | None = None,
    *,
    comment: str | None = None,
    confirmed: bool = False,
) -> None:
    """Submit a request again that came back, with what was changed.

    Raises:
        NotFound: there is no such request, or none that the caller sees.
        CommandForbidden: it is somebody else's.
        CommandRefused: it did not come back.
        RecordInvalid: a field is missing or wrong.
        Unconfirmed: the form warns, and nobody has confirmed it.
    """
    with caller.writing() as db:
        process = running.load(db, caller, process_id)
        records.require_visible_in(db, caller, process.record, process.published)
        if process.state is None or process.state.back is None or process.row.initiator_id != caller.member_id:
            process.do(c.Resubmit(caller.member_id or "", None, comment))  # refused, with the engine's own reason
            return
        drafts.discard_in(db, caller, f"record:{process.record.id}")
        before, access = process.record.document, process.workflow.fields_at(None)
        consent = Consent(confirmed=confirmed)
        process.record = records.change_in(
            db, caller, process.record, values or {}, process.published, access=access, consent=consent
        )
        process.do(c.Resubmit(caller.member_id, process.record.document, comment), before=before)


def reassign(caller: Caller, task_id: str, to: str, *, comment: str | None = None) -> None:
    """As an admin, give anybody's open task to another member.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound, CommandRefused: as `decide`.
    """
    people.require_admin(caller)
    with caller.writing() as db:
        process, _ = _task(db, caller, task_id)
        process.do(c.Reassign(caller.member_id or "", process_rows.split_task_id(task_id)[1], to, comment))


def jump(caller: Caller, process_id: str, step: str, *, comment: str | None = None) -> None:
    """As an admin, put a request at another step. Raises as `reassign`."""
    people.require_admin(caller)
    _command(caller, process_id, lambda by: c.Jump(by, step, comment))


def terminate(caller: Caller, process_id: str, *, comment: str | None = None) -> None:
    """As an admin, end a request. Raises as `reassign`."""
    people.require_admin(caller)
    _command(caller, process_id, lambda by: c.Terminate(by, comment))


def retry(caller: Caller, process_id: str, step: str, *, comment: str | None = None) -> None:
    """As an admin, let a blocked step try again. Raises as `reassign`."""
    people.require_admin(caller)
    with caller.writing() as db:
        process = running.load(db, caller, process_id)
        records.require_visible_in(db, caller, process.record, process.published)
        process.do(c.Retry(caller.member_id or "", step, comment))
        calls = process.state.requests if process.state is not None else ()
        outbox.forget_superseded_in(db, caller, "process", process.id, calls)


def correct(caller: Caller, process_id: str, values: Mapping[str, Any], *, comment: str | None = None) -> None:
    """As an admin, change the record of a running request; the history shows it. Of what is blank and stays so nothing is
    asked: a later step may still fill it in.

    Raises:
        NotAllowed, NotFound.
        RecordInvalid: a value is wrong.
    """
    people.require_admin(caller)
    with caller.writing() as db:
        process = running.load(db, caller, process_id)
        before = process.record.document
        changes = {key: value for key, value in values.items() if key in before or not is_blank(value)}
        process.record = records.change_in(db, caller, process.record, changes, process.published, access=only(changes))
        process.do(c.Correct(caller.member_id or "", process.record.document, comment), before=before)


def fire_in(db: WorkspaceSession, caller: Caller, process_id: str, timer: str) -> None:
    """Tell a process that a timer fell due, in the transaction that removes the timer's row.

    Raises:
        NotFound: its record or its app is in the bin, from which it may come back.
    """
    process = running.load(db, caller, process_id)
    if process.state is not None and timer in process.state.timers:
        process.do(c.TimerFired(timer))


def away(caller: Caller, process_id: str) -> bool:
    """Whether a process is out of reach for now: its record or its app is in the bin."""
    with caller.reading() as db:
        try:
            running.load(db, caller, process_id, lock=False)
        except NotFound:
            return db.get(Process, (caller.workspace_id, process_id)) is not None
    return False


def answer_in(
    db: WorkspaceSession, caller: Caller, message: Mapping[str, Any], *, answer: object, error: str | None
) -> None:
    """Give a process the answer to a mail or webhook it asked for, in the transaction that writes the delivery off.

    `message` is the body of the outbox row.
    """
    try:
        process = running.load(db, caller, message["process"])
    except NotFound:
        return
    request, into, before = message["call"], message.get("into"), process.record.document
    if process.row.outcome is not None or process.state is None or not _waits_for(process.state, request):
        return
    command = c.ActionAnswered(request, ok=False, error=error)
    if error is None:
        said = answer if isinstance(answer, Mapping) else {}
        outcome = message.get("outcome")
        done = actions.attempt(
            process, request, lambda: actions.answer_with(process, request, into, said, outcome=outcome)
        )
        command = done if done is not None else command
    process.do(command, before=before)
    if error is None:
        outbox.forget_superseded_in(db, caller, "process", process.id, [request])


def _waits_for(state: State, request: str) -> bool:
    return request in state.requests
