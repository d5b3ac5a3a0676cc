"""`formloom form` and `formloom formula`: look at definitions and records. Reads files and standard input, needs no database.

Exit code 0: no error; 1: the definition, the record or the formula has errors; 2: wrong use or an unreadable file.
"""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click

from formloom.form_engine import definition, record, sheets
from formloom.form_engine.definition import Form
from formloom.form_engine.errors import DefinitionError, Problem, RecordInvalid
from formloom.form_engine.importers import KINDS, Imported, convert
from formloom.form_engine.logic import formula as formulas
from formloom.platform.cli import Failure
from formloom.platform.language import gettext

_lang_option = click.option(
    "--lang", default="en", show_default=True, help="The language of the sentences: en or zh_Hans."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for a program to read.")


@click.group()
def form() -> None:
    """Check form definitions, validate records, import and export forms.

    A file named `-` is standard input. Exit code 0: no error; 1: the definition or the record has errors; 2: wrong use.
    """


@form.command("check")
@click.argument("file", metavar="FORM")
@_lang_option
@_json_option
def check_command(file: str, lang: str, as_json: bool) -> None:
    """Say everything that is wrong with a form, each at its place (a JSON Pointer)."""
    problems = _problems_of(file, lang)[1]
    if as_json:
        _print_json({"problems": [_problem_json(problem) for problem in problems]})
    else:
        _print_problems(problems)
    sys.exit(_failed(problems))


@form.command("validate")
@click.argument("file", metavar="FORM")
@click.argument("record_file", metavar="RECORD")
@click.option("--zone", default="UTC", show_default=True, help="The time zone in which `today` is reckoned.")
@_lang_option
@_json_option
def validate_command(file: str, record_file: str, zone: str, lang: str, as_json: bool) -> None:
    """Check a record against a form, as one being created: defaults fill in, computed fields are worked out."""
    if file == record_file == "-":
        raise Failure("Only one of the two files can be standard input.")
    loaded = _load(file, lang)
    errors: Sequence[Problem] = ()
    kept: dict[str, Any] | None = None
    if isinstance(loaded, Form):
        errors, kept = _settled(loaded, _read(record_file), zone, lang)
    else:
        errors = loaded
    if as_json:
        told = [{"pointer": error.pointer, "message": error.message} for error in errors]
        _print_json({"valid": kept is not None, "errors": told, "record": kept})
    elif kept is not None:
        _print_json(kept)
    else:
        _print_problems(errors)
    sys.exit(kept is None)


@form.command("export")
@click.argument("file", metavar="FORM")
@click.option(
    "--to", "kind", type=click.Choice(["jsonschema", "xlsx", "csv"]), required=True, help="The format to write."
)
@_lang_option
@_json_option
def export_command(file: str, kind: str, lang: str, as_json: bool) -> None:
    """Write a form as a plain JSON Schema, as a spreadsheet to be filled in (`> form.xlsx`), or as a CSV header line."""
    loaded = _load_or_stop(file, lang, as_json)
    match kind:
        case "jsonschema":
            _print_json(record.to_json_schema(loaded))
        case "xlsx":
            click.echo(sheets.xlsx_template(loaded, lang), nl=False)
        case _:
            click.echo(sheets.csv_header(loaded, lang), nl=False)


@form.command("import")
@click.option("--from", "kind", type=click.Choice(KINDS), required=True, help="Where the file comes from.")
@click.argument("file", metavar="FILE")
@_lang_option
@_json_option
def import_command(kind: Any, file: str, lang: str, as_json: bool) -> None:
    """Turn a form from elsewhere into one of ours; print it, and what could not be carried over."""
    try:
        imported = convert(kind, _read(file), file, lang)
    except DefinitionError as error:
        raise Failure(f"{file}: {error.problems[0].message}") from error
    report = imported.report + ([{"source": file, "message": _of_rows(imported, lang)}] if imported.rows else [])
    if as_json:
        _print_json({"form": imported.form, "report": report})
        return
    _print_json(imported.form)
    for line in report:
        click.echo(f"{line['source']}: {line['message']}", err=True)


def _of_rows(imported: Imported, lang: str) -> str:
    sentence = "{count} rows of data are no part of a form: `formloom records import` makes records of them."
    return gettext(lang, sentence, count=len(imported.rows))


@click.group()
def formula() -> None:
    """Translate between formulas, as a spreadsheet takes them, and JSON Logic, as definitions hold them."""


_FORMULA = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""A formula may begin with a minus sign, which is no option."""


@formula.command("parse", context_settings=_FORMULA)
@click.argument("text", metavar="TEXT")
@click.option("--form", "form_file", metavar="FORM", help="Check names and types against this form's fields, too.")
@_lang_option
@_json_option
def parse_command(text: str, form_file: str | None, lang: str, as_json: bool) -> None:
    """Print the JSON Logic that a formula says (`-`: from standard input)."""
    fields = _load_or_stop(form_file, lang, as_json).types if form_file is not None else None
    try:
        tree = formulas.parse(_text(text), fields, lang=lang)
    except formulas.FormulaError as error:
        _stop_at(error, as_json)
    _print_json(tree)


@formula.command("print", context_settings=_FORMULA)
@click.argument("tree", metavar="TREE")
@_lang_option
@_json_option
def print_command(tree: str, lang: str, as_json: bool) -> None:
    """Print the formula that says a JSON Logic tree (`-`: from standard input)."""
    try:
        text = formulas.print(definition.parse(_text(tree), lang=lang))
    except definition.NotADocument as error:
        raise Failure(error.problems[0].message) from error
    except DefinitionError as error:
        _stop_with(error.problems, as_json)
    except formulas.Unprintable as error:
        _stop_with([Problem("", error.sentence(lang))], as_json)
    click.echo(json.dumps(text, ensure_ascii=False) if as_json else text)


# reading


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Failure(f"{file}: {error.strerror or error}.") from error


def _text(argument: str) -> str:
    if argument != "-":
        return argument
    try:
        return _read("-").decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Failure("Standard input is not UTF-8 text.") from error


def _problems_of(file: str, lang: str) -> tuple[object, list[Problem]]:
    """The document that a file holds, and what is wrong with it. A file that holds no JSON cannot be read at all."""
    try:
        document = definition.parse(_read(file), lang=lang)
    except definition.NotADocument as error:
        raise Failure(f"{file}: {error.problems[0].message}") from error
    except DefinitionError as error:
        return None, list(error.problems)
    return document, definition.check(document, lang=lang)


def _load(file: str, lang: str) -> Form | list[Problem]:
    """The form that a file describes, or what is wrong with it."""
    document, problems = _problems_of(file, lang)
    if _failed(problems) or not isinstance(document, dict):
        return [problem for problem in problems if problem.severity == "error"]
    return definition.load(document)


def _load_or_stop(file: str, lang: str, as_json: bool) -> Form:
    loaded = _load(file, lang)
    if not isinstance(loaded, Form):
        _stop_with(loaded, as_json)
    return loaded


def _settled(loaded: Form, data: bytes, zone: str, lang: str) -> tuple[Sequence[Problem], dict[str, Any] | None]:
    try:
        context = record.Context(now=datetime.now(UTC), zone=_zone(zone), lang=lang, system=True)
        settled = record.settle(loaded, record.read(data, form=loaded, lang=lang), context)
    except RecordInvalid as error:
        return error.errors, None
    if settled.record is None:
        return settled.errors, None
    return (), record.present(loaded, settled.record, context)


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise Failure(f"--zone: there is no time zone “{name}”; write one like Asia/Shanghai.") from error


# printing


def _failed(problems: Sequence[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {"pointer": problem.pointer, "message": problem.message, "severity": problem.severity}


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        click.echo(f"{problem.severity:8}{problem.pointer or '(whole)'}: {problem.message}")
    if not problems:
        click.echo("Nothing to find: the form can be used.")


def _stop_at(error: formulas.FormulaError, as_json: bool) -> NoReturn:
    """Say what is wrong with a formula, and at which character; exit code 1."""
    if as_json:
        where = {"offset": error.offset, "line": error.line, "column": error.column}
        _print_json({"problems": [_problem_json(Problem("", error.message)) | where]})
    else:
        click.echo(f"error   line {error.line}, column {error.column}: {error.message}")
    sys.exit(1)


def _stop_with(problems: Sequence[Problem], as_json: bool) -> NoReturn:
    """Say what is wrong; exit code 1."""
    if as_json:
        _print_json({"problems": [_problem_json(problem) for problem in problems]})
    else:
        _print_problems(problems)
    sys.exit(1)
