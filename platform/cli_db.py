"""`formloom db`: the tables of an installation."""

import json
from pathlib import Path
from typing import Any

import click

from formloom.platform.cli import Failure
from formloom.platform.cli_serve import FOLDER
from formloom.platform.cli_setup import JSON, runtime_of


@click.group()
def db() -> None:
    """Make, update, check or rebuild the tables.

    `formloom serve` does what is needed by itself; these are for servers with several processes.
    """


@db.command()
@FOLDER
@JSON
def upgrade(data_folder: Path | None, as_json: bool) -> None:
    """Make the tables, or bring them up to this version, in one transaction.

    Releases only add to the tables at first, so the release before keeps running meanwhile.
    """
    from formloom.platform import migrations

    with runtime_of(data_folder) as runtime:
        applied = migrations.upgrade(runtime.database)
    if as_json:
        click.echo(json.dumps({"applied": applied}))
    else:
        click.echo(f"Applied: {', '.join(applied)}." if applied else "The tables are up to date.")


@db.command()
@FOLDER
@JSON
def check(data_folder: Path | None, as_json: bool) -> None:
    """Say whether the tables fit this version, and whether there are too many of them.

    Exit code 1 when something is to be done.
    """
    from formloom.platform import migrations, table_check

    with runtime_of(data_folder) as runtime:
        state = migrations.state(runtime.database)
        found = table_check.check(runtime.database) if state == "current" else []
    sentences = {
        "empty": "The database has no tables yet. Run `formloom db upgrade`.",
        "behind": "The tables are those of an earlier version. Run `formloom db upgrade`.",
        "newer": migrations.NEWER,
    }
    problems = ([sentences[state]] if state in sentences else []) + found
    if as_json:
        click.echo(json.dumps({"state": state, "problems": problems}))
    else:
        click.echo("\n".join(problems) or "The tables are up to date.")
    raise SystemExit(1 if problems else 0)


@db.command()
@FOLDER
@click.option("--workspace", type=int, help="Which workspace, where several have a form of this key.")
@click.argument("form")
def rebuild(data_folder: Path | None, workspace: int | None, form: str) -> None:
    """Write the table of a FORM again from its documents, while it is in use.

    Lists, filters, sums and reports read that table; the documents are the truth and stay as they are.

    \b
    formloom db rebuild reward_request
    """
    from formloom.platform.runtime import caller_for
    from formloom.platform.services import rebuilding

    with runtime_of(data_folder) as runtime:
        caller = caller_for(runtime, _workspace(runtime, form, workspace))
        with click.progressbar(length=0, label=form) as bar:
            result = rebuilding.rebuild(caller, lambda done, total=None: _show(bar, done, total), form)
    click.echo(f"{result['records']} records.")


def _show(bar: Any, done: int, total: int | None) -> None:
    bar.length = total if total is not None else bar.length
    bar.update(done - bar.pos)


def _workspace(runtime: Any, form: str, wanted: int | None) -> int:
    """The workspace that has the form."""
    from sqlalchemy import select

    from formloom.platform.models import Form

    with runtime.reading() as session:
        found = session.scalars(select(Form.workspace_id).where(Form.key == form)).all()
    if wanted is None and len(found) == 1:
        return int(found[0])
    if wanted in found and wanted is not None:
        return wanted
    if not found or wanted is not None:
        raise Failure(f"There is no form {form}" + (f" in workspace {wanted}." if wanted is not None else "."))
    raise Failure(f"Several workspaces have a form {form}; choose with --workspace: {', '.join(map(str, found))}.")
