"""The background worker: a Celery worker with a thread pool, and beat on a thread beside it.

What its tasks do stands in work.py. Beat runs in every worker: two sweeps at once are no more than one, because each
takes its rows with a lease.
"""

import os
import signal
import sys
import threading

import structlog
from celery import Celery, signals
from celery.beat import EmbeddedService, Scheduler

from formloom.platform import logs, migrations, nudges, work
from formloom.platform.celery_app import NUDGE, SWEEP, create_celery
from formloom.platform.runtime import create_runtime
from formloom.platform.settings import Settings

log = structlog.get_logger(__name__)


def run(settings: Settings, *, with_parent: bool = False) -> int:
    """Run a worker until it is told to stop (SIGTERM, Ctrl-C); gives its exit code.

    `with_parent`: also stop when standard input is closed, that is, when the process that started this one is gone.

    Raises:
        DatabaseUnfit: the tables are not up to date.
    """
    logs.configure(settings.log_level, settings.log_format)
    runtime = create_runtime(settings)
    migrations.require_current(runtime.database)
    runtime.nudge = nudges.nudger(settings)
    hands = work.Hands(runtime, at_once=max(2, settings.workers))
    celery = create_celery(settings)
    _add_tasks(celery, hands)
    beat = EmbeddedService(celery, thread=True, scheduler_cls=Scheduler)
    signals.worker_ready.connect(lambda **_: beat.start(), weak=False)
    signals.worker_ready.connect(lambda **_: log.info("worker ready"), weak=False)
    told: list[str] = []

    def stopping(sig: str, **_: object) -> None:
        told.append(sig)
        # Without waiting for its thread, which sleeps until the next sweep: that takes five seconds and is of no use.
        beat.service.stop(wait=False)

    signals.worker_shutting_down.connect(stopping, weak=False)
    if with_parent:
        threading.Thread(target=_stop_with_parent, name="parent-watcher", daemon=True).start()
    worker = celery.Worker(
        pool="threads",
        concurrency=max(2, settings.workers),
        loglevel=settings.log_level.upper(),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    runtime.close()
    return 0 if told else int(worker.exitcode or 0)  # Celery calls Ctrl-C a failure


def _add_tasks(celery: Celery, hands: work.Hands) -> None:
    @celery.task(name=NUDGE)
    def nudge(kind: str, ident: str) -> None:
        """Do the one thing that this names."""
        hands.nudged(kind, ident)

    @celery.task(name=SWEEP)
    def sweep(kind: str) -> None:
        """Do what is due of this kind."""
        hands.sweep(kind)


def _stop_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
