"""The log and the clocks of automations. (The first migration makes all tables of its program, so they may be there.)"""

from alembic import op

from formloom.platform.models import AutomationClock, AutomationRun, Base

revision = "0002"
down_revision = "0001"


def upgrade():
    tables = [AutomationRun.__table__, AutomationClock.__table__]
    Base.metadata.create_all(op.get_bind(), tables=tables, checkfirst=True)
