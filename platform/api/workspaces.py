"""`/workspaces`: where the caller is a member."""

from formloom.platform import sessions
from formloom.platform.api import schemas
from formloom.platform.api.access import caller, guarded
from formloom.platform.services import accounts
from formloom.platform.services.accounts import WorkspaceChoice

resources = guarded("workspaces", "Workspaces: every row belongs to one.")


@resources.get("/workspaces")
@resources.response(200, schemas.WorkspaceOut(many=True))
def list_workspaces() -> list[WorkspaceChoice]:
    """The workspaces that the caller is in. A token is for one of them."""
    here, info = caller(), sessions.info()
    if info is not None and info.member_id == here.member_id:
        return accounts.workspaces_of(here.runtime, info.person_id)
    return [accounts.workspace_of(here)]
