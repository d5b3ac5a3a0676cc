"""Mails are made from notifications. (The first migration makes all tables of its program, with these columns.)"""

import sqlalchemy as sa
from alembic import op

from formloom.platform.models import Notification

revision = "0006"
down_revision = "0005"


def upgrade():
    table = Notification.__table__
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table.name)}
    for name in ("mail_due_at", "request_id"):
        if name not in known:
            op.add_column(table.name, sa.Column(name, table.c[name].type))
    for index in table.indexes:
        index.create(op.get_bind(), checkfirst=True)
