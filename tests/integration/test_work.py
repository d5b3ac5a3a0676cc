"""Delivering, firing, running: leases, retries, parking; mails by a real SMTP server, webhooks to a real web server."""

import dataclasses
import email
import email.policy
import multiprocessing
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from builders import World, happened, new_world
from installation import Listener
from office import purchases
from sweeping import sweep_elsewhere

from formloom.platform import leases, nudges, outbox, webhooks, work
from formloom.platform.celery_app import NUDGE, SWEEP
from formloom.platform.errors import NotAllowed, NotFound
from formloom.platform.models import Job, Notification, OutboxMessage, Process, Task, Timer, Workspace
from formloom.platform.runtime import Runtime
from formloom.platform.services import inbox, jobs, processes, records
from formloom.platform.services import outbox as deliveries
from formloom.platform.services.jobs import Progress

MAIL = {"to": ["amy@example.com"], "subject": "您好\r\nBcc: all@example.com", "text": "Ein Brief – 一封信\n"}


def put(world: World, kind: Any = "mail", body: dict[str, Any] | None = None) -> str:
    with world.admin.writing() as db:
        return outbox.put(db, world.workspace_id, kind, body or dict(MAIL), now=world.clock(), request_id="r1")


def row(world: World, ident: str, model: Any = OutboxMessage) -> Any:
    with world.admin.reading() as db:
        return db.get(model, (world.workspace_id, ident))


def changed(runtime: Runtime, **settings: Any) -> Runtime:
    return dataclasses.replace(runtime, settings=dataclasses.replace(runtime.settings, **settings))


def sweep(runtime: Runtime, *kinds: str) -> None:
    hands = work.Hands(runtime, at_once=2)
    for kind in kinds or ("outbox", "timer", "job"):
        hands.sweep(kind)


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """What `act` gives in so many threads that begin together."""
    start, found = threading.Barrier(count), []

    def run() -> None:
        start.wait()
        found.append(act())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


# leases


def test_eight_workers_take_each_row_once(world: World) -> None:
    wanted = {put(world) for _ in range(20)}

    def take_all() -> list[str]:
        taken = []
        while (found := leases.take(world.runtime, OutboxMessage, "somebody")) is not None:
            taken.append(found.id)
        return taken

    taken = [ident for part in at_once(8, take_all) for ident in part]
    assert sorted(taken) == sorted(wanted)


def test_a_lease_that_ran_out_is_taken_by_another_and_the_first_can_write_nothing(world: World) -> None:
    put(world)
    first = leases.take(world.runtime, OutboxMessage, "first")
    assert first is not None
    assert leases.take(world.runtime, OutboxMessage, "second") is None
    world.clock.forward(seconds=world.runtime.settings.lease_seconds)
    second = leases.take(world.runtime, OutboxMessage, "second")
    assert second is not None
    assert second.attempts == 2
    with world.runtime.writing() as db:
        assert leases.held(db, first, "first") is None
        assert leases.held(db, second, "second") is not None


def test_a_storm_of_nudges_is_one_word_to_sweep() -> None:
    storm = [("outbox", f"1:{number}") for number in range(100)] + [("job", "1:a"), ("job", "1:a")]
    assert nudges.messages_of(storm) == [(SWEEP, ("outbox",)), (NUDGE, ("job", "1:a"))]


def test_a_nudge_for_something_done_elsewhere_or_unknown_changes_nothing(world: World) -> None:
    hands = work.Hands(world.runtime, at_once=2)
    ident = put(world)
    for _ in range(2):
        hands.nudged("outbox", f"{world.workspace_id}:{ident}")
    for nonsense in ("", "x", "1:", "a:b", f"{world.workspace_id}:{'0' * 36}", f"999:{ident}"):
        hands.nudged("outbox", nonsense)
        hands.nudged("cake", nonsense)
    assert row(world, ident).attempts == 1


