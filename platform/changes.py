"""What changed in a record between two moments, as people read it; and what it was when somebody looked at it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from formloom.form_engine.form import Form
from formloom.form_engine.names import Names
from formloom.form_engine.record import content_hash
from formloom.platform.models import Record
from formloom.platform.services import audit
from formloom.platform.transactions import WorkspaceSession

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs: its label, and both values as text ("" is a blank)."""

    field: str
    label: str
    before: str
    after: str


def changed_fields(
    form: Form,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    lang: str,
    names: Names,
    *,
    hidden: Collection[str] = (),
    zone: str = "UTC",
) -> tuple[FieldChange, ...]:
    """The fields in which two contents differ, in the form's order, without those in `hidden`."""

    def _shown(key: str, document: Mapping[str, Any]) -> str:
        field = form.fields[key]
        return field.type.text(field, document[key], lang, names, zone) if key in document else ""

    return tuple(
        FieldChange(key, field.label(lang), _shown(key, before), _shown(key, after))
        for key, field in form.fields.items()
        if key not in hidden and before.get(key) != after.get(key)
    )


def shown_before(db: WorkspaceSession, record: Record, shown: str | None) -> dict[str, Any] | None:
    """The earlier content of `record` whose hash is `shown`, found by undoing the trail; None if it is today's, or lost."""
    if shown is None or content_hash(record.document) == shown:
        return None
    document = dict(record.document)
    for line in audit.trail_in(db, subject=f"record:{record.id}", limit=MOST_LINES):
        for key in {*(line.before or {}), *(line.after or {})}:
            value = (line.before or {}).get(key)
            document.pop(key, None) if value is None else document.update({key: value})
        if content_hash(document) == shown:
            return document
    return None
