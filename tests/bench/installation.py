"""An installation to measure: a folder, a database of its own, the bench app, a token; and servers started beside it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from formloom.platform import migrations
from formloom.platform.packages.files import read_folder, write_zip
from formloom.platform.runtime import Runtime, caller_for, create_runtime
from formloom.platform.services import accounts, installing, tokens
from formloom.platform.settings import read_settings

PACKAGE = Path(__file__).parent / "package"
POSTGRES = os.environ.get("FORMLOOM_TEST_POSTGRES", "postgresql+psycopg://root@127.0.0.1:5432")
KINDS = ("SQLite", "PostgreSQL")


@dataclass(frozen=True)
class Installation:
    """Where it is, how to reach its data, who works in it."""

    folder: Path
    environment: dict[str, str]
    database: str
    runtime: Runtime
    workspace_id: int
    member_id: str
    token: str


@contextmanager
def installation(kind: str) -> Iterator[Installation]:
    """A fresh one, with the bench app installed."""
    with tempfile.TemporaryDirectory() as name, database(kind, Path(name)) as url:
        folder = Path(name)
        given = {"FORMLOOM_DATA_FOLDER": str(folder), "FORMLOOM_DATABASE_URL": url, "FORMLOOM_LOG_LEVEL": "error"}
        runtime = create_runtime(read_settings(given))
        migrations.upgrade(runtime.database)
        signed = accounts.create_workspace(
            runtime,
            workspace="Bench",
            name="Bench",
            email="bench@example.com",
            password="a long bench password",
            language="en",
            zone="UTC",
        )
        caller = caller_for(runtime, signed.workspace_id, signed.member_id)
        installing.import_app(caller, write_zip(read_folder(PACKAGE)))
        token = tokens.create_token(caller, "bench")
        yield Installation(folder, {**os.environ, **given}, url, runtime, signed.workspace_id, signed.member_id, token)
        runtime.close()


@contextmanager
def database(kind: str, folder: Path, whose: str = "bench") -> Iterator[str]:
    """The address of an empty database."""
    if kind == "SQLite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    name = f"formloom_{whose}_{os.getpid()}"
    admin = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(
    command: list[str], address: str, environment: dict[str, str], folder: Path | None = None
) -> Iterator[float]:
    """A server while it is needed; gives the seconds from its start to its first answer at `address`."""
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while True:
                try:
                    with urllib.request.urlopen(address, timeout=5):
                        break
                except urllib.error.HTTPError:
                    break
                except OSError:
                    if process.poll() is not None or time.perf_counter() - begun > 60:
                        raise RuntimeError(f"{' '.join(command)} does not answer at {address}") from None
                    time.sleep(0.02)
            yield time.perf_counter() - begun
        finally:
            process.terminate()
            process.wait(20)