def test_a_broker_that_is_away_costs_a_request_nothing(world: World) -> None:
    nudge = nudges.nudger(dataclasses.replace(world.runtime.settings, broker_url="amqp://nobody@127.0.0.1:1"))
    for number in range(3 * nudges.MOST_WAITING):
        nudge("outbox", f"1:{number}")
    assert nudges.broker_state(dataclasses.replace(world.runtime.settings, broker_url="redis://127.0.0.1:1")) != "ok"


# mails


def test_without_a_server_a_mail_is_a_file_and_its_content_is_kept_nowhere_else(
    world: World, data_folder: Path
) -> None:
    ident = put(world)
    sweep(world.runtime, "outbox")
    message = email.message_from_bytes(
        (data_folder / "mails" / f"{ident}.eml").read_bytes(), policy=email.policy.default
    )
    assert message["Subject"] == "您好 Bcc: all@example.com"
    assert message["Bcc"] is None
    assert message["To"] == "amy@example.com"
    assert message["Message-ID"] == f"<{ident}@127.0.0.1>"
    assert message.get_content() == "Ein Brief – 一封信\n"
    done = row(world, ident)
    assert (done.status, done.body) == ("done", {"to": ["amy@example.com"], "subject": MAIL["subject"]})


class Postbox:
    """An SMTP server that keeps what it is sent; `answer` is what it says to it."""

    def __init__(self) -> None:
        self.received: list[email.message.Message] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.received.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


def test_a_mail_goes_out_by_the_server_of_the_settings(world: World, postbox: tuple[Postbox, str]) -> None:
    box, url = postbox
    ident = put(world)
    sweep(changed(world.runtime, smtp_url=url), "outbox")
    (message,) = box.received
    assert message["Message-ID"] == f"<{ident}@127.0.0.1>"
    assert message["Subject"] == "您好 Bcc: all@example.com"
    assert row(world, ident).status == "done"


def test_what_keeps_failing_is_tried_less_and_less_often_then_parked_and_an_admin_can_retry(
    world: World, postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    box.answer = "451 Try again later"
    runtime, ident = changed(world.runtime, smtp_url=url), put(world)
    pauses = []
    for _ in range(work.MOST_ATTEMPTS):
        sweep(runtime, "outbox")
        failed = row(world, ident)
        assert "451" in failed.error
        pauses.append((failed.due_at - world.clock()).total_seconds())
        sweep(runtime, "outbox")
        assert row(world, ident).attempts == failed.attempts
        world.clock.forward(hours=1)
    assert pauses[:5] == [5, 20, 80, 320, 1280]
    assert row(world, ident).status == "parked"
    assert deliveries.parked(world.admin) == 1
    (shown,) = deliveries.messages(world.admin, status="parked").rows
    assert (shown.to, shown.kind) == ("amy@example.com", "mail")
    with pytest.raises(NotAllowed):
        deliveries.retry(world.caller("amy"), ident)
    box.answer = "250 OK"
    deliveries.retry(world.admin, ident)
    sweep(runtime, "outbox")
    assert row(world, ident).status == "done"
    with pytest.raises(NotFound):
        deliveries.retry(world.admin, ident)


def test_sample_people_have_no_mailbox(world: World, postbox: tuple[Postbox, str]) -> None:
    _, url = postbox
    purchases(world)
    with world.runtime.writing() as db:
        db.get_one(Workspace, world.workspace_id).demo = True
    amy = dataclasses.replace(world.caller("amy"), runtime=changed(world.runtime, smtp_url=url))
    records.create_record(amy, "purchase", {"subject": "Laptops", "amount": 1})
    with world.admin.reading() as db:
        assert db.query(OutboxMessage).count() == 0
        assert db.query(Task).count() == 1


# webhooks


def call(url: str, **more: Any) -> webhooks.Answer:
    return webhooks.call("id-1", {"url": url, "json": {"a": 1}}, **more)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:5432/", "http://localhost/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::1]/",
     "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://192.168.1.1/", "http://[fe80::1]/", "http://2130706433/",
     "http://100.64.0.1/", "http://224.0.0.1/", "ftp://example.com/", "file:///etc/passwd", "gopher://x", "http://", ""],
)  # fmt: skip
def test_an_address_of_ones_own_network_is_never_called(url: str) -> None:
    with pytest.raises(webhooks.WebhookFailed) as refused:
        call(url)
    assert refused.value.for_good


