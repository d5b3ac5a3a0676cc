"""The discussion of a record: whoever sees the record reads it and may say something, and mention others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from formloom.platform import definitions, notices, organisation
from formloom.platform.definitions import PublishedForm
from formloom.platform.errors import InputInvalid, NotFound
from formloom.platform.language import gettext
from formloom.platform.models import Comment, Process, Record, Task, new_id
from formloom.platform.running import link_to
from formloom.platform.runtime import Caller, caller_for
from formloom.platform.services import records
from formloom.platform.transactions import WorkspaceSession

LONGEST = 5000


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A word in the discussion."""

    id: str
    member_id: str
    name: str
    text: str
    mentions: tuple[str, ...]
    created_at: datetime


def comments(caller: Caller, record_id: str) -> list[CommentRow]:
    """The discussion of a record, oldest first.

    Raises:
        NotFound: there is no such record, or none that the caller sees.
    """
    query = select(Comment).where(Comment.record_id == record_id).order_by(Comment.created_at, Comment.id)
    with caller.reading() as db:
        _seen(db, caller, record_id)
        names = organisation.organisation(db, caller).members
        return [
            CommentRow(
                row.id,
                row.member_id,
                names.get(row.member_id, row.member_id),
                row.text,
                tuple(row.mentions),
                row.created_at,
            )
            for row in db.scalars(query)
        ]


def comment(caller: Caller, record_id: str, text: str, *, mentions: Sequence[str] = ()) -> str:
    """Say something about a record. Tells its creator, whoever has a task of it or spoke before, and whom it mentions.

    Gives the comment's id.

    Raises:
        NotFound: there is no such record, or none that the caller sees.
        InputInvalid: it says nothing, or too much, or mentions somebody who can't see the record.
    """
    if not text.strip() or len(text) > LONGEST:
        sentence = gettext(caller.lang, "Write something, of at most {count} characters.", count=LONGEST)
        raise InputInvalid({"text": sentence})
    with caller.writing() as db:
        record, published = _seen(db, caller, record_id)
        mentioned = tuple(dict.fromkeys(mentions))
        _may_be_mentioned(db, caller, record, published, mentioned)
        row = Comment(workspace_id=caller.workspace_id, id=new_id(), record_id=record.id, text=text.strip())
        row.member_id, row.mentions, row.created_at = caller.member_id or "", list(mentioned), caller.now()
        before = _involved(db, record)
        db.add(row)
        _tell(db, caller, record, published, row, before - {row.member_id, *mentioned})
        return row.id


def _seen(db: WorkspaceSession, caller: Caller, record_id: str) -> tuple[Record, PublishedForm]:
    record = db.get(Record, (caller.workspace_id, record_id))
    if record is None or record.deleted_at is not None:
        raise NotFound(gettext(caller.lang, "There is no such record."))
    published = definitions.published_in(db, caller, record.form_key)
    records.require_visible_in(db, caller, record, published)
    return record, published


def _may_be_mentioned(
    db: WorkspaceSession, caller: Caller, record: Record, published: PublishedForm, members: Sequence[str]
) -> None:
    for member in members:
        try:
            other = caller_for(caller.runtime, caller.workspace_id, member)
            records.require_visible_in(db, other, record, published)
        except NotFound as error:
            name = organisation.organisation(db, caller).members.get(member, member)
            sentence = gettext(caller.lang, "{name} can't see this record.", name=name)
            raise InputInvalid({"mentions": sentence}) from error


def _involved(db: WorkspaceSession, record: Record) -> set[str]:
    tasks = select(Task.member_id).where(Task.record_id == record.id, Task.status == "open")
    spoke = select(Comment.member_id).where(Comment.record_id == record.id)
    return {*db.scalars(tasks), *db.scalars(spoke), *([record.created_by] if record.created_by else [])}


def _tell(
    db: WorkspaceSession, caller: Caller, record: Record, published: PublishedForm, row: Comment, others: set[str]
) -> None:
    directory = organisation.organisation(db, caller).directory
    process = db.scalars(select(Process).where(Process.record_id == record.id).order_by(Process.id.desc())).first()
    link = link_to(published, record)
    subject = notices.Subject(process, record, published.form, published.workflow, link, directory)
    told = [("comment", member) for member in sorted(others)] + [("mention", member) for member in row.mentions]
    notices.tell(
        db,
        caller,
        subject,
        [notices.Notice(kind, who, link, by=row.member_id, text=row.text) for kind, who in told],
    )
