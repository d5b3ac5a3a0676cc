"""`formloom serve`: everything on one machine, in two processes that stop together.

The web server (waitress) runs here; the background worker is a child that is started again whenever it ends. It has a
session of its own, so that Ctrl-C reaches only this process, and a pipe from here as its standard input: when this
process ends in any way, the pipe closes and the worker stops by itself.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import structlog

from formloom.platform import logs, migrations, nudges, web_server
from formloom.platform.errors import FormloomError
from formloom.platform.runtime import Runtime, create_runtime
from formloom.platform.settings import Settings, variable

log = structlog.get_logger(__name__)

STOP_SECONDS = 10
SHORTEST_LIFE, LONGEST_PAUSE = 5.0, 30.0


class CannotStart(FormloomError):
    """The installation can't be started; the sentence says why and what to do."""


def serve(settings: Settings, *, demo: bool, tell: Callable[[str], None]) -> int:
    """Start everything, tell the address, and run until stopped; gives the exit code.

    Raises:
        CannotStart: a folder can't be written, or the port is taken.
        DatabaseUnfit: the database was made by a newer Formloom.
    """
    logs.configure(settings.log_level, settings.log_format)
    prepare_folder(settings.data_folder)
    listening = listen(settings.host, settings.port)
    runtime = create_runtime(settings)
    runtime.nudge = nudges.nudger(settings)
    migrations.upgrade(runtime.database)
    accounts = _sample(runtime, tell) if demo else ""
    worker = Worker(settings)
    for stop in (signal.SIGINT, signal.SIGTERM):  # a shell that starts it in the background has SIGINT ignored
        signal.signal(stop, _stop)
    try:
        server = web_server.create_waitress(settings, runtime, listening)
        worker.start()  # now that the pages can be had: its start takes a processor for a second
        tell(f"Formloom is at {settings.address()} (Ctrl-C stops it).")
        if accounts:
            tell(accounts)
        if not settings.smtp_url:
            tell(f"Mails are written to {settings.data_folder / 'mails'} (FORMLOOM_SMTP_URL sends them).")
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        worker.stop()
        runtime.close()
    tell("Stopped.")
    return 0


def _sample(runtime: Runtime, tell: Callable[[str], None]) -> str:
    from formloom.platform import demo

    return demo.make(runtime, tell).told()


def _stop(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def prepare_folder(folder: Path) -> None:
    """Make the data folder, and see that it can be written to.

    Raises:
        CannotStart: it can't.
    """
    probe = folder / f".write-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        sentence = f"The data folder {folder} can't be written to ({error.strerror}). "
        raise CannotStart(sentence + f"Choose another with --data-folder or {variable('data_folder')}.") from error


def listen(host: str, port: int) -> socket.socket:
    """The socket that the web server answers on, bound now, so that a taken port is known before anything starts.

    Raises:
        CannotStart: the port is taken, or the address isn't this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        sentence = f"Can't listen on {host} port {port} ({error.strerror}). "
        raise CannotStart(sentence + f"Choose another with --port or {variable('port')}.") from error
    return listening


class Worker:
    """The background worker as a child process: started, watched, started again, stopped."""

    def __init__(self, settings: Settings) -> None:
        self._environment = os.environ | environment_of(settings)
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="worker-watcher", daemon=True)

    def start(self) -> None:
        """Start it and watch over it."""
        self._watcher.start()

    def stop(self) -> None:
        """Let it finish what it does, for ten seconds at most."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._watcher.is_alive():
            self._watcher.join(STOP_SECONDS)

    def _watch(self) -> None:
        pause = 0.5
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "formloom.platform.cli", "worker", "--with-parent"],
                stdin=subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
            )
            if self._stopping.is_set():
                self._process.terminate()
            code = self._process.wait()
            if self._stopping.is_set():
                return
            pause = 0.5 if time.monotonic() - began > SHORTEST_LIFE else min(pause * 2, LONGEST_PAUSE)
            log.warning("worker ended, starting it again", code=code, pause=pause)
            self._stopping.wait(pause)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables that give a child process the same settings."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {variable(name): str(value) for name, value in values.items() if value != ""}
