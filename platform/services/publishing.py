"""Publishing a form and its workflow: what will change, and changing it, in one transaction that only adds.

Running processes stay on the version they began on. What stands in documents is not rewritten, but for a second spelling
of people (meaning.md section 2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from formloom.form_engine import definition as form_definition
from formloom.form_engine.errors import Problem
from formloom.form_engine.field_types.base import BLANK
from formloom.form_engine.form import Field, Form
from formloom.form_engine.pointers import join
from formloom.platform import definitions
from formloom.platform.errors import Conflict, DefinitionError
from formloom.platform.language import gettext
from formloom.platform.models import Form as FormRow
from formloom.platform.models import FormVersion, Record, UniqueValue, WorkflowVersion, table_of
from formloom.platform.projections import tables
from formloom.platform.records import unique
from formloom.platform.records.reading import read_as
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, automation_checks, forms, jobs, proofs, rebuilding
from formloom.platform.services.forms import DRAFT, Document, Kind
from formloom.platform.services.proofs import Proven
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine import definition as workflow_definition
from formloom.workflow_engine.findings import Finding

AT_ONCE = 500
"""Records that publishing reads again in its own transaction; more of them are a job."""
SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Conversion:
    """What becomes of the values of a field that gets another type. `samples`: pairs of the old value and the new one."""

    field: str
    label: str
    converted: int
    blank: int
    samples: tuple[tuple[Any, Any], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing will do. `records` are those of the form; nothing can be published while `problems` has an error."""

    form_changed: bool
    workflow_changed: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]
    conversions: tuple[Conversion, ...]
    records: int
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]

    @property
    def possible(self) -> bool:
        """Whether there is something to publish and nothing against it."""
        against = [*self.problems, *self.findings]
        return (self.form_changed or self.workflow_changed) and all(each.severity != "error" for each in against)


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published: the versions that are current now, and the job that reads older records again, if any."""

    form_version: int
    workflow_version: int | None
    job_id: str | None = None


@dataclass(slots=True)
class _Work:
    """One publication, loaded: what is there, what is to be, and what is wrong with it."""

    db: WorkspaceSession
    caller: Caller
    row: FormRow
    drafts: Mapping[Kind, forms.DraftDocument]
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    form: Form | None = None
    before: Form | None = None

    @property
    def retyped(self) -> list[tuple[Field, Field]]:
        """Fields that have another type than before, with what they were."""
        if self.form is None or self.before is None:
            return []
        older = self.before.fields
        pairs = [(entry, older[key]) for key, entry in self.form.fields.items() if key in older]
        return [
            (entry, was) for entry, was in pairs if entry.type.name != was.type.name or entry.several != was.several
        ]


def publication_plan(caller: Caller, form_key: str) -> Plan:
    """What publishing the drafts of a form would change, for how many records, and what is against it.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
    """
    forms.require_designer(caller)
    proven = proofs.prove(caller, form_key)
    with caller.reading() as db:
        work = _load(db, caller, forms.form_row_in(db, caller, form_key), proven)
        before = set(work.before.fields) if work.before is not None else set()
        after = set(work.form.fields) if work.form is not None else before
        return Plan(
            form_changed=work.drafts["form"].changed,
            workflow_changed=work.drafts["workflow"].changed,
            added=tuple(sorted(after - before)),
            removed=tuple(sorted(before - after)),
            conversions=tuple(_conversion(work, entry, was) for entry, was in work.retyped),
            records=_count(db, form_key),
            problems=tuple(work.problems),
            findings=tuple(work.findings),
        )


def publish(caller: Caller, form_key: str) -> Publication:
    """Make the drafts of a form and its workflow the versions that everybody works with from now on.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
        Conflict: nothing has changed, or somebody changes a draft at this moment.
        DefinitionError: the form or the workflow has errors, or records are double where a field becomes unique.
    """
    forms.require_designer(caller)
    proven = proofs.prove(caller, form_key)
    with caller.writing() as db:
        row = forms.form_row_in(db, caller, form_key, lock=True)
        work = _load(db, caller, row, proven)
        changed = [kind for kind in forms.KINDS if work.drafts[kind].changed]
        if not changed:
            raise Conflict(gettext(caller.lang, "Nothing has changed since the form was published."))
        _refuse(work)
        before = {"form": row.published_version, "workflow": row.workflow_version}
        for kind in changed:
            _add_version(work, kind)
        job_id = _apply(work) if "form" in changed else None
        definitions.forget_in(db, form_key)
        after = {"form": row.published_version, "workflow": row.workflow_version}
        audit.write(db, caller, "form.published", f"form:{form_key}", before, after)
        return Publication(row.published_version or 0, row.workflow_version, job_id)


def publish_in(db: WorkspaceSession, caller: Caller, row: FormRow, form: Document, workflow: Document | None) -> None:
    """Publish documents that passed their check as the next versions of a form; for installing a package."""
    work = _Work(db, caller, row, {}, form=form_definition.load(form))
    work.before = _published_form(db, row)
    _insert_version(work, "form", form)
    if workflow is not None:
        _insert_version(work, "workflow", workflow)
    _apply(work)
    definitions.forget_in(db, row.key)


def _load(db: WorkspaceSession, caller: Caller, row: FormRow, proven: Proven) -> _Work:
    work = _Work(db, caller, row, {kind: forms.draft_in(db, row, kind) for kind in forms.KINDS})
    document = work.drafts["form"].document
    work.problems = forms.check_form(document, row.key, caller.lang)
    work.before = _published_form(db, row)
    if any(problem.severity == "error" for problem in work.problems):
        return work
    work.form = form_definition.load(document)
    work.problems += _doubles(work)
    work.problems += automation_checks.check_in(db, caller, row, work.form)
    if row.workflow_version is not None or work.drafts["workflow"].changed:
        work.findings = [*forms.check_workflow_in(db, caller, row, work.drafts["workflow"].document), *proven.findings]
    drafts = (work.drafts["form"].document, work.drafts["workflow"].document)
    if not forms.same([*drafts], [proven.form, proven.workflow]):
        raise Conflict(gettext(caller.lang, "Somebody changes the draft at this moment. Look at it again."))
    return work


def _published_form(db: WorkspaceSession, row: FormRow) -> Form | None:
    if row.published_version is None:
        return None
    return form_definition.load(db.get_one(FormVersion, (row.workspace_id, row.key, row.published_version)).document)


def _refuse(work: _Work) -> None:
    errors = [problem for problem in work.problems if problem.severity == "error"]
    errors += [
        Problem(finding.pointer or "", finding.message) for finding in work.findings if finding.severity == "error"
    ]
    if errors or work.form is None:
        raise DefinitionError(errors)


def _add_version(work: _Work, kind: Kind) -> None:
    _insert_version(work, kind, work.drafts[kind].document)
    model = FormVersion if kind == "form" else WorkflowVersion
    kept = work.db.get(model, (work.row.workspace_id, work.row.key, DRAFT))
    if kept is not None:
        work.db.delete(kept)


def _insert_version(work: _Work, kind: Kind, document: Document) -> None:
    model = FormVersion if kind == "form" else WorkflowVersion
    document = document if kind == "form" else workflow_definition.normalised(document)
    of_form = select(func.max(model.version)).where(model.form_key == work.row.key)
    number = (work.db.scalars(of_form).one() or 0) + 1
    version = model(workspace_id=work.row.workspace_id, form_key=work.row.key, version=number, document=document)
    version.created_at, version.created_by = work.caller.now(), work.caller.member_id
    work.db.add(version)
    if kind == "form":
        work.row.published_version = number
        work.row.title = str(document.get("title") or work.row.key)[:400]
    else:
        work.row.workflow_version = number if document.get("steps") else None
    work.db.flush()


def _apply(work: _Work) -> str | None:
    """Widen the projection and take the values that became unique. Gives the job that reads older records again, if any."""
    form, row = work.form, work.row
    if form is None or row.projected_version is None or row.published_version is None:
        return None
    tables.project_in(work.db, work.caller.runtime.database, row.key, row.published_version, form)
    definitions.forget_in(work.db, row.key)
    for constraint_key, holders in _holders(work).items():
        rows = [
            {"workspace_id": row.workspace_id, "form_key": row.key, "constraint_key": constraint_key,
             "folded": folded, "record_id": ids[0]}
            for folded, ids in holders.items()
        ]  # fmt: skip
        work.db.insert(table_of(UniqueValue), *rows)
    if not _needs_rereading(work):
        return None
    if _count(work.db, row.key) > AT_ONCE:
        return jobs.start(work.db, work.caller, "rebuild", {"form_key": row.key})
    rebuilding.rebuild_in(work.db, work.caller, row.key)
    return None


def _needs_rereading(work: _Work) -> bool:
    """Whether older documents may hold something for the columns that are new: a field retyped, renamed, or brought back."""
    if work.form is None or work.before is None:
        return False
    new = set(work.form.fields) - set(work.before.fields)
    query = select(FormVersion.document).where(FormVersion.form_key == work.row.key, FormVersion.version > DRAFT)
    *older, _ = work.db.scalars(query.order_by(FormVersion.version))
    back = any(new & set(document["properties"]) for document in older)
    return bool(work.retyped or back or [entry for entry in work.form.every_field() if entry.settings.get("was")])


def _holders(work: _Work) -> dict[str, dict[str, list[str]]]:
    """By constraint that is new with this version: which records hold which value."""
    if work.form is None or work.before is None:
        return {}
    known = {constraint.key for constraint in work.before.unique}
    new = [constraint.key for constraint in work.form.unique if constraint.key not in known]
    holders: dict[str, dict[str, list[str]]] = {key: {} for key in new}
    if new:
        for record in _records(work):
            document = read_as(work.form, work.before, record.document)
            for key, folded in unique.values_of(work.form, document).items():
                if key in holders:
                    holders[key].setdefault(folded, []).append(record.id)
    return holders


def _doubles(work: _Work) -> Iterator[Problem]:
    """An error for each field that would become unique over records that are double in it, with some of their titles."""
    if work.form is None:
        return
    by_key = {constraint.key: constraint for constraint in work.form.unique}
    for key, holders in _holders(work).items():
        double = [ids for ids in holders.values() if len(ids) > 1]
        if not double:
            continue
        some = [ident for ids in double for ident in ids][:10]
        query = select(Record.title).where(Record.id.in_(some)).order_by(Record.title)
        titles = ", ".join(work.db.scalars(query))
        sentence = gettext(
            work.caller.lang, "{count} records are double in what becomes unique: {titles}.",
            count=sum(len(ids) for ids in double), titles=titles,
        )  # fmt: skip
        yield Problem(join("", "properties", by_key[key].fields[0]), sentence)


def _records(work: _Work) -> Iterator[Record]:
    """The form's records outside the bin, some at a time."""
    last = ""
    query = select(Record).where(Record.form_key == work.row.key, Record.deleted_at.is_(None)).order_by(Record.id)
    while batch := work.db.scalars(query.where(Record.id > last).limit(AT_ONCE)).all():
        yield from batch
        last = batch[-1].id


def _conversion(work: _Work, entry: Field, was: Field) -> Conversion:
    converted = blank = 0
    samples: list[tuple[Any, Any]] = []
    for record in _records(work):
        if entry.key not in record.document:
            continue
        value = record.document[entry.key]
        made = entry.type.convert(entry, was, value)
        converted, blank = (converted, blank + 1) if made is BLANK else (converted + 1, blank)
        if len(samples) < SAMPLES:
            samples.append((value, None if made is BLANK else made))
    return Conversion(entry.key, entry.label(work.caller.lang), converted, blank, tuple(samples))


def _count(db: WorkspaceSession, form_key: str) -> int:
    return db.scalars(select(func.count()).select_from(Record).where(Record.form_key == form_key)).one()
