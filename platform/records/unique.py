"""Values that no two records may share, kept in a table whose primary key makes it so, also under concurrency.

Blanks are no values; texts are compared folded (case, width); a record in the bin holds none.
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from formloom.form_engine.errors import Problem, RecordInvalid
from formloom.form_engine.form import Form, Unique
from formloom.form_engine.pointers import join
from formloom.platform.folding import fold
from formloom.platform.language import gettext
from formloom.platform.models import Record, UniqueValue
from formloom.platform.transactions import WorkspaceSession

TABLE = UniqueValue.__table__


def values_of(form: Form, document: Mapping[str, Any]) -> dict[str, str]:
    """By constraint: the digest of what the record holds of it; constraints of which any field is blank are left out."""
    held: dict[str, str] = {}
    for constraint in form.unique:
        parts = [document.get(key) for key in constraint.fields]
        if all(part is not None for part in parts):
            folded = json.dumps([_folded(part) for part in parts], ensure_ascii=False)
            held[constraint.key] = hashlib.sha256(folded.encode()).hexdigest()
    return held


def claim_in(
    db: WorkspaceSession, record: Record, form: Form, document: Mapping[str, Any], lang: str, *, new: bool
) -> None:
    """Take what the record holds now, and give back what it held before.

    Raises:
        RecordInvalid: another record has it, at the field (the first of them) that both share.
    """
    if not form.unique and new:
        return
    wanted = values_of(form, document)
    held: dict[str, str] = {}
    if not new:
        held = dict(db.execute(select(UniqueValue.constraint_key, UniqueValue.folded).where(_of(record.id))).all())
        given_up = [key for key, folded in held.items() if wanted.get(key) != folded]
        if given_up:
            db.execute(delete(UniqueValue).where(_of(record.id), UniqueValue.constraint_key.in_(given_up)))
    rows = [
        {"workspace_id": record.workspace_id, "form_key": record.form_key, "constraint_key": key, "folded": folded,
         "record_id": record.id}
        for key, folded in wanted.items()
        if held.get(key) != folded
    ]  # fmt: skip
    if rows:
        _take(db, rows, form, document, lang)


def release_in(db: WorkspaceSession, record_id: str) -> None:
    """Give back everything the record holds: it goes into the bin."""
    db.execute(delete(UniqueValue).where(_of(record_id)))


def _take(db: WorkspaceSession, rows: list[dict[str, Any]], form: Form, document: Mapping[str, Any], lang: str) -> None:
    statement = db.insert_unless(TABLE).values(rows).on_conflict_do_nothing().returning(TABLE.c.constraint_key)
    taken = set(db.scalars(statement))
    errors = [
        _refusal(constraint, form, document, lang)
        for constraint in form.unique
        if constraint.key in {row["constraint_key"] for row in rows} - taken
    ]
    if errors:
        raise RecordInvalid(errors)


def _refusal(constraint: Unique, form: Form, document: Mapping[str, Any], lang: str) -> Problem:
    labels = [form.fields[key].label(lang) for key in constraint.fields]
    sentence = constraint.text(lang)
    if not sentence and len(labels) == 1:
        value = document[constraint.fields[0]]
        sentence = gettext(lang, "Another record already has “{value}” here.", value=value)
    elif not sentence:
        sentence = gettext(lang, "Another record already has the same {fields}.", fields=", ".join(labels))
    return Problem(join("", constraint.fields[0]), sentence)


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format(Decimal(repr(value)).normalize(), "f")
    return value


def _of(record_id: str) -> Any:
    return UniqueValue.record_id == record_id
