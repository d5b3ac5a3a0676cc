"""Fewer rows and indexes for each decision: a command's events are one row, and the keys of tasks and of notifications
begin with what they are looked for by."""

import sqlalchemy as sa
from alembic import op

from formloom.platform.models import Events, Notification, Task

revision = "0008"
down_revision = "0007"


def upgrade():
    inspector = sa.inspect(op.get_bind())
    if "kind" not in {column["name"] for column in inspector.get_columns("event")}:
        return  # the first migration makes all tables of its program
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in () if sqlite else ("process", "timer", "process_move"):  # on SQLite one that is too many stays
        name = f"fk_{table}_workspace_id"
        if name in {key["name"] for key in inspector.get_foreign_keys(table)}:
            op.drop_constraint(name, table)
    listed = "'[' || data || ']'" if sqlite else "json_build_array(data)"
    for model, changed in ((Events, {"data": listed}), (Notification, {}), (Task, {})):
        make_anew(model.__table__, changed)


def make_anew(table, changed):
    """Make a table as it is now, with its old rows; `changed` has by column what it gets."""
    names = [column.name for column in table.columns]
    taken = ", ".join(f"{changed[name]} AS {name}" if name in changed else name for name in names)
    before, listed = f"{table.name}_before", ", ".join(names)
    op.execute(f"CREATE TEMPORARY TABLE {before} AS SELECT {taken} FROM {table.name}")  # noqa: S608 - our own names
    op.drop_table(table.name)
    table.create(op.get_bind())
    op.execute(f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM {before}")  # noqa: S608 - our own names
    op.drop_table(before)
