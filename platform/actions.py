"""What a process asks of the world: records of this database at once, mails and webhooks through the outbox, subprocesses.

What touches only this database happens in the process's own transaction, and is undone alone when it fails. Actions may
lead to actions, to a depth; whoever waits for an answer gets it as a command.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import select

from formloom.form_engine import record as engine
from formloom.form_engine.access import only
from formloom.platform import cards, definitions, outbox, process_rows, running
from formloom.platform.definitions import PublishedForm
from formloom.platform.errors import FormloomError, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Process, Record
from formloom.platform.runtime import Caller
from formloom.platform.services import records
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import commands as c
from formloom.workflow_engine import events as e

DEEPEST = 5
MOST_FOUND = 500
DEPTH, INITIATOR = "action depth", "action initiator"


class ActionFailed(FormloomError):
    """The action could not be done; the sentence says why, and the workflow goes on by its error path."""


class Doer(Protocol):
    """Who asks: a process, or the run of an automation. `kind` and `id` are how its answer finds it again."""

    db: WorkspaceSession
    caller: Caller
    record: Record
    published: PublishedForm

    @property
    def kind(self) -> str:
        """`process` or `automation`."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def initiator(self) -> str:
        """Who began it."""

    def require_free(self, record: Record) -> None:
        """Raise Conflict where it may not change a record now."""

    def changed(self, record: Record, before: Mapping[str, Any]) -> None:
        """Tell whoever must know that it changed a record."""


def follow(process: Doer, event: e.Event) -> c.Command | None:
    """Do what an event asks for. Gives the answer if there is one at once."""
    match event:
        case e.RecordRequested():
            return attempt(process, event.request, lambda: _on_records(process, event))
        case e.ProcessRequested():
            return attempt(process, event.request, lambda: _start_other(process, event))
        case e.MessageRequested():
            _send(process, event)
    return None


def attempt(process: Doer, request: str, act: Callable[[], c.ActionAnswered | None]) -> c.ActionAnswered | None:
    """What `act` answers to `request`, done in a savepoint; what it raises for a person to read is an answer too."""
    try:
        with _deeper(process), process.db.begin_nested():
            return act()
    except FormloomError as error:
        if process.record in process.db:
            process.db.refresh(process.record)
        return c.ActionAnswered(request, ok=False, error=str(error))


@contextmanager
def _deeper(process: Doer) -> Iterator[None]:
    memo = process.db.memo
    depth, initiator = memo.get(DEPTH, 0), memo.get(INITIATOR)
    if depth >= DEEPEST:
        raise ActionFailed(
            gettext(process.caller.lang, "Actions led to actions more than {count} deep.", count=DEEPEST)
        )
    memo[DEPTH], memo[INITIATOR] = depth + 1, process.initiator or initiator
    try:
        yield
    finally:
        memo[DEPTH], memo[INITIATOR] = depth, initiator


def answer_with(
    process: Doer, request: str, into: Mapping[str, str] | None, answer: Mapping[str, Any], **more: Any
) -> c.ActionAnswered:
    """The command that answers `request`, after those fields of our record that `into` maps were saved."""
    values = {ours: answer[theirs] for ours, theirs in (into or {}).items() if theirs in answer}
    document = _change_own(process, values) if values else None
    return c.ActionAnswered(request, values=values, record=document, **more)


def _change_own(process: Doer, values: Mapping[str, Any]) -> dict[str, Any]:
    process.record = _change(process, process.record, values, process.published)
    return process.record.document


def _on_records(process: Doer, event: e.RecordRequested) -> c.ActionAnswered:
    db, caller = process.db, process.caller.system()
    if event.verb == "update" and event.form == "":
        values = engine.fit(process.published.form, event.values)
        return c.ActionAnswered(event.request, record=_change_own(process, values))
    published = definitions.published_in(db, caller, event.form)
    values = engine.fit(published.form, event.values)
    if event.verb == "create":
        found = [records.create_in(db, caller, published, values)]
    else:
        found = _find(process, published, event)
    if event.verb == "update":
        found = [_change(process, record, values, published) for record in found]
    answer = {**found[0].document, "id": found[0].id, "count": len(found)}
    return answer_with(process, event.request, event.into, answer)


def _change(process: Doer, record: Record, values: Mapping[str, Any], published: PublishedForm) -> Record:
    process.require_free(record)
    before = record.document
    changed = records.change_in(process.db, process.caller.system(), record, values, published, access=only(values))
    process.changed(changed, before)
    return changed


