"""What a card says of a record beside its title: the few values by which one tells three requests apart."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from formloom.form_engine.form import PLACEHOLDER, Field, Form
from formloom.form_engine.names import Names
from formloom.platform import organisation, permissions
from formloom.platform.definitions import PublishedForm
from formloom.platform.models import Record
from formloom.platform.organisation import WorkspaceNames
from formloom.platform.permissions import Who
from formloom.platform.records.references import references_of
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession
from formloom.workflow_engine.directory import PeopleDirectory

MOST = 3
TELLING = (
    "money", "daterange", "date", "datetime", "percent", "number", "integer", "duration", "select", "link", "member",
    "department", "rating",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a card, as text."""

    field: str
    label: str
    text: str


def facts(
    form: Form, document: Mapping[str, Any], caller: Caller, names: WorkspaceNames, hidden: Collection[str]
) -> tuple[Fact, ...]:
    """The most telling values of a record: amounts first (a computed total before what it is made of), then dates."""
    telling = [
        field
        for field in form.fields.values()
        if field.key in document and field.key not in hidden and field.type.name in TELLING
    ]
    telling.sort(key=_rank)  # stable: among equals the form's own order
    return tuple(
        Fact(
            field.key,
            field.label(caller.lang),
            field.type.text(field, document[field.key], caller.lang, names, caller.zone),
        )
        for field in telling[:MOST]
    )


def _rank(field: Field) -> tuple[int, bool]:
    return TELLING.index(field.type.name), field.compute is None


def filled_in(text: str, form: Form, document: Mapping[str, Any], lang: str, names: Names, zone: str) -> str:
    """`text` with each `{field}` replaced by the field's value, as people read it; what is no field stays as it is."""

    def _shown(match: re.Match[str]) -> str:
        field = form.fields.get(match.group(1))
        if field is None:
            return match.group()
        return field.type.text(field, document[field.key], lang, names, zone) if field.key in document else ""

    return PLACEHOLDER.sub(_shown, text)


def names_for(
    db: WorkspaceSession, caller: Caller, documents: Iterable[tuple[Form, Mapping[str, Any]]]
) -> WorkspaceNames:
    """Names for everything that these records point at, asked for together."""
    names = WorkspaceNames(caller, organisation.organisation(db, caller), db)
    pointed = [found for form, document in documents for found in references_of(form, document)]
    files = {ident for field, _, ident in pointed if field.type.group == "file"}
    people = {ident for field, _, ident in pointed if field.type.group == "people"}
    names.learn(records={ident for _, _, ident in pointed} - files - people, files=files)
    return names


def title_of(published: PublishedForm, record: Record, caller: Caller, names: WorkspaceNames) -> str:
    """What a record is called, in the reader's language. What is stored, searched and sorted is in the workspace's."""
    title = record.title
    if caller.lang != published.language:
        title = published.form.record_title(record.document, caller.lang, names, caller.workspace_zone)
    return title or published.form.title(caller.lang)


def hidden_fields(
    caller: Caller, published: PublishedForm, directory: PeopleDirectory, record: Record, step: str | None
) -> set[str]:
    """The fields of a record that the caller isn't shown: by their role, and at `step` (None: at no step)."""
    who = Who(caller.member_id, caller.admin, directory)
    by_role = permissions.field_access(who, published.rules, record.created_by, record.document)
    hidden = {key for key, access in by_role.items() if access == "hidden"}
    if step is None or published.workflow is None or step not in published.workflow.steps:
        return hidden
    at_step = published.workflow.fields_at(step)
    others = at_step.get("*", "read")
    return hidden | {key for key in published.form.fields if at_step.get(key, others) == "hidden"}
