"""What must happen outside the database, written down in the transaction that wants it (see jobs.py for who delivers).

A row is the fact; the nudge that follows its commit only makes it quick. `id` is its idempotency key outside: the
`Message-ID` of a mail, the `webhook-id` of a webhook.
"""

from datetime import datetime
from typing import Any, Literal

from formloom.platform.models import OutboxMessage, new_id, table_of
from formloom.platform.transactions import UnboundSession

Kind = Literal["mail", "webhook", "answer"]


def put(
    db: UnboundSession, workspace_id: int, kind: Kind, body: dict[str, Any], *, now: datetime, request_id: str | None
) -> str:
    """Write one message down; it is delivered after the commit. Gives its id.

    A mail's body is `{"to": [address], "subject", "text"}`; a webhook's is `{"url", "json", "method"?, "headers"?}`. Both may have
    `"process"` and `"call"`: the process that waits for the answer, and which of its calls this is. An answer goes to a process
    that was in the bin when its subprocess ended: `{"to": [title], "subject", "record", "outcome", "process", "call", "into"}`.
    """
    ident = new_id()
    row = {"workspace_id": workspace_id, "id": ident, "kind": kind, "body": body, "status": "waiting", "due_at": now}
    db.insert(table_of(OutboxMessage), row | {"attempts": 0, "created_at": now, "request_id": request_id})
    db.nudge("outbox", f"{workspace_id}:{ident}")
    return ident
