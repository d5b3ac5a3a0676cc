"""All tables of the first release."""

from alembic import op

from formloom.platform.models import Base

revision = "0001"
down_revision = None


def upgrade():
    Base.metadata.create_all(op.get_bind())
