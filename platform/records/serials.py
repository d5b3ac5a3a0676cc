"""Serial numbers: taken at the first submit, in the record's transaction; gaps may stay, no number is given twice."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from formloom.form_engine.field_types.derived import DEFAULT_SERIAL, Serial, serial_of, series_of
from formloom.form_engine.form import Field, Form
from formloom.platform.models import Counter
from formloom.platform.transactions import WorkspaceSession
from formloom.platform.writes import insert_unless

TABLE = Counter.__table__


def serial_fields(form: Form) -> list[Field]:
    """The fields of the form that number its records."""
    return [field for field in form.fields.values() if isinstance(field.type, Serial)]


def number_in(db: WorkspaceSession, form_key: str, form: Form, now: datetime, zone: str) -> dict[str, str]:
    """The serial numbers of a record that is submitted now, by field. The counters stay locked until the commit."""
    day = now.astimezone(ZoneInfo(zone)).date()
    numbers: dict[str, str] = {}
    for field in serial_fields(form):
        pattern = str(field.settings.get("pattern") or DEFAULT_SERIAL)
        number = next_in(db, f"serial:{form_key}:{field.key}:{series_of(pattern, day)}")
        numbers[field.key] = serial_of(pattern, day, number)
    return numbers


def next_in(db: WorkspaceSession, name: str) -> int:
    """The next number of a series of the workspace, from 1."""
    statement = _take(db.sqlite)
    return int(db.execute(statement, {"workspace_id": db.workspace_id, "name": name, "value": 1}).scalar_one())


@cache
def _take(sqlite: bool) -> Any:
    """The statement that makes a counter, or raises it by one, and gives its number."""
    statement = insert_unless(TABLE, sqlite=sqlite).on_conflict_do_update(
        index_elements=[TABLE.c.workspace_id, TABLE.c.name], set_={"value": TABLE.c.value + 1}
    )
    return statement.returning(TABLE.c.value)
