"""`formloom records`: records of an installed form, to and from a spreadsheet."""

import json
from pathlib import Path
from typing import Any

import click

from formloom.platform.cli import Failure
from formloom.platform.cli_apps import WORKSPACE, caller_of
from formloom.platform.cli_serve import FOLDER
from formloom.platform.cli_setup import JSON, runtime_of


@click.group()
def records() -> None:
    """Fill in a form away from the browser, and bring what was filled in back as records."""


@records.command()
@FOLDER
@WORKSPACE
@click.argument("form")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def template(data_folder: Path | None, workspace: int | None, form: str, target: Path) -> None:
    """Write the template of the installed FORM (its key) to TARGET, an .xlsx file."""
    from formloom.platform.services import record_import

    with runtime_of(data_folder) as runtime:
        content = record_import.template(caller_of(runtime, workspace), form)
    try:
        target.write_bytes(content)
    except OSError as error:
        raise Failure(f"{target} can't be written: {error.strerror}.") from error


@records.command("import")
@FOLDER
@WORKSPACE
@click.option("--by", metavar="EMAIL", help="The member whose records they are (default: nobody's, the system's).")
@click.option("--dry-run", is_flag=True, help="Only say what would come of each row.")
@click.argument("form")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@JSON
def import_(
    data_folder: Path | None, workspace: int | None, by: str | None, dry_run: bool, form: str, file: Path, as_json: bool
) -> None:
    """Make records of the installed FORM (its key) from the filled-in FILE: .xlsx, .xls, .ods or .csv.

    Good rows are imported; the others are told, each mistake at its cell. Exit code 0: every row, 1: some or none.

    \b
    formloom records import customer customers.xlsx --by amy.chen@hesheng.example --dry-run
    """
    from formloom.platform.runtime import caller_for
    from formloom.platform.services import people, record_import

    with runtime_of(data_folder, upgrade=True) as runtime:
        caller = caller_of(runtime, workspace)
        if by is not None:
            member = people.member_by_email(caller, by)
            if member is None:
                raise Failure(f"There is no member with the address {by}.")
            caller = caller_for(runtime, caller.workspace_id, member.id)
        act = record_import.look if dry_run else record_import.import_records
        found = act(caller, form, file.read_bytes())
    bad = [problem for row in found.rows for problem in row.problems]
    if as_json:
        told = {"rows": len(found.rows), "good": found.good, "problems": [_plain(one) for one in (*bad, *found.notes)]}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        for one in (*bad, *found.notes):
            sheet, column = one.place.sheet or file.name, one.place.column
            where = f"{column}{one.place.row}" if column else f"row {one.place.row}"
            click.echo(f"{sheet}!{where}: {one.message}")
        done = "would be imported" if dry_run else "imported"
        click.echo(f"{found.good} of {len(found.rows)} rows {done}.")
    raise SystemExit(0 if found.good == len(found.rows) else 1)


def _plain(problem: Any) -> dict[str, Any]:
    place = problem.place
    return {
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
        "field": place.head,
        "message": problem.message,
    }
