"""The two web servers: waitress, in the process of `formloom serve`, and gunicorn, for `formloom web`."""

import gc
import socket
import sys
from typing import Any

from formloom.platform import logs, migrations
from formloom.platform.app import create_app
from formloom.platform.errors import FormloomError
from formloom.platform.runtime import Runtime, create_runtime
from formloom.platform.settings import Settings


class NoGunicorn(FormloomError):
    """gunicorn does not run on this system."""


def create_waitress(settings: Settings, runtime: Runtime, listening: socket.socket) -> Any:
    """A waitress server on the bound socket `listening`; its `run()` returns when it is interrupted."""
    import waitress.server

    return waitress.server.create_server(
        _application(settings, runtime),
        sockets=[listening],
        threads=settings.threads,
        ident="",
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
        channel_timeout=60,
    )


def run_gunicorn(settings: Settings, processes: int) -> None:
    """Run gunicorn with `processes` processes of `settings.threads` threads until it is stopped.

    Raises:
        DatabaseUnfit: the tables are not up to date.
        NoGunicorn: this is Windows.
    """
    if sys.platform == "win32":
        raise NoGunicorn("gunicorn doesn't run on Windows; use `formloom serve` there.")
    from gunicorn.app.base import BaseApplication

    logs.configure(settings.log_level, settings.log_format)
    runtime = create_runtime(settings)
    migrations.require_current(runtime.database)
    runtime.close()

    class Server(BaseApplication):
        """gunicorn, configured from our settings instead of a file of its own."""

        def load_config(self) -> None:
            """Take over our settings."""
            self.cfg.set("bind", f"{settings.host}:{settings.port}")
            self.cfg.set("workers", processes)
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", settings.threads)
            self.cfg.set("graceful_timeout", 20)
            if (
                "control_socket_disable" in self.cfg.settings
            ):  # since gunicorn 25: one socket for all of a user's servers
                self.cfg.set("control_socket_disable", True)
            self.cfg.set("forwarded_allow_ips", "*" if settings.trusted_proxies else "127.0.0.1")

        def load(self) -> Any:
            """The application, made in each process."""
            return _application(settings)

    Server().run()


def _application(settings: Settings, runtime: Runtime | None = None) -> Any:
    """The application; what it consists of lives as long as the process, so the garbage collector need not look again."""
    application = create_app(settings, runtime)
    gc.collect()
    gc.freeze()
    return application
