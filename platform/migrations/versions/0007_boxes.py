"""What one has decided, was told of and has not read, and whether one has a task with a record, are found by indexes.

The indexes of projections begin with their column, not with the workspace (see projections/layout.py); titles have one.
"""

import re

import sqlalchemy as sa
from alembic import op

from formloom.platform.models import Notification, Process, Record, Task

revision = "0007"
down_revision = "0006"


def upgrade():
    for model in (Notification, Task):
        for index in sorted(model.__table__.indexes, key=lambda index: index.name):
            index.create(op.get_bind(), checkfirst=True)
    for model in (Process, Record):  # those that are partial now were whole
        for index in model.__table__.indexes:
            if index.name in ("ix_process_parent_id_workspace_id", "ix_record_submission_key_workspace_id"):
                op.drop_index(index.name, model.__tablename__)
                index.create(op.get_bind())
    inspector = sa.inspect(op.get_bind())
    if "step_title" in {column["name"] for column in inspector.get_columns("task")}:  # nobody read it
        op.drop_column("task", "step_title")
    for table in inspector.get_table_names():
        if re.fullmatch(r"p_\d+(_\d+)?", table):
            for index in inspector.get_indexes(table):
                first, *columns = index["column_names"]
                if first == "workspace_id" and columns and not index["unique"]:
                    op.drop_index(index["name"], table)
                    op.create_index(index["name"], table, columns)
            if "title_s" in {column["name"] for column in inspector.get_columns(table)}:
                op.create_index(f"ix_{table}_title_s", table, ["title_s"], if_not_exists=True)
