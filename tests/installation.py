"""A whole installation for tests of the background: its own database, a broker, workers that can be killed, a server to call."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from kombu import Connection

from formloom.platform import migrations, nudges
from formloom.platform.celery_app import queue_name
from formloom.platform.runtime import Runtime, create_runtime
from formloom.platform.settings import read_settings
from formloom.platform.supervisor import environment_of

POSTGRES = os.environ.get("FORMLOOM_TEST_POSTGRES", "postgresql+psycopg://root@127.0.0.1:5432")
BROKERS = {
    "embedded": "embedded",
    "amqp": os.environ.get("FORMLOOM_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672"),
    "redis": os.environ.get("FORMLOOM_TEST_REDIS", "redis://127.0.0.1:6379"),
}


@contextmanager
def installation(broker: str, folder: Path, **settings: str) -> Iterator[Runtime]:
    """One that is embedded in `folder`, or on PostgreSQL with RabbitMQ (`amqp`) or Redis beside it."""
    with database(broker, folder) as url:
        given = {"DATA_FOLDER": str(folder), "DATABASE_URL": url, "BROKER_URL": BROKERS[broker], "LEASE_SECONDS": "3"}
        runtime = create_runtime(read_settings({f"FORMLOOM_{name}": text for name, text in (given | settings).items()}))
        runtime.nudge = nudges.nudger(runtime.settings)
        migrations.upgrade(runtime.database)
        yield runtime
        runtime.close()
        if broker != "embedded":
            with Connection(BROKERS[broker]) as connection, connection.channel() as channel:
                channel.queue_delete(queue_name(runtime.settings))


@contextmanager
def database(broker: str, folder: Path) -> Iterator[str]:
    if broker == "embedded":
        yield f"sqlite:///{folder / 'formloom.db'}"
        return
    name = f"formloom_background_{os.getpid()}_{random.randrange(10**6)}"
    server = sa.create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield f"{POSTGRES}/{name}"
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@dataclass
class Workers:
    """Worker processes of an installation, each with a log of its own in the folder `logs`."""

    runtime: Runtime
    logs: Path
    running: list[tuple[subprocess.Popen[bytes], Path]] = field(default_factory=list)
    started: int = 0

    def start(self) -> None:
        environment = {name: text for name, text in os.environ.items() if not name.startswith("FORMLOOM_")}
        environment |= environment_of(self.runtime.settings)
        command = [sys.executable, "-P", "-m", "formloom.platform.cli", "worker", "--tasks", "4"]
        self.logs.mkdir(exist_ok=True)
        self.started += 1
        log = self.logs / f"{self.started}.txt"
        with log.open("wb") as output:
            self.running.append((subprocess.Popen(command, env=environment, stdout=output, stderr=output), log))

    def kill_one(self) -> None:
        """`kill -9`, at whatever it does."""
        victim, _ = self.running.pop(random.randrange(len(self.running)))
        victim.kill()
        victim.wait()

    def stop(self) -> list[int]:
        """Their exit codes after SIGTERM, which whoever is still starting can't answer yet."""
        for _, log in self.running:
            assert wait_until(lambda log=log: "worker ready" in log.read_text(), 60), log.read_text()[-4000:]
        for process, _ in self.running:
            process.send_signal(signal.SIGTERM)
        return [process.wait(30) for process, _ in self.running]

    def said(self) -> str:
        """The end of what each of them wrote."""
        return "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in sorted(self.logs.iterdir()))


def wait_until(what: Callable[[], object], seconds: float = 120, *, every: float = 0.1) -> bool:
    """Look again and again; whether it came true in time."""
    pause = threading.Event()
    for _ in range(int(seconds / every)):
        if what():
            return True
        pause.wait(every)
    return False


@dataclass
class Listener:
    """A web server that notes what it is sent. `answers` are given one after the other, the last one for ever."""

    answers: list[tuple[int, bytes]]
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def listening(self) -> Iterator["Listener"]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append((self.headers["webhook-id"], body))
                status, answer = listener.answers[0] if len(listener.answers) == 1 else listener.answers.pop(0)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield self
        server.shutdown()
        server.server_close()
        thread.join()
