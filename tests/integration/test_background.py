"""Workers that are killed at any moment: everything is done, and done once, on each of the three brokers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from builders import Clock, World, happened, new_world
from installation import BROKERS, Listener, Workers, installation, wait_until
from office import purchases
from sqlalchemy import func, select

from formloom.platform import outbox
from formloom.platform.models import Notification, OutboxMessage, Process, Timer
from formloom.platform.runtime import Runtime
from formloom.platform.services import records

REQUESTS, MAILS, KILLS = 25, 150, 5


def workflow(url: str) -> dict[str, Any]:
    """Calls a webhook, waits for its answer, then for a manager whom the clock replaces."""
    due = {"after": "PT1S", "then": {"decide": "approve"}}
    webhook = {"url": url, "body": {"what": {"var": "subject"}}, "into": {"answer": "verdict"}}
    steps = [
        {"id": "ask", "type": "action", "do": {"webhook": webhook}},
        {"id": "one", "type": "approval", "assignees": [{"member": "li"}], "due": due},
    ]
    return {"form": "purchase", "steps": steps}


def prepare(runtime: Runtime, url: str) -> World:
    """Requests of the day before yesterday, and a pile of mails."""
    past = Runtime(runtime.settings, runtime.database, runtime.files, Clock(datetime(2026, 1, 5, 9, 0, tzinfo=UTC)))
    world = purchases(new_world(past), workflow(url))
    for number in range(REQUESTS):
        records.create_record(world.caller("amy"), "purchase", {"subject": f"No {number}", "amount": number})
    with world.admin.writing() as db:
        for number in range(MAILS):
            body = {"to": ["x@example.com"], "subject": f"Mail {number}", "text": "Hello."}
            outbox.put(db, world.workspace_id, "mail", body, now=past.clock(), request_id=None)
    return world


def left(runtime: Runtime) -> int:
    """What is still to be done."""
    with runtime.reading() as db:
        waiting = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.status == "waiting")
        running = select(func.count()).select_from(Process).where(Process.outcome.is_(None))
        unsent = select(func.count()).select_from(Notification).where(Notification.mail_due_at.is_not(None))
        return sum(db.scalars(count).one() for count in (waiting, running, unsent))


@pytest.mark.parametrize("broker", BROKERS)
def test_killing_workers_loses_nothing_and_does_nothing_twice(broker: str, tmp_path: Path) -> None:
    listener = Listener([(200, b'{"verdict": "fine"}')])
    with listener.listening(), installation(broker, tmp_path, WEBHOOK_PRIVATE="yes") as runtime:
        prepare(runtime, listener.url)
        workers = Workers(runtime, tmp_path / "workers")
        workers.start()
        workers.start()
        for _ in range(KILLS):
            before = left(runtime)
            wait_until(lambda before=before: left(runtime) < before or left(runtime) == 0, 30)
            workers.kill_one()
            workers.start()
        done = wait_until(lambda: left(runtime) == 0, 150)
        codes = workers.stop()
        assert done, workers.said()
        assert codes == [0, 0]
        check(runtime, tmp_path, listener)


def check(runtime: Runtime, folder: Path, listener: Listener) -> None:
    with runtime.reading() as db:
        messages = db.scalars(select(OutboxMessage)).all()
        assert {message.status for message in messages} == {"done"}
        mails = {message.id for message in messages if message.kind == "mail"}
        assert {file.stem for file in (folder / "mails").glob("*.eml")} == mails
        assert len(mails) == MAILS + len(db.scalars(select(Notification)).all())
        hooks = {message.id for message in messages if message.kind == "webhook"}
        assert {ident for ident, _ in listener.heard} == hooks
        assert len(hooks) == REQUESTS
        assert db.scalars(select(Timer)).all() == []
        assert {process.outcome for process in db.scalars(select(Process))} == {"approved"}
        for kind in ("RequestAnswered", "TimerRang", "TaskDecided", "ProcessEnded"):
            of = [process for process, _ in happened(db, kind)]
            assert len(of) == len(set(of)) == REQUESTS, kind
