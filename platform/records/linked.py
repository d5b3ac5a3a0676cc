"""What a record's logic and its read-only fields take from other records: look-ups through links, figures over children.

Logic may read what the person may not see (meaning.md section 1): nothing here asks for permission.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select

from formloom.form_engine import record as engine
from formloom.form_engine.field_types.references import Link
from formloom.form_engine.form import Field, Form
from formloom.platform.definitions import published_in
from formloom.platform.errors import NotFound
from formloom.platform.models import Record
from formloom.platform.projections.tables import layout_in
from formloom.platform.runtime import Caller
from formloom.platform.transactions import WorkspaceSession

SYSTEM = ("created_at", "created_by", "updated_at", "updated_by", "status")


def system_value(record: Record, key: str) -> Any:
    """What the platform knows of a record (`SYSTEM`), as a JSON value; None: blank."""
    value = getattr(record, key)
    return value.isoformat().replace("+00:00", "Z") if key.endswith("_at") and value is not None else value


class LinkedRecords:
    """The engine's `Lookup`: fields of linked records, each record read once. Records in the bin are blank."""

    def __init__(self, db: WorkspaceSession) -> None:
        self.db = db
        self.known: dict[str, Record | None] = {}

    def learn(self, ids: Iterable[str]) -> None:
        """Read many records at once."""
        unknown = {ident for ident in ids if ident not in self.known}
        if unknown:
            self.known |= dict.fromkeys(unknown)
            query = select(Record).where(Record.id.in_(unknown), Record.deleted_at.is_(None))
            self.known |= {record.id: record for record in self.db.scalars(query)}

    def __call__(self, link: str, ident: str, key: str) -> Any:
        """The value of `key` in the record that `link` names; None: blank."""
        self.learn([ident])
        record = self.known[ident]
        if record is None:
            return None
        return system_value(record, key) if key in SYSTEM else record.document.get(key)


def present_in(
    db: WorkspaceSession, caller: Caller, form: Form, found: Sequence[tuple[Record, dict[str, Any]]]
) -> list[dict[str, Any]]:
    """The documents as they are shown: with what is never stored (look-ups, roll-ups, live values, system fields)."""
    if not form.plan.live or not found:
        return [document for _, document in found]
    linked = LinkedRecords(db)
    links = {field.settings["link"] for field in form.fields.values() if field.type.name == "lookup"}
    linked.learn(ident for _, document in found for link in links if isinstance(ident := document.get(link), str))
    context = engine.Context(
        now=caller.now(), zone=caller.workspace_zone, lang=caller.lang, lookup=linked, member=caller.member_id
    )
    figures = [
        (field, _rolled_up(db, caller, field, [record.id for record, _ in found]))
        for field in form.fields.values()
        if field.type.name == "rollup"
    ]
    shown: list[dict[str, Any]] = []
    for record, document in found:
        rolled = {field.key: by_record.get(record.id, _of_none(field)) for field, by_record in figures}
        system = {key: system_value(record, key) for key in SYSTEM}
        whole = document | {key: value for key, value in rolled.items() if value is not None}
        shown.append(engine.present(form, whole, context, system=system))
    return shown


def _of_none(field: Field) -> int | None:
    """The figure over no records."""
    return 0 if field.settings["aggregate"] in ("count", "sum") else None


def _rolled_up(db: WorkspaceSession, caller: Caller, field: Field, ids: Sequence[str]) -> dict[str, Any]:
    """The figure by id of the record that the children point at; a form that is gone, or never had a record, has none."""
    settings = field.settings
    try:
        children = published_in(db, caller, settings["form"])
    except NotFound:
        return {}
    layout = layout_in(db, caller.runtime.database, children)
    link = layout.places.get(settings["link"]) if layout else None
    if layout is None or link is None or not isinstance(link.field.type, Link):
        return {}
    aggregate = settings["aggregate"]
    measured = layout.places.get(settings.get("field", ""))
    if aggregate != "count" and measured is None:
        return {}
    figure = func.count() if measured is None or aggregate == "count" else getattr(func, aggregate)(measured.column)
    table = layout.main
    query = select(link.column, figure).where(
        table.c.workspace_id == db.workspace_id, table.c.deleted_at.is_(None), link.column.in_(ids)
    )
    if "status" in settings:
        query = query.where(table.c.status.in_(settings["status"]))
    rows = db.execute(query.group_by(link.column))
    return {ident: _plain(value, field) for ident, value in rows if value is not None}


def _plain(value: Any, field: Field) -> Any:
    """A figure as the JSON number, or text, that the field's own keywords say."""
    if field.schema.get("type") in ("number", "integer"):
        number = round(float(value), field.settings.get("decimals", 2 if "currency" in field.settings else 8))
        return int(number) if number.is_integer() else number
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
