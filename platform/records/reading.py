"""Reading a document that was saved under an older version of its form. What is stored is not rewritten by it."""

from collections.abc import Mapping
from typing import Any

from formloom.form_engine.field_types.base import BLANK
from formloom.form_engine.field_types.structure import converted
from formloom.form_engine.form import Form
from formloom.platform.database import Database
from formloom.platform.definitions import PublishedForm, form_version_in
from formloom.platform.models import Record
from formloom.platform.transactions import WorkspaceSession

Document = dict[str, Any]


def document_in(db: WorkspaceSession, database: Database, published: PublishedForm, record: Record) -> Document:
    """The document of `record` as `published` reads it: converted field by field where it is of another version."""
    if record.form_version == published.version:
        return dict(record.document)
    older = form_version_in(db, database, published.number, published.key, record.form_version)
    document = read_as(published.form, older, record.document)
    back = [key for key in published.form.fields if key in record.document and key not in older.fields]
    return document | _brought_back(db, database, published, record, back) if back else document


def _brought_back(
    db: WorkspaceSession, database: Database, published: PublishedForm, record: Record, keys: list[str]
) -> Document:
    """Values of fields that the record's version did not have, but one before it had: deleted once, and here again."""
    found: Document = {}
    for number in range(record.form_version - 1, 0, -1):
        earlier = form_version_in(db, database, published.number, published.key, number)
        for key in keys:
            if key in earlier.fields and key not in found:
                value = published.form.fields[key].type.convert(
                    published.form.fields[key], earlier.fields[key], record.document[key]
                )
                found[key] = value
    return {key: value for key, value in found.items() if value is not BLANK}


def read_as(form: Form, older: Form, document: Mapping[str, Any]) -> Document:
    """A document of `older` as one of `form`; what does not convert is blank."""
    return converted(form.fields, older.fields, document)


def left_over(form: Form, document: Mapping[str, Any]) -> Document:
    """What a stored document holds of fields that `form` doesn't have (any more): it stays when the record is saved."""
    renamed = {name for field in form.fields.values() for name in field.settings.get("was", ())}
    return {key: value for key, value in document.items() if key not in form.fields and key not in renamed}