def _find(process: Doer, published: PublishedForm, event: e.RecordRequested) -> list[Record]:
    """The record that an action names, or those that have the values it looks for, the latest first."""
    db, caller = process.db, process.caller.system()
    found: list[Record] = []
    if event.where is not None:
        found = records.find_in(db, caller, published, event.where, limit=MOST_FOUND + 1)
    elif event.record is not None:
        named = db.get(Record, (caller.workspace_id, event.record))
        found = [named] if named is not None and named.form_key == published.key and named.deleted_at is None else []
    if not found:
        title = published.form.title(caller.lang)
        raise ActionFailed(gettext(caller.lang, "No record of “{form}” was found.", form=title))
    if len(found) > MOST_FOUND and event.verb == "update":
        title, most = published.form.title(caller.lang), MOST_FOUND
        raise ActionFailed(
            gettext(caller.lang, "More than {count} records of “{form}” were found.", count=most, form=title)
        )
    return found[:MOST_FOUND]


def _start_other(process: Doer, event: e.ProcessRequested) -> c.ActionAnswered | None:
    db, caller = process.db, process.caller.system()
    published = definitions.published_in(db, caller, event.form)
    record = records.create_in(db, caller, published, engine.fit(published.form, event.values))
    if not event.awaited:
        return None
    row = db.scalars(select(Process).where(Process.record_id == record.id)).first()
    if row is None or row.outcome is not None:
        outcome = row.outcome if row is not None else None
        return answer_with(process, event.request, event.into, _ended(record, outcome), outcome=outcome)
    row.parent_id, row.parent_request = process.id, event.request
    return None


def _ended(record: Record, outcome: str | None) -> dict[str, Any]:
    """What a subprocess answers: its record, and how it ended."""
    return {**record.document, "id": record.id, "outcome": outcome}


def _send(process: Doer, event: e.MessageRequested) -> None:
    caller = process.caller
    body = _mail(process, event) if event.verb == "mail" else dict(event.body)
    body |= {process.kind: process.id, "call": event.request, "into": dict(event.into or {})}
    outbox.put(process.db, caller.workspace_id, event.verb, body, now=caller.now(), request_id=caller.request_id)


def _mail(process: Doer, event: e.MessageRequested) -> dict[str, Any]:
    caller, form, document = process.caller, process.published.form, process.record.document
    names = cards.names_for(process.db, caller, [(form, document)])
    lang, zone = process.published.language, caller.workspace_zone
    people = names.organisation.addresses
    to = [people[member] for member in event.members if people.get(member)]
    to += event.body["addresses"]
    texts = {key: cards.filled_in(event.body[key], form, document, lang, names, zone) for key in ("subject", "text")}
    return {"to": list(dict.fromkeys(to)), **texts}


def answer_parent(process: "running.Running") -> None:
    """The process has ended: tell the one that waits for it, in the same transaction."""
    row = process.row
    if row.parent_id is None or row.parent_request is None:
        return
    request = row.parent_request
    into, document = _into(process.db, row.parent_id, request), _ended(process.record, row.outcome)
    try:
        parent = running.load(process.db, process.caller, row.parent_id)
    except NotFound:
        _answer_later(process, row.parent_id, {"call": request, "into": dict(into), "record": document})
        return
    if parent.row.outcome is not None:
        return
    before = parent.record.document
    answer = attempt(parent, request, lambda: answer_with(parent, request, into, document, outcome=row.outcome))
    if answer is not None:
        parent.do(answer, before=before)


def _answer_later(process: "running.Running", parent_id: str, body: dict[str, Any]) -> None:
    """Keep an answer until the process that waits for it is back from the bin."""
    db, caller = process.db, process.caller
    over = select(Record.title).join(
        Process, (Process.workspace_id == Record.workspace_id) & (Process.record_id == Record.id)
    )
    titles = list(db.scalars(over.where(Process.id == parent_id)))
    body |= {"to": titles, "subject": process.record.title, "outcome": process.row.outcome, "process": parent_id}
    outbox.put(db, caller.workspace_id, "answer", body, now=caller.now(), request_id=caller.request_id)


def _into(db: WorkspaceSession, process_id: str, request: str) -> Mapping[str, str]:
    happened = process_rows.happened_in(db, [process_id])[process_id]
    asked = (event for event in happened if isinstance(event, e.ProcessRequested) and event.request == request)
    return next((event.into for event in asked), None) or {}
