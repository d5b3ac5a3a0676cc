"""Requests are found by the one that has started them, for its page."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade():
    columns = ["parent_id", "workspace_id"]
    op.create_index("ix_process_parent_id_workspace_id", "process", columns, if_not_exists=True)
