"""`formloom init`, `demo`, `backup`, `restore`, `settings`, `bench`: what is done once, or now and then."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import click

from formloom.platform.cli import ADMIN_PASSWORD, Failure, settings_from
from formloom.platform.cli_serve import FOLDER
from formloom.platform.settings import LANGUAGES

JSON = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")


@contextmanager
def runtime_of(data_folder: Path | None, *, upgrade: bool = False) -> Iterator[Any]:
    """The runtime of the installation that the settings name; with its tables made or brought up to date, if asked."""
    from formloom.platform import migrations, supervisor
    from formloom.platform.runtime import create_runtime

    settings = settings_from(data_folder=data_folder)
    supervisor.prepare_folder(settings.data_folder)
    runtime = create_runtime(settings)
    try:
        if upgrade:
            migrations.upgrade(runtime.database)
        yield runtime
    finally:
        runtime.close()


@click.command()
@FOLDER
@click.option("--workspace", prompt="Name of the workspace", help="What the company or team is called.")
@click.option("--name", prompt="Your name", help="The first admin.")
@click.option("--email", prompt="Your e-mail address", help="What the admin signs in with.")
@click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, envvar=ADMIN_PASSWORD,
    help="Asked for when left out; scripts set FORMLOOM_ADMIN_PASSWORD instead of showing it in the process list.",
)  # fmt: skip
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--zone", default="UTC", show_default=True, help="Time zone, such as Asia/Shanghai.")
@JSON
def init(
    data_folder: Path | None,
    workspace: str,
    name: str,
    email: str,
    password: str,
    language: str,
    zone: str,
    as_json: bool,
) -> None:
    """Make a workspace and its first admin.

    Does what the first page of a new installation does, for scripts and servers; may be called again for a further
    workspace.

    \b
    FORMLOOM_ADMIN_PASSWORD=… formloom init --workspace Hesheng --name Rita --email rita@example.com --zone Asia/Shanghai
    """
    from formloom.platform.errors import InputInvalid
    from formloom.platform.services import accounts

    if zone not in available_timezones():
        raise Failure(f"{zone} is no time zone. Use one such as Asia/Shanghai.")
    with runtime_of(data_folder, upgrade=True) as runtime:
        given = {"workspace": workspace, "name": name, "email": email, "password": password}
        try:
            made = accounts.create_workspace(runtime, **given, language=language, zone=zone, another=True)
        except InputInvalid as error:
            raise Failure(" ".join(f"{field}: {said}" for field, said in error.errors.items())) from error
        address = runtime.settings.address()
    if as_json:
        click.echo(json.dumps({"workspace": made.workspace_id, "member": made.member_id, "address": address}))
    else:
        click.echo(f"The workspace {workspace} is there. Sign in as {email} at {address}.")


@click.command()
@FOLDER
@JSON
def demo(data_folder: Path | None, as_json: bool) -> None:
    """Make the sample workspace: a company, four apps, records and requests with their history, accounts to sign in with.

    Run again, it adds only what is missing. The accounts share a password that is printed here and the same everywhere,
    so they sign in from this machine only, unless FORMLOOM_DEMO_ANYWHERE is set.

    \b
    formloom demo && formloom serve
    """
    from formloom.platform import demo as sample

    with runtime_of(data_folder, upgrade=True) as runtime:
        made = sample.make(runtime, lambda sentence: click.echo(sentence, err=True))
    if as_json:
        accounts = [{"name": one.name, "email": one.email, "is": one.what} for one in made.accounts]
        click.echo(json.dumps({"workspace": made.workspace_id, "password": made.password, "accounts": accounts}))
    else:
        click.echo(made.told())


@click.command()
@FOLDER
@JSON
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(data_folder: Path | None, file: Path, as_json: bool) -> None:
    """Write everything to one FILE: all rows and all uploaded files, while the installation is in use.

    The file holds everything that the company does; only its owner can read it. It fits SQLite and PostgreSQL alike:
    restoring it into the other one is how an installation moves.

    \b
    formloom backup /backups/formloom-$(date +%F).tar.gz
    """
    from formloom.platform import backup as writer

    with runtime_of(data_folder) as runtime:
        _told(writer.backup(runtime, file), f"Written to {file}", as_json=as_json)


@click.command()
@FOLDER
@JSON
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(data_folder: Path | None, file: Path, as_json: bool) -> None:
    """Read everything back from a backup FILE, into an empty installation.

    Mails and webhooks that waited when the backup was made are parked, not sent: they may have been sent since. An admin
    finds them under Deliveries. Sessions end, because the secret key is not part of a backup.

    \b
    FORMLOOM_DATABASE_URL=postgresql://… formloom restore /backups/formloom-2026-11-24.tar.gz
    """
    from formloom.platform import backup as reader

    with runtime_of(data_folder) as runtime:
        counts = reader.restore(runtime, file, lambda sentence: click.echo(sentence, err=True))
        _told(counts, f"Restored from {file}", as_json=as_json)


def _told(counts: dict[str, int], done: str, *, as_json: bool) -> None:
    files = counts.get("files", 0)
    rows = sum(counts.values()) - files
    click.echo(json.dumps(counts) if as_json else f"{done}: {rows} rows, {files} files.")


@click.command()
def settings() -> None:
    """Print every setting: its environment variable, its default and what it does."""
    from formloom.platform.settings import settings_page

    click.echo(settings_page())


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure this machine: each figure as a ratio to a yardstick in the same run.

    Works in a checkout of the sources, where the yardsticks stand in tests/bench. `formloom bench -- --help` there says
    what can be measured.
    """
    folder = Path(__file__).parent.parent / "tests" / "bench"
    if not folder.is_dir():
        raise Failure("The yardsticks are not installed. Run `make bench` in a checkout of the sources.")
    raise SystemExit(subprocess.call([sys.executable, str(folder), *arguments]))  # noqa: S603 our own program