def test_a_redirect_is_not_followed_into_the_network() -> None:
    with Listener([(302, b"")]).listening() as listener, pytest.raises(webhooks.WebhookFailed):
        call(listener.url, private=True)
    assert len(listener.heard) == 1


def test_an_answer_that_is_no_json_is_an_answer_without_values() -> None:
    with Listener([(200, b"thanks")]).listening() as listener:
        assert call(listener.url, private=True) == webhooks.Answer(200, None)
    assert listener.heard == [("id-1", b'{"a": 1}')]


@pytest.mark.parametrize(("status", "for_good"), [(500, False), (503, False), (429, False), (404, True), (410, True)])
def test_what_is_worth_trying_again_is_told_from_what_is_not(status: int, for_good: bool) -> None:
    with Listener([(status, b"")]).listening() as listener, pytest.raises(webhooks.WebhookFailed) as failed:
        call(listener.url, private=True)
    assert failed.value.for_good is for_good


def webhook_first(url: str, **more: Any) -> dict[str, Any]:
    webhook = {"url": url, "body": {"what": {"var": "subject"}}, "into": {"answer": "verdict"}}
    steps = [
        {"id": "ask", "type": "action", "do": {"webhook": webhook}, **more},
        {"id": "one", "type": "approval", "assignees": [{"member": "li"}]},
    ]
    return {"form": "purchase", "steps": steps}


def ask(world: World, url: str, **more: Any) -> str:
    purchases(world, webhook_first(url, **more))
    return records.create_record(world.caller("amy"), "purchase", {"subject": "Laptops", "amount": 1}).id


def open_steps(world: World) -> list[str]:
    with world.admin.reading() as db:
        return [task.step_id for task in db.query(Task).filter_by(status="open")]


def test_a_process_waits_for_the_answer_and_takes_over_what_it_maps(world: World) -> None:
    with Listener([(503, b""), (200, b'{"verdict": "fine", "secret": 1}')]).listening() as listener:
        record = ask(world, listener.url)
        runtime = changed(world.runtime, webhook_private=True)
        sweep(runtime)
        assert open_steps(world) == []
        world.clock.forward(minutes=1)
        sweep(runtime)
    assert open_steps(world) == ["one"]
    detail = records.record(world.admin, "purchase", record)
    assert detail.row.values["answer"] == "fine"
    assert len({ident for ident, _ in listener.heard}) == 1


def test_an_answer_that_does_not_fit_the_field_takes_the_error_path(world: World) -> None:
    with Listener([(200, b'{"verdict": {"no": "text"}}')]).listening() as listener:
        record = ask(world, listener.url, onError="continue")
        sweep(changed(world.runtime, webhook_private=True))
    assert open_steps(world) == ["one"]
    assert "answer" not in records.record(world.admin, "purchase", record).row.values


def test_a_webhook_that_is_refused_for_good_blocks_the_process_and_is_parked(world: World) -> None:
    """Why is said in the workspace's language: a worker does not know who will read it."""
    with world.admin.writing() as db:
        db.get_one(Workspace, world.workspace_id).language = "zh_Hans"
    ask(world, "http://127.0.0.1:9/hook")
    sweep(world.runtime)
    with world.admin.reading() as db:
        (message,) = db.query(OutboxMessage).filter_by(kind="webhook")
        assert (message.status, message.error) == ("parked", "127.0.0.1 是内网地址，不允许 Webhook 调用。")
        assert len(happened(db, "StepBlocked")) == 1


