"""`formloom apps`: packages of forms and workflows, installed and as folders."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from formloom.platform.cli import Failure
from formloom.platform.cli_serve import FOLDER
from formloom.platform.cli_setup import JSON, runtime_of

WORKSPACE = click.option("--workspace", type=int, help="Which workspace (default: the only one).")


@click.group()
def apps() -> None:
    """List, check, install and export apps.

    An app is a folder: app.json, forms, workflows, views, sample. What is built in the browser exports to the very same
    folder.
    """


@apps.command("list")
@FOLDER
@WORKSPACE
@JSON
def list_(data_folder: Path | None, workspace: int | None, as_json: bool) -> None:
    """Show the templates of the library, and which of them are installed, with whatever else is."""
    from formloom.platform.packages import library
    from formloom.platform.services import apps as service

    with runtime_of(data_folder, upgrade=True) as runtime:
        there = {}
        if workspace is not None or _workspaces(runtime):
            there = {row.key: row.name for row in service.apps(caller_of(runtime, workspace))}
    templates = {key: str(library.package(key).app["name"]) for key in library.keys()}  # noqa: SIM118
    rows = [
        {"key": key, "name": name, "installed": key in there, "template": key in templates}
        for key, name in sorted((templates | there).items())
    ]
    if as_json:
        click.echo(json.dumps({"apps": rows}, ensure_ascii=False))
        return
    for row in rows:
        state = "installed" if row["installed"] else "template"
        click.echo(f"{row['key']:<20} {state:<10} {row['name']}")


@apps.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(["en", "zh_Hans"]), default="en", show_default=True)
@JSON
def check(folder: Path, lang: str, as_json: bool) -> None:
    """Check an app package in FOLDER, without a database: every problem with its file and JSON Pointer.

    Checks app.json, forms, workflows (with their proof), views, sample records, and that everything they name is there.
    Exit code 0: no error, 1: errors, 2: no such folder.

    \b
    formloom apps check templates_library/rewards
    """
    from formloom.platform.packages import check as checker

    if not folder.is_dir():
        raise Failure(f"There is no folder {folder}.")
    problems = checker.check(folder, lang)
    if as_json:
        rows = [
            {"file": one.file, "pointer": one.pointer, "message": one.message, "severity": one.severity}
            for one in problems
        ]
        click.echo(json.dumps({"problems": rows}, ensure_ascii=False))
    else:
        for one in problems:
            click.echo(f"{one.severity}: {one.file}{'#' if one.pointer else ''}{one.pointer}: {one.message}")
        click.echo(_counted(Counter(one.severity for one in problems)))
    raise SystemExit(1 if any(one.severity == "error" for one in problems) else 0)


@apps.command()
@FOLDER
@WORKSPACE
@click.option("--sample", is_flag=True, help="Also the sample people, records and history.")
@JSON
@click.argument("app")
def install(data_folder: Path | None, workspace: int | None, sample: bool, as_json: bool, app: str) -> None:
    """Install APP: a template of the library, or a folder or zip of a package.

    \b
    formloom apps install rewards --sample
    formloom apps install ./my-app
    """
    from formloom.platform.errors import DefinitionError
    from formloom.platform.packages import files, library
    from formloom.platform.services import apps as service

    source = Path(app)
    with runtime_of(data_folder, upgrade=True) as runtime:
        caller = caller_of(runtime, workspace)
        try:
            if app in library.keys():  # noqa: SIM118
                key = service.install(caller, app, sample_data=sample)
            elif source.is_dir():
                key = service.import_app(caller, files.write_zip(files.read_folder(source)), sample_data=sample)
            elif source.is_file():
                key = service.import_app(caller, source.read_bytes(), sample_data=sample)
            else:
                raise Failure(f"{app} is no template of the library, and there is no such folder or file.")
        except DefinitionError as error:
            for problem in error.problems:
                click.echo(f"error: {problem.pointer}: {problem.message}", err=True)
            raise SystemExit(1) from error
    click.echo(json.dumps({"app": key, "workspace": caller.workspace_id}) if as_json else f"Installed {key}.")


@apps.command()
@FOLDER
@WORKSPACE
@click.argument("key")
@click.argument("target", type=click.Path(path_type=Path))
def export(data_folder: Path | None, workspace: int | None, key: str, target: Path) -> None:
    """Write the installed app KEY to TARGET: a zip if it ends in .zip, else a new folder.

    Importing that folder gives the same app again; in git, it shows what changed between two exports.
    """
    from formloom.platform.packages import files
    from formloom.platform.services import apps as service

    with runtime_of(data_folder) as runtime:
        content = service.export_app(caller_of(runtime, workspace), key)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise Failure(f"{target} exists already. Choose a new one.")
    try:
        if target.suffix == ".zip":
            target.write_bytes(content)
        else:
            files.write_folder(files.read_zip(content), target)
    except OSError as error:
        raise Failure(f"{target} can't be written: {error.strerror}.") from error
    click.echo(f"Written to {target}.")


def _counted(counts: Counter[str]) -> str:
    told = [
        f"{counts[one]} {one}{'s' if counts[one] != 1 else ''}" for one in ("error", "warning", "note") if counts[one]
    ]
    return f"{', '.join(told)}." if told else "No problems."


def _workspaces(runtime: Any) -> dict[int, str]:
    from sqlalchemy import select

    from formloom.platform.models import Workspace

    with runtime.reading() as db:
        rows = db.execute(select(Workspace.id, Workspace.name).order_by(Workspace.id)).all()
    return {row.id: row.name for row in rows}


def caller_of(runtime: Any, workspace: int | None) -> Any:
    """The system in the workspace that is meant."""
    from formloom.platform.runtime import caller_for

    found = _workspaces(runtime)
    if workspace is not None and workspace not in found:
        raise Failure(f"There is no workspace {workspace}.")
    if workspace is None and len(found) != 1:
        choices = ", ".join(f"{ident} ({name})" for ident, name in found.items())
        raise Failure(
            f"Choose with --workspace: {choices}." if found else "There is no workspace. Run `formloom init`."
        )
    return caller_for(runtime, workspace if workspace is not None else next(iter(found)))
