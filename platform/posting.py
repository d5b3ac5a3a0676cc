"""Mails of notices, made by a worker from the lines of the bells, so that whoever decides doesn't wait for them.

A notification is written with `mail_due_at` where its member is to be mailed; here it becomes a row of the outbox and
loses that mark, in one transaction: each is mailed once, and a worker that is killed in between loses none.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from formloom.platform import organisation, outbox
from formloom.platform.language import gettext
from formloom.platform.models import Notification
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.transactions import WorkspaceSession

AT_ONCE = 100
OUTCOMES = {"approved": "Approved", "rejected": "Rejected", "withdrawn": "Withdrawn", "terminated": "Ended by an admin"}
SUBJECTS = {
    "task": "{title}: {step}",
    "urged": "Please hurry: {title}",
    "reminded": "Due soon: {title}",
    "notice": "{title}",
    "returned": "Came back to you: {title}",
    "outcome": "{outcome}: {title}",
    "blocked": "Needs an admin: {title}",
    "mention": "{by} mentions you: {title}",
}
"""By the kind of notice; of a kind that is not here nobody is mailed."""
TEXTS = {
    "task": "“{title}” ({form}), submitted by {initiator}, waits for you at “{step}”.",
    "urged": "{by} asks you to decide soon on “{title}” ({form}).",
    "reminded": "“{title}” ({form}) at “{step}” is due soon.",
    "notice": "You are told of “{title}” ({form}), submitted by {initiator}.",
    "told": "You are told of “{title}” ({form}).",
    "returned": "{by} returned “{title}” ({form}) to you. Change it and submit it again, or withdraw it.",
    "outcome": "Your request “{title}” ({form}) has ended: {outcome}.",
    "blocked": "“{title}” ({form}) can't go on at “{step}”.",
    "mention": "{by} mentions you on “{title}” ({form}).",
}
WORDS = ("title", "form", "step", "by", "initiator", "text", "outcome")


def post_some(runtime: Runtime) -> bool:
    """Put the mails of up to a hundred notices of one workspace into the outbox; False where none is due."""
    due = select(Notification).where(Notification.mail_due_at.is_not(None))
    due = due.order_by(Notification.mail_due_at, Notification.id)
    with runtime.reading() as db:
        first = db.scalars(due.limit(1)).first()
    if first is None:
        return False
    caller = caller_for(runtime, first.workspace_id)
    with caller.writing() as db:
        for row in db.scalars(due.limit(AT_ONCE).with_for_update(skip_locked=True)):
            _post(db, caller, row)
    return True


def _post(db: WorkspaceSession, caller: Caller, row: Notification) -> None:
    """Whoever has no mailbox any more gets no mail."""
    row.mail_due_at = None
    address, language = organisation.organisation(db, caller).mailboxes.get(row.member_id, ("", None))
    if address:
        body = _mail(row, language or db.place.language, caller.runtime.settings.address()) | {"to": [address]}
        outbox.put(db, caller.workspace_id, "mail", body, now=caller.now(), request_id=row.request_id)


def _mail(row: Notification, lang: str, place: str) -> Mapping[str, Any]:
    """Subject and text of the mail (see outbox.py); `place` is the product's own address."""
    words = dict.fromkeys(WORDS, "") | row.data
    outcome = words["outcome"]
    words["outcome"] = gettext(lang, OUTCOMES[outcome]) if outcome in OUTCOMES else outcome
    kind = "told" if row.kind == "notice" and row.process_id is None else row.kind
    # The line of the bell, which says so where its reader may not open what it is about, and is read once it is followed.
    lines = [gettext(lang, TEXTS[kind], **words), words["text"], f"{place}/notifications/{row.id}"]
    return {"subject": gettext(lang, SUBJECTS[row.kind], **words), "text": "\n\n".join(line for line in lines if line)}
