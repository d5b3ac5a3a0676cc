"""`formloom workflow`: check, try and translate workflow definitions. Reads files and standard input, needs no database."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import click

from formloom.form_engine import definition as forms_definition
from formloom.form_engine import record as records
from formloom.form_engine.context import access_of
from formloom.form_engine.definition import Form
from formloom.form_engine.errors import DefinitionError, Problem, RecordInvalid
from formloom.platform.cli import Failure
from formloom.workflow_engine import definition, simulate
from formloom.workflow_engine.calendar import Calendar
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.findings import Finding
from formloom.workflow_engine.run import Context
from formloom.workflow_engine.trail import Entry, Narrator
from formloom.workflow_engine.tree import Workflow

DECISION = re.compile(
    r"^(?P<step>[A-Za-z][A-Za-z0-9_-]*)=(?P<action>[A-Za-z]+)(?::(?P<target>[^@:=]+))?(?:@(?P<member>.+))?$"
)


@click.group()
def workflow() -> None:
    """Prove workflows, try them out, translate to and from BPMN.

    A file named `-` is standard input. Exit code 0: no error; 1: the definition or the record has errors; 2: wrong use.
    """


_form_option = click.option(
    "--form",
    "form_files",
    multiple=True,
    required=True,
    metavar="FORM",
    help="A form's file. Repeat it for other forms.",
)
_lang_option = click.option("--lang", default="en", show_default=True, help="The language of the sentences.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")


@workflow.command("check")
@click.argument("file", metavar="WORKFLOW")
@_form_option
@click.option(
    "--directory", "people_file", metavar="PEOPLE", help="A people document: without it, people are not checked."
)
@_lang_option
@_json_option
def check_command(file: str, form_files: Sequence[str], people_file: str | None, lang: str, as_json: bool) -> None:
    """Say everything that is wrong with a workflow, and everything that would go wrong, each with an example."""
    from formloom.workflow_engine.proof import prove

    directory = _directory(people_file) if people_file is not None else None
    documents = _documents(file, form_files, lang)
    explored: Mapping[str, Any] = {"states": 0, "complete": False}
    findings = documents.findings
    if not findings:
        proof = prove(
            documents.workflow,
            forms=documents.forms,
            directory=directory,
            now=datetime.now(UTC),
            lang=lang,
            clock=monotonic,
        )
        findings, explored = (
            list(proof.findings),
            {"states": proof.explored.states, "complete": proof.explored.complete},
        )
    if as_json:
        _print_json({"findings": [finding.to_json() for finding in findings], "explored": explored})
    else:
        _print_findings(findings)
    sys.exit(int(any(finding.severity == "error" for finding in findings)))


@workflow.command("try")
@click.argument("file", metavar="WORKFLOW")
@_form_option
@click.option("--directory", "people_file", required=True, metavar="PEOPLE", help="A people document.")
@click.option("--record", "record_file", required=True, metavar="RECORD", help="The record that is submitted.")
@click.option("--initiator", required=True, metavar="ID", help="The member who submits it.")
@click.option("--at", "at_text", metavar="DATETIME", help="When, with its offset. Default: now.")
@click.option(
    "--decide",
    "decide_texts",
    multiple=True,
    metavar="STEP=ACTION[:TARGET][@MEMBER]",
    help="A decision to make as soon as it can be: `manager=reject@li`, `board=return:manager`, `pay=transfer:amy@li`. "
    "Repeat it. Whatever is not decided so says yes.",
)
@_lang_option
@_json_option
def try_command(
    file: str,
    form_files: Sequence[str],
    people_file: str,
    record_file: str,
    initiator: str,
    at_text: str | None,
    decide_texts: Sequence[str],
    lang: str,
    as_json: bool,
) -> None:
    """Run a record through a workflow: who would get which task, when it is due, which branch is taken and why."""
    now, calendar = _moment(at_text)
    directory = _directory(people_file)
    given = [_given(text) for text in decide_texts]
    documents = _documents(file, form_files, lang)
    loaded = documents.load(directory, lang)
    if isinstance(loaded, list):
        _stop_with(loaded, as_json)
    if not directory.active(initiator):
        raise Failure(f"--initiator: there is no active member “{initiator}”.")
    unknown = [decision.step for decision in given if decision.step not in loaded.steps]
    if unknown:
        raise Failure(f"--decide: there is no step “{unknown[0]}”.")
    record = _record(record_file, loaded, now, calendar, initiator, lang)
    if isinstance(record, list):
        _stop_with(record, as_json)
    context = Context(now=now, directory=directory, record=record, calendar=calendar, lang=lang)
    ran = simulate.dry_run(loaded, context, initiator, given)
    result = _path_json(ran, loaded, directory, now, lang)
    if as_json:
        _print_json(result)
    else:
        _print_path(result, ran, loaded, directory, lang)


@workflow.command("export")
@click.argument("file", metavar="WORKFLOW")
@_form_option
@click.option("--to", "kind", type=click.Choice(["bpmn"]), required=True, help="The format to write.")
def export_command(file: str, form_files: Sequence[str], kind: str) -> None:
    """Write a workflow as BPMN 2.0, with its picture."""
    from formloom.workflow_engine.bpmn import to_bpmn

    documents = _documents(file, form_files, "en")
    problems = documents.findings or definition.check(documents.workflow, forms=documents.forms)
    if any(finding.severity == "error" for finding in problems):
        _stop_with(problems, as_json=False)
    click.echo(to_bpmn(documents.workflow, definition.own_form(documents.workflow, documents.forms)), nl=False)


@workflow.command("import")
@click.option("--from", "kind", type=click.Choice(["bpmn"]), required=True, help="The format to read.")
@click.argument("file", metavar="FILE")
@_json_option
def import_command(kind: str, file: str, as_json: bool) -> None:
    """Read a block-structured BPMN 2.0 process; print the workflow and what could not be carried over."""
    from formloom.workflow_engine.bpmn import from_bpmn

    try:
        document, report = from_bpmn(_read(file))
    except DefinitionError as error:
        if as_json:
            refused = [{"source": file, "message": problem.message} for problem in error.problems]
            _print_json({"workflow": None, "report": refused})
        else:
            click.echo("\n".join(f"{file}: {problem.message}" for problem in error.problems), err=True)
        sys.exit(1)
    if as_json:
        _print_json({"workflow": document, "report": report})
        return
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    for line in report:
        click.echo(f"{line['source']}: {line['message']}", err=True)


# reading


@dataclass(frozen=True, slots=True)
class Documents:
    """What the files hold. `findings` say which of them are no JSON, or are forms with errors; then nothing else is."""

    workflow: Any
    forms: Mapping[str, Form]
    findings: list[Finding]

    def load(self, directory: PeopleDirectory, lang: str) -> Workflow | list[Finding]:
        """The workflow, or why it cannot be run."""
        if self.findings:
            return self.findings
        wrong = definition.check(self.workflow, forms=self.forms, directory=directory, lang=lang)
        own = definition.own_form(self.workflow, self.forms) if isinstance(self.workflow, Mapping) else None
        if own is None or any(finding.severity == "error" for finding in wrong):
            return wrong
        return definition.load(self.workflow, own)


def _documents(file: str, form_files: Sequence[str], lang: str) -> Documents:
    findings: list[Finding] = []
    forms: dict[str, Form] = {}
    for form_file in form_files:
        try:
            document = forms_definition.parse(_read(form_file), lang=lang)
            problems = [p for p in forms_definition.check(document, lang=lang) if p.severity == "error"]
            if problems:
                raise DefinitionError(problems)
            form = forms_definition.load(document)  # type: ignore[arg-type]
            forms[form.key] = form
        except forms_definition.NotADocument as error:
            raise Failure(f"{form_file}: {error.problems[0].message}") from error
        except DefinitionError as error:
            findings += [_of_file(form_file, problem) for problem in error.problems]
    try:
        document = forms_definition.parse(_read(file), lang=lang)
    except forms_definition.NotADocument as error:
        raise Failure(f"{file}: {error.problems[0].message}") from error
    except DefinitionError as error:
        findings += [Finding(None, "definition", "error", p.message, None, p.pointer) for p in error.problems]
        document = None
    return Documents(document, forms, findings)


def _of_file(file: str, problem: Problem) -> Finding:
    return Finding(None, "definition", "error", f"{file} {problem.pointer}: {problem.message}")


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Failure(f"{file}: {error.strerror or error}.") from error


def _directory(file: str) -> PeopleDirectory:
    try:
        document = json.loads(_read(file))
        if not isinstance(document, dict):
            raise ValueError("A people document is a JSON object with “members”.")
        return PeopleDirectory.from_json(document)
    except (ValueError, RecursionError) as error:
        raise Failure(f"{file}: {error}") from error


def _record(
    file: str, loaded: Workflow, now: datetime, calendar: Calendar, initiator: str, lang: str
) -> dict[str, Any] | list[Finding]:
    """The record as it would be stored when it is submitted, or what is wrong with it. What the start may not fill in may
    be there all the same: whoever makes a request by another door may give it, and whole records are tried out here. Of
    what nobody fills in (`readOnly`) the start asks nothing."""
    context = records.Context(now=now, zone=calendar.zone.key, lang=lang, member=initiator, system=True)
    try:
        submitted = records.read(_read(file), form=loaded.form, lang=lang)
    except RecordInvalid as error:
        return [Finding("start", "record", p.severity, p.message, None, p.pointer) for p in error.errors]
    access, fields = loaded.fields_at(None), loaded.form.fields
    given = [key for key in submitted if key in fields and access_of(access, key) in ("hidden", "read")]
    given += [key for key, entry in fields.items() if entry.read_only and access_of(access, key) == "required"]
    settled = records.settle(loaded.form, submitted, context, access={**access, **dict.fromkeys(given, "edit")})
    if settled.record is None:
        return [Finding("start", "record", p.severity, p.message, None, p.pointer) for p in settled.errors]
    return settled.record


def _moment(text: str | None) -> tuple[datetime, Calendar]:
    """The time of submission, and a calendar in its zone: without holidays, so that weekdays are working days."""
    try:
        moment = datetime.now().astimezone() if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"--at: “{text}” is no date and time; write 2026-01-31T09:00:00+08:00.") from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment, Calendar(zone=_zone_at(moment))


def _zone_at(moment: datetime) -> ZoneInfo:
    """A zone with the offset of `moment`: a plain one for whole hours, else the first place that always has it, or has
    it at that moment."""
    offset = moment.utcoffset() or timedelta()
    hours, rest = divmod(offset, timedelta(hours=1))
    if not rest and -12 <= hours <= 14:
        return ZoneInfo(f"Etc/GMT{-hours:+d}" if hours else "UTC")
    places = [ZoneInfo(name) for name in sorted(available_timezones())]
    having = [place for place in places if moment.astimezone(place).utcoffset() == offset]
    months = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
    always = (zone for zone in having if all(month.astimezone(zone).utcoffset() == offset for month in months))
    zone = next(always, next(iter(having), None))
    if zone is None:
        raise Failure(f"--at: no place on earth has the offset {moment.isoformat()[-6:]}.")
    return zone


def _given(text: str) -> simulate.Given:
    match = DECISION.match(text)
    if match is None:
        raise Failure(f"--decide: “{text}” is not STEP=ACTION[:TARGET][@MEMBER].")
    if match["action"] not in simulate.GIVEN_ACTIONS:
        raise Failure(f"--decide: “{match['action']}” is none of {', '.join(simulate.GIVEN_ACTIONS)}.")
    return simulate.Given(match["step"], match["action"], match["target"], match["member"])


# printing


def _path_json(
    ran: simulate.Ran, loaded: Workflow, directory: PeopleDirectory, now: datetime, lang: str
) -> dict[str, Any]:
    narrator = Narrator(loaded, directory, lang)
    path = [_entry_json(entry, loaded, narrator, now) for entry in ran.entries]
    return {"path": path, "outcome": ran.outcome, "open": list(ran.open)}


def _entry_json(entry: Entry, loaded: Workflow, narrator: Narrator, now: datetime) -> dict[str, Any]:
    type_ = loaded.steps[entry.step].type.name
    due = datetime.fromisoformat(entry.due).astimezone(now.tzinfo).isoformat() if entry.due is not None else None
    return {
        "step": entry.step,
        "type": type_,
        "result": entry.result,
        "assignees": entry.assignees,
        "due": due,
        "took": list(entry.took) if type_ == "branch" else [],
        "because": narrator.because(entry),
    }


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _stop_with(findings: list[Finding], as_json: bool) -> Any:
    """Say why a workflow cannot be run; exit code 1."""
    if as_json:
        problems = [
            {"pointer": finding.pointer or "", "message": finding.message, "severity": finding.severity}
            for finding in findings
        ]
        _print_json({"path": [], "outcome": None, "open": [], "problems": problems})
    else:
        _print_findings(findings)
    sys.exit(1)


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        place = finding.step or finding.pointer or "workflow"
        click.echo(f"{finding.severity:8}{place}: {finding.message} ({finding.kind})")
        if finding.example is not None:
            click.echo(f"        e.g. {json.dumps(finding.example, ensure_ascii=False)}")
    if not findings:
        click.echo("Nothing to find: it can be published.")


def _print_path(
    result: Mapping[str, Any], ran: simulate.Ran, loaded: Workflow, directory: PeopleDirectory, lang: str
) -> None:
    for entry in result["path"]:
        title, names = loaded.title(entry["step"], lang), ", ".join(map(directory.name, entry["assignees"]))
        due = f", due {entry['due']}" if entry["due"] else ""
        click.echo(f"{entry['result']:10}{title}{f' ({names})' if names else ''}{due}")
        click.echo(f"          {entry['because']}")
    if result["outcome"] is not None:
        click.echo(f"Ended: {result['outcome']}")
    else:
        click.echo(f"Open: {', '.join(loaded.title(step, lang) for step in result['open'])}")
    for given in ran.unmade:
        click.echo(f"Not made: {given.step}={given.action}: it was never possible.", err=True)