def test_a_call_that_an_admin_lets_be_made_again_is_not_parked_twice(world: World) -> None:
    ask(world, "http://127.0.0.1:9/hook")
    sweep(world.runtime)
    [process] = inbox.started(world.caller("amy")).rows
    [before] = deliveries.messages(world.admin, status="parked").rows
    processes.retry(world.admin, process.process_id, "ask")
    assert [row.status for row in deliveries.messages(world.admin).rows] == ["waiting"]
    sweep(world.runtime)
    [after] = deliveries.messages(world.admin, status="parked").rows
    assert after.id != before.id


def test_a_call_that_a_process_went_on_without_stays_parked(world: World) -> None:
    ask(world, "http://127.0.0.1:9/hook", onError="continue")
    sweep(world.runtime)
    assert open_steps(world) == ["one"]
    assert deliveries.parked(world.admin) == 1


# timers


def due_approval(world: World, *, then: str = "approve", count: int = 1) -> None:
    due = {"after": "PT1H", "then": {"decide": then}}
    steps = [{"id": "one", "type": "approval", "assignees": [{"member": "li"}], "due": due}]
    purchases(world, {"form": "purchase", "steps": steps})
    for number in range(count):
        records.create_record(world.caller("amy"), "purchase", {"subject": f"No {number}", "amount": 1})


def outcomes(world: World) -> list[str | None]:
    with world.admin.reading() as db:
        return [process.outcome for process in db.query(Process)]


def test_a_timer_fires_at_its_time_and_not_before(world: World) -> None:
    due_approval(world)
    world.clock.forward(minutes=59)
    sweep(world.runtime)
    assert outcomes(world) == [None]
    world.clock.forward(minutes=1)
    sweep(world.runtime)
    assert outcomes(world) == ["approved"]
    with world.admin.reading() as db:
        assert db.query(Timer).count() == 0


def test_a_server_that_was_down_fires_late_rather_than_never(world: World) -> None:
    due_approval(world)
    world.clock.forward(days=40)
    sweep(world.runtime)
    assert outcomes(world) == ["approved"]


def test_eight_workers_fire_each_timer_once(world: World) -> None:
    due_approval(world, count=6)
    world.clock.forward(hours=2)
    at_once(8, lambda: sweep(world.runtime, "timer"))
    assert outcomes(world) == ["approved"] * 6
    with world.admin.reading() as db:
        rang = [process for process, _ in happened(db, "TimerRang")]
    assert len(rang) == len(set(rang)) == 6


