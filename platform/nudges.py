"""Telling the workers, after a commit, that there is something to do.

It happens on a thread of its own: a broker that is slow or away costs a request nothing. A nudge that is dropped, or
lost with its process, is made up for by the next sweep. A single one is sent at once; of a storm of them only the word
that there is much to do, because sending costs more than what it is about.
"""

import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import structlog

from formloom.platform.settings import EMBEDDED, Settings

log = structlog.get_logger(__name__)

MOST_WAITING = 1000
FEW = 3
PAUSE_SECONDS = 0.05
STORM_SECONDS = 0.5
"""After the word that there is much to do, who does it is busy for a while anyway."""
PORTS = {"amqp": 5672, "amqps": 5671, "redis": 6379, "rediss": 6379}


class Nudger:
    """Sends nudges from one process. Celery is imported by its thread, at the first nudge."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._waiting: queue.Queue[tuple[str, str]] = queue.Queue(MOST_WAITING)
        self._process = 0

    def __call__(self, kind: str, ident: str) -> None:
        """Tell a worker that `ident` of `kind` (outbox, timer, job) is due."""
        if self._process != os.getpid():  # threads don't live through a fork
            self._process = os.getpid()
            threading.Thread(target=self._send, name="nudges", daemon=True).start()
        try:
            self._waiting.put_nowait((kind, ident))
        except queue.Full:
            log.warning("nudge dropped", kind=kind)

    def _send(self) -> None:
        from formloom.platform.celery_app import create_celery

        celery = create_celery(self._settings)
        while True:
            waiting = [self._waiting.get()]
            while not self._waiting.empty():
                waiting.append(self._waiting.get())
            messages = messages_of(waiting)
            for task, arguments in messages:
                try:
                    celery.send_task(task, args=arguments, expires=60, retry=False, ignore_result=True)
                except Exception as error:
                    log.warning("nudge not sent", kind=arguments[0], error=str(error))
            time.sleep(PAUSE_SECONDS if len(messages) == len(waiting) else STORM_SECONDS)


def messages_of(waiting: Sequence[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """The Celery messages (task, arguments) that say what `waiting` says: each nudge, or one sweep where there are many."""
    from formloom.platform.celery_app import NUDGE, SWEEP

    by_kind: dict[str, list[str]] = {}
    for kind, ident in dict.fromkeys(waiting):
        by_kind.setdefault(kind, []).append(ident)
    messages: list[tuple[str, tuple[str, ...]]] = []
    for kind, idents in by_kind.items():
        few = len(idents) <= FEW
        messages += [(NUDGE, (kind, ident)) for ident in idents] if few else [(SWEEP, (kind,))]
    return messages


def nudger(settings: Settings) -> Callable[[str, str], None]:
    """What a runtime calls after its commits."""
    return Nudger(settings)


def broker_state(settings: Settings) -> str:
    """`ok`, or what is wrong with the broker, in a word."""
    if settings.broker_url == EMBEDDED:
        folder = settings.data_folder / "queue"
        return "ok" if os.access(folder if folder.exists() else settings.data_folder, os.W_OK) else "not writable"
    parts = urlsplit(settings.broker_url)
    try:
        with socket.create_connection((parts.hostname or "localhost", parts.port or PORTS[parts.scheme]), timeout=2):
            return "ok"
    except OSError as error:
        return type(error).__name__
