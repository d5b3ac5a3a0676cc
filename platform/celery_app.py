"""The Celery application: which broker, which two tasks, and the beat that sweeps.

A message is a nudge, never a fact: it says where to look, and losing or repeating it changes nothing. So nothing here
uses acknowledgements, results, retries, chains or ETA.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from celery import Celery
from sqlalchemy.engine import make_url

from formloom.platform.settings import EMBEDDED, Settings

NUDGE, SWEEP = "formloom.nudge", "formloom.sweep"
KINDS = ("notice", "outbox", "timer", "job", "automation", "clock")
SWEEP_SECONDS = 5.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""When each sweep ran last, as far as a worker that starts knows: what another left behind is taken up at once."""


def create_celery(settings: Settings) -> Celery:
    """The Celery application for `settings`; the tasks themselves are added by worker.py."""
    app = Celery("formloom", set_as_current=False)
    app.conf.update(
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=4,
        broker_transport_options={"polling_interval": 0.2},
        task_default_queue=queue_name(settings),
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        beat_schedule={
            f"sweep-{kind}": {
                "task": SWEEP,
                "schedule": SWEEP_SECONDS,
                "last_run_at": LONG_AGO,
                "args": (kind,),
                "options": {"expires": SWEEP_SECONDS * 2},
            }
            for kind in KINDS
        },
    )
    if settings.broker_url == EMBEDDED:
        folder = spool_folder(settings)
        options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": folder / "control"}
        app.conf.update(
            broker_url="filesystem://localhost/",
            broker_transport="formloom.platform.spool:Transport",
            broker_transport_options=app.conf.broker_transport_options | options,
        )
    else:
        app.conf.broker_url = settings.broker_url
    return app


def queue_name(settings: Settings) -> str:
    """The queue of this installation: two that share a broker must not take each other's nudges."""
    database = make_url(settings.database()).database or ""
    return f"formloom-{hashlib.sha256(database.encode()).hexdigest()[:12]}"


def spool_folder(settings: Settings) -> Path:
    """The folder of the embedded broker, made if it isn't there."""
    folder = settings.data_folder / "queue"
    (folder / "control").mkdir(parents=True, exist_ok=True)
    return folder