def test_eight_processes_remind_decide_and_escalate_once(world: World, database_url: str, data_folder: Path) -> None:
    dues = {
        "remind": {"after": "PT2H", "remind": ["PT1H"]},
        "decide": {"after": "PT1H", "then": {"decide": "approve"}},
        "escalate": {"after": "PT1H", "then": {"escalate": {"level": 1}}},
    }
    branches = [
        {"steps": [{"id": key, "type": "approval", "assignees": [{"member": "li"}], "due": due}]}
        for key, due in dues.items()
    ]
    purchases(world, {"form": "purchase", "steps": [{"id": "all", "type": "parallel", "branches": branches}]})
    for number in range(5):
        records.create_record(world.caller("amy"), "purchase", {"subject": f"No {number}", "amount": 1})
    now, fork = world.clock.forward(minutes=90), multiprocessing.get_context("forkserver")
    fork.set_forkserver_preload(["formloom.platform.work"])
    arguments = (database_url, str(data_folder), now, "timer", fork.Barrier(8))
    workers = [fork.Process(target=sweep_elsewhere, args=arguments) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 8
    with world.admin.reading() as db:
        effects = Counter((event["kind"], event.get("step"), process) for process, event in happened(db))
        told = Counter((note.kind, note.process_id) for note in db.query(Notification).filter_by(kind="reminded"))
        assert db.query(Timer).filter(Timer.due_at <= now).count() == 0
        processes = [process.id for process in db.query(Process)]
    for process in processes:
        for effect in (("Reminded", "remind"), ("TaskDecided", "decide"), ("HandedOver", "escalate")):
            assert effects[(*effect, process)] == 1
        for step in dues:
            assert effects[("TimerRang", step, process)] == 1
        assert told[("reminded", process)] == 1


def test_a_timer_that_cannot_be_done_is_put_off_and_stops_no_other(world: World) -> None:
    due_approval(world, count=2)
    world.clock.forward(hours=2)
    with world.admin.writing() as db:
        broken = db.query(Process).first()
        assert broken is not None
        broken.state = {"format": 99}
    sweep(world.runtime, "timer")
    assert sorted(map(str, outcomes(world))) == ["None", "approved"]
    with world.admin.reading() as db:
        (timer,) = db.query(Timer)
        assert timer.attempts == 1
        assert timer.lease_until is not None
        assert timer.lease_until > world.clock()


# jobs


def start(world: World, member: str = "root") -> str:
    caller = world.caller(member)
    with caller.writing() as db:
        return jobs.start(db, caller, "rebuild", {"form_key": "ledger"})


def test_a_job_runs_with_progress_and_says_what_came_of_it(world: World) -> None:
    purchases(world)
    records.create_record(world.admin, "ledger", {"what": "Chairs"})
    ident = start(world)
    sweep(world.runtime, "job")
    done = jobs.job(world.admin, ident)
    assert (done.status, done.done, done.total, done.result) == ("done", 1, 1, {"records": 1})
    assert [each.id for each in jobs.jobs(world.admin)] == [ident]


def test_a_job_that_cannot_be_done_fails_with_a_sentence(world: World) -> None:
    ident = start(world)
    sweep(world.runtime, "job")
    failed = jobs.job(world.admin, ident)
    assert (failed.status, failed.error) == ("failed", "There is no form ledger.")


def test_a_job_is_seen_and_cancelled_by_its_owner_and_admins(world: World) -> None:
    ident = start(world, "amy")
    with pytest.raises(NotFound):
        jobs.job(world.caller("bob"), ident)
    with pytest.raises(NotFound):
        jobs.cancel(world.caller("bob"), ident)
    jobs.cancel(world.caller("amy"), ident)
    sweep(world.runtime, "job")
    assert jobs.job(world.admin, ident).status == "cancelled"


def test_a_running_job_learns_that_it_was_cancelled_or_taken_over(world: World) -> None:
    ident = start(world)
    taken = leases.take(world.runtime, Job, "first")
    assert taken is not None
    progress = Progress(world.admin, taken, "first")
    progress(1, 10)
    jobs.cancel(world.admin, ident)
    with pytest.raises(jobs.Cancelled):
        progress(2)
    assert (jobs.job(world.admin, ident).done, jobs.job(world.admin, ident).total) == (1, 10)


def test_a_job_of_a_killed_worker_is_taken_up_by_another(world: World) -> None:
    purchases(world)
    ident = start(world)
    assert leases.take(world.runtime, Job, "killed") is not None
    sweep(world.runtime, "job")
    assert jobs.job(world.admin, ident).status == "waiting"
    world.clock.forward(seconds=world.runtime.settings.lease_seconds)
    sweep(world.runtime, "job")
    assert jobs.job(world.admin, ident).status == "done"


def test_one_workspace_sees_no_deliveries_and_jobs_of_another(runtime: Runtime) -> None:
    ours, theirs = new_world(runtime), new_world(runtime, name="Other")
    message, job = put(theirs), start(theirs)
    assert deliveries.messages(ours.admin).rows == ()
    assert jobs.jobs(ours.admin) == []
    for attempt in (lambda: deliveries.retry(ours.admin, message), lambda: jobs.job(ours.admin, job)):
        with pytest.raises(NotFound):
            attempt()
