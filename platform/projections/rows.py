"""Writing a record's rows, in the transaction that writes its document."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete

from formloom.form_engine.field_types.base import BLANK
from formloom.platform.folding import fold, sort_key
from formloom.platform.models import Record
from formloom.platform.projections.layout import Group, Layout, Place
from formloom.platform.transactions import WorkspaceSession

SEARCHED = 8000
"""Characters of a record's text that the search box looks through."""

MADE = ("created_at", "created_by")
"""What never changes. SQLite writes an index anew if an UPDATE names its column."""

Values = dict[str, Any]


def write_in(
    db: WorkspaceSession, layout: Layout, record: Record, document: Mapping[str, Any], *, new: bool = False
) -> None:
    """Write the rows of `record`, whose `document` was read under `layout.form`. `new`: it has no row yet."""
    cells = _cells(layout.own, document)
    system = _system(record) | _words(layout, record.title, document)
    keys = {"workspace_id": record.workspace_id, "id": record.id}
    for table in layout.own.tables:
        values = cells.get(table.name, {}) | (system if table is layout.main else {})
        if new:
            db.insert(table, keys | values)
        elif values:
            db.update(table, keys, values)
    for group in layout.rows.values():
        if group.tables:
            _write_rows(db, group, record, document, new=new)


def write_state_in(db: WorkspaceSession, layout: Layout, record: Record) -> None:
    """Write what of a record is not in its document: its status, its times, whether it is in the bin."""
    state = {name: value for name, value in _system(record).items() if name not in MADE}
    db.update(layout.main, {"workspace_id": record.workspace_id, "id": record.id}, state)


def remove_in(db: WorkspaceSession, layout: Layout, ids: Sequence[str]) -> None:
    """Remove the rows of records for good."""
    for group in layout.groups:
        for table in group.tables:
            owner = table.c.id if group is layout.own else table.c.record_id
            db.execute(delete(table).where(table.c.workspace_id == db.workspace_id, owner.in_(ids)))


def cells_of(place: Place, value: Any) -> Values:
    """The columns of one field for one value; a blank leaves them all empty."""
    stored = None if value is None or value is BLANK else place.field.type.stored(place.field, value)
    if place.kind != "text":
        return {place.column.name: stored}
    folded = None if stored is None else fold(stored)
    order = None if folded is None else sort_key(folded)
    return {place.column.name: stored, place.found.name: folded, place.sorted.name: order}


def _cells(group: Group, document: Mapping[str, Any]) -> dict[str, Values]:
    """By table: the columns of one record or row."""
    cells: dict[str, Values] = {table.name: {} for table in group.tables}
    for place in group.places.values():
        cells[place.column.table.name].update(cells_of(place, _at(document, place.keys)))
    return cells


def _at(document: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document


def _system(record: Record) -> Values:
    names = ("status", "created_at", "created_by", "updated_at", "updated_by", "deleted_at")
    return {name: getattr(record, name) for name in names}


def _words(layout: Layout, title: str, document: Mapping[str, Any]) -> Values:
    """What the search box looks through: the title and every text of the record and its rows."""
    texts = [title, *_texts(layout.own, document)]
    for group in layout.rows.values():
        for row in _at(document, group.keys) or ():
            texts += _texts(group, row)
    return {"title_s": sort_key(fold(title)), "search": fold("\n".join(texts))[:SEARCHED]}


def _texts(group: Group, document: Mapping[str, Any]) -> list[str]:
    found = (_at(document, place.keys) for place in group.places.values() if place.kind == "text")
    return [text for text in found if isinstance(text, str)]


def _write_rows(db: WorkspaceSession, group: Group, record: Record, document: Mapping[str, Any], *, new: bool) -> None:
    rows = _at(document, group.keys) or ()
    for table in group.tables:
        if not new:
            its = (table.c.workspace_id == record.workspace_id, table.c.record_id == record.id)
            db.execute(delete(table).where(*its))
        if rows:
            db.insert(table, *(_row(group, table, record, position, row) for position, row in enumerate(rows)))


def _row(group: Group, table: Table, record: Record, position: int, row: Mapping[str, Any]) -> Values:
    keys: Values = {"workspace_id": record.workspace_id, "record_id": record.id, "row_id": row["_row"]}
    if table is group.main:
        keys["position"] = position
    return keys | _cells(group, row)[table.name]
