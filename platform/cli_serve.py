"""`formloom serve`, `web` and `worker`: starting the processes of an installation."""

from pathlib import Path

import click

from formloom.platform.cli import Failure, settings_from

FOLDER = click.option("--data-folder", type=click.Path(path_type=Path), help="Folder for everything that is written.")
HOST = click.option("--host", help="Address to listen on (127.0.0.1: this machine only; 0.0.0.0: everywhere).")
PORT = click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")


@click.command()
@HOST
@PORT
@FOLDER
@click.option("--demo", is_flag=True, help="Make the sample workspace first, and print its accounts.")
def serve(host: str | None, port: int | None, data_folder: Path | None, demo: bool) -> None:
    """Start everything on this machine: pages, API and background worker.

    Makes the data folder, the database and the secret key if they aren't there, brings the tables up to date, and keeps
    the worker running. Ctrl-C stops all of it; what was going on is taken up at the next start.

    \b
    formloom serve                     an empty installation; the first page makes its workspace
    formloom serve --demo              with a sample workspace to try
    formloom serve --port 9000         on another port
    FORMLOOM_DATABASE_URL=postgresql://… FORMLOOM_BROKER_URL=amqp://… formloom serve
    """
    from formloom.platform import supervisor

    settings = settings_from(host=host, port=port, data_folder=data_folder)
    raise SystemExit(supervisor.serve(settings, demo=demo, tell=click.echo))


@click.command()
@HOST
@PORT
@FOLDER
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Web processes.")
@click.option("--threads", type=click.IntRange(1, 200), help="Threads of each process.")
def web(host: str | None, port: int | None, data_folder: Path | None, processes: int, threads: int | None) -> None:
    """Start only the web server: gunicorn with several processes, for PostgreSQL and a broker beside it.

    The tables must be up to date (`formloom db upgrade`), and a `formloom worker` must run somewhere.

    \b
    formloom web --host 0.0.0.0 --processes 4
    """
    from formloom.platform import supervisor, web_server

    settings = settings_from(host=host, port=port, data_folder=data_folder, threads=threads)
    supervisor.listen(settings.host, settings.port).close()  # gunicorn would try five times, and tell each
    web_server.run_gunicorn(settings, processes)


@click.command()
@FOLDER
@click.option("--tasks", type=click.IntRange(1, 64), help="How many things to do at a time.")
@click.option("--with-parent", is_flag=True, hidden=True, help="Stop when standard input is closed.")
def worker(data_folder: Path | None, tasks: int | None, with_parent: bool) -> None:
    """Start only a background worker: mails, webhooks, due times, long work.

    Any number of them may run, on any machine that reaches the database and the broker. Killing one loses nothing.

    \b
    FORMLOOM_BROKER_URL=redis://… formloom worker --tasks 8
    """
    from formloom.platform import worker as background

    settings = settings_from(data_folder=data_folder, workers=tasks)
    code = background.run(settings, with_parent=with_parent)
    if code:
        raise Failure("The worker stopped because of an error; it is in the log above.")
