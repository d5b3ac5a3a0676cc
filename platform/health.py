"""What a load balancer and a monitor ask: is the process alive (`/healthz`), and is everything it needs there (`/readyz`)."""

from dataclasses import asdict, dataclass
from datetime import datetime

from flask import Flask, Response, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from formloom.platform import migrations, nudges
from formloom.platform.models import Notification, OutboxMessage, Timer
from formloom.platform.runtime import Runtime

LATE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each part in a word (`ok`, or what is wrong); ages in seconds, 0 when nothing waits."""

    database: str
    migrations: str
    broker: str
    oldest_outbox_seconds: int
    oldest_timer_seconds: int

    def ready(self) -> bool:
        """Whether requests can be served. A broker that is away, or work that is late, is told but stops nobody."""
        return self.database == "ok" and self.migrations == "current"


def readiness(runtime: Runtime) -> Readiness:
    """Look at everything that serving needs."""
    broker = nudges.broker_state(runtime.settings)
    try:
        found = migrations.state(runtime.database)
        outbox, timer = _oldest(runtime) if found == "current" else (0, 0)
    except SQLAlchemyError as error:
        return Readiness(type(error).__name__, "unknown", broker, 0, 0)
    return Readiness("ok", found, broker, outbox, timer)


def _oldest(runtime: Runtime) -> tuple[int, int]:
    now = runtime.clock()
    with runtime.reading() as db:
        outbox = db.scalar(select(func.min(OutboxMessage.due_at)).where(OutboxMessage.status == "waiting"))
        notice = db.scalar(select(func.min(Notification.mail_due_at)))
        timer = db.scalar(select(func.min(Timer.due_at)))
    return max(_late(outbox, now), _late(notice, now)), _late(timer, now)


def _late(due: datetime | None, now: datetime) -> int:
    return 0 if due is None else max(0, int((now - due).total_seconds()))


def register(app: Flask, runtime: Runtime) -> None:
    """Add `/healthz` and `/readyz`."""

    @app.get("/healthz")
    def healthz() -> Response:
        """Say that the process answers."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Say what is there and what is not; 503 when requests can't be served."""
        found = readiness(runtime)
        late = max(found.oldest_outbox_seconds, found.oldest_timer_seconds) > LATE_SECONDS
        status = "ok" if found.ready() and not late else "late" if found.ready() else "not ready"
        return jsonify(status=status, **asdict(found)), 200 if found.ready() else 503
