"""What people are told when something happens in a process: a line in their bell, and a mail.

It comes from the engine's events, which are written in the same transaction, so nobody is told twice. Sample people have
no mailbox; history that is played back (`Caller.quiet`) is told as read already.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from formloom.form_engine.form import Form
from formloom.platform import cards, organisation
from formloom.platform.language import gettext
from formloom.platform.models import Notification, Process, Record, id_at, new_id, table_of
from formloom.platform.organisation import WorkspaceNames
from formloom.platform.posting import OUTCOMES, SUBJECTS
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import events as e
from formloom.workflow_engine.directory import Directory
from formloom.workflow_engine.tree import Workflow

CLOSING = (e.TaskClosed, e.TaskDecided)
TELLING = (e.TaskOpened, e.Urged, e.Reminded, e.Notified, e.Returned, e.ProcessEnded, e.StepBlocked)
"""Of most events nobody is told."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell one member."""

    kind: str
    member: str
    link: str
    step: str = ""
    by: str = ""
    text: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the notices are about. A record of a form without a workflow has no process."""

    process: Process | None
    record: Record
    form: Form
    workflow: Workflow | None
    link: str
    directory: Directory


def notices_of(subject: Subject, process: Process, events: Sequence[e.Event]) -> Iterator[Notice]:
    """Whom to tell of what one command made happen, and what."""
    closed = {event.task for event in events if isinstance(event, CLOSING)}
    link, initiator = subject.link, process.initiator_id
    for number, event in enumerate(events, start=1):
        if not isinstance(event, TELLING):
            continue
        match event:
            case e.TaskOpened() if event.task not in closed:
                yield Notice("task", event.member, f"/tasks/{process.id}:{event.task}", event.step)
            case e.Urged():
                yield from (Notice("urged", m, link, by=event.by, text=event.comment or "") for m in event.members)
            case e.Reminded():
                yield from (Notice("reminded", m, link, event.step) for m in event.members)
            case e.Notified():
                yield from (Notice("notice", m, link, event.step, text=event.message or "") for m in event.members)
            case e.Returned(target="initiator"):
                yield Notice("returned", initiator, link, event.step, event.by, _said(events[:number]))
            case e.ProcessEnded() if event.by != initiator:
                said = event.comment or _said(events)
                yield Notice("outcome", initiator, link, by=event.by, text=said, outcome=event.outcome)
            case e.StepBlocked():
                yield from (Notice("blocked", m, link, event.step) for m in subject.directory.admins())


def _said(events: Sequence[e.Event]) -> str:
    """The comment of the latest decision."""
    return next((d.comment or "" for d in reversed(events) if isinstance(d, e.TaskDecided)), "")


def tell(db: WorkspaceSession, caller: Caller, subject: Subject, notices: Iterable[Notice]) -> None:
    """Write the notices down, in the transaction in which they came about, and which of them are mailed (posting.py)."""
    wanted = dict.fromkeys(notices)
    if not wanted:
        return
    place = db.place
    reachable = not caller.quiet and not (place.demo and caller.runtime.settings.smtp_url)
    people, now = organisation.organisation(db, caller), caller.now()
    rows = []
    for notice in wanted:
        if notice.member not in people.addresses:
            continue
        address, language = people.mailboxes.get(notice.member, ("", None))
        told = _Told(db, caller, subject, notice, language or place.language)
        mailed = reachable and bool(address) and notice.kind in SUBJECTS and notice.by != notice.member
        rows.append(told.row(now) | {"mail_due_at": now if mailed else None})
        if mailed:
            db.nudge("notice", str(caller.workspace_id))
    db.insert(table_of(Notification), *rows)


@dataclass(frozen=True, slots=True)
class _Told:
    """One notice in the language of whom it is for."""

    db: WorkspaceSession
    caller: Caller
    subject: Subject
    notice: Notice
    lang: str

    def words(self) -> dict[str, str]:
        """What the sentences are filled with."""
        notice, subject = self.notice, self.subject
        workflow, process = subject.workflow, subject.process
        step = workflow.title(notice.step, self.lang) if workflow and notice.step in workflow.steps else ""
        outcome = gettext(self.lang, OUTCOMES[notice.outcome]) if notice.outcome in OUTCOMES else notice.outcome
        return {
            "title": self.title() or subject.form.title(self.lang),
            "form": subject.form.title(self.lang),
            "step": step,
            "by": subject.directory.name(notice.by) if notice.by else gettext(self.lang, "The workflow"),
            "initiator": subject.directory.name(process.initiator_id) if process else "",
            "outcome": outcome,
            "text": self.said(),
        }

    def title(self) -> str:
        """What the record is called; the stored title is in the workspace's language."""
        form, record = self.subject.form, self.subject.record
        if self.lang == self.db.place.language:
            return record.title
        return form.record_title(record.document, self.lang, self.names(), self.caller.workspace_zone)

    def names(self) -> WorkspaceNames:
        """What the record's ids are called, in the language of whom it is for."""
        reader = replace(self.caller, lang=self.lang)
        return cards.names_for(self.db, reader, [(self.subject.form, self.subject.record.document)])

    def said(self) -> str:
        """What somebody wrote, or the message of a notify step."""
        notice, workflow = self.notice, self.subject.workflow
        if notice.kind == "notice" and notice.text and workflow is not None:
            text = workflow.text(f"{notice.step}:message", notice.text, self.lang)
            form, document = self.subject.form, self.subject.record.document
            return cards.filled_in(text, form, document, self.lang, self.names(), self.caller.workspace_zone)
        return notice.text

    def row(self, now: datetime) -> dict[str, Any]:
        """The line of the bell, as a row."""
        words = self.words() | {"record": self.subject.record.id, "outcome": self.notice.outcome}
        return {
            "workspace_id": self.caller.workspace_id,
            "id": id_at(now) if self.caller.quiet else new_id(),
            "member_id": self.notice.member,
            "kind": self.notice.kind,
            "process_id": self.subject.process.id if self.subject.process else None,
            "data": {name: text for name, text in words.items() if text},
            "link": self.notice.link,
            "created_at": now,
            "read_at": now if self.caller.quiet else None,
            "request_id": self.caller.request_id,
        }
