"""Moves of running processes to another version. (The first migration makes all tables of its program.)"""

from alembic import op

from formloom.platform.models import Base, ProcessMove

revision = "0003"
down_revision = "0002"


def upgrade():
    Base.metadata.create_all(op.get_bind(), tables=[ProcessMove.__table__], checkfirst=True)
