"""What every use case is given: the runtime of this process, and the caller on whose behalf it happens.

There are no globals and no proxies: who calls a service hands it a `Caller` (or the `Runtime`, while nobody is known).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import select

from formloom.form_engine.limits import LIMITS
from formloom.platform.database import Database
from formloom.platform.errors import NotFound
from formloom.platform.filestore import FileStore
from formloom.platform.models import Member, Person, Workspace, new_id
from formloom.platform.settings import Settings
from formloom.platform.transactions import UnboundSession, WorkspaceSession, transaction


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _tell_nobody(kind: str, ident: str) -> None:
    """Without a broker nothing is nudged; the sweep finds what is to be done."""


@dataclass(slots=True)
class Runtime:
    """One process of Formloom. `nudge(kind, id)` tells a worker to look; losing a nudge changes nothing."""

    settings: Settings
    database: Database
    files: FileStore
    clock: Callable[[], datetime] = _utc_now
    nudge: Callable[[str, str], None] = _tell_nobody

    def reading(self) -> AbstractContextManager[UnboundSession]:
        """A transaction over all workspaces that only reads; always rolled back."""
        return transaction(self.database.unbound(writes=False), self.nudge)

    def writing(self) -> AbstractContextManager[UnboundSession]:
        """A transaction over all workspaces that writes; committed at its end, rolled back when anything is raised."""
        return transaction(self.database.unbound(writes=True), self.nudge)

    def close(self) -> None:
        """Give the database's connections back."""
        self.database.close()


def create_runtime(settings: Settings) -> Runtime:
    """The runtime of this process, with the engines' limits as the settings have them. Connects at the first use."""
    LIMITS.fields, LIMITS.rows = settings.form_fields, settings.table_rows
    LIMITS.document_bytes = settings.document_kilobytes * 1000
    LIMITS.steps, LIMITS.step_depth = settings.workflow_steps, settings.workflow_depth
    LIMITS.open_tasks = settings.step_tasks
    database = Database(settings.database(), connections=settings.database_connections)
    return Runtime(settings, database, FileStore(settings.files()))


@dataclass(frozen=True, slots=True)
class Caller:
    """One request or job: who it is for, where, and how it is told of.

    `member_id` is None for the system. `zone` is the zone that times are *shown* in (the person's); `workspace_zone`
    is the one that dates and business time are *reckoned* in. `quiet`: nobody is mailed of what happens, because it is
    history that is played back.
    """

    runtime: Runtime
    workspace_id: int
    member_id: str | None
    lang: str = "en"
    zone: str = "UTC"
    workspace_zone: str = "UTC"
    request_id: str = field(default_factory=new_id)
    address: str | None = None
    admin: bool = False
    quiet: bool = False

    def now(self) -> datetime:
        """This moment, aware."""
        return self.runtime.clock()

    def reading(self) -> AbstractContextManager[WorkspaceSession]:
        """A transaction of this workspace that only reads; always rolled back."""
        session = self.runtime.database.session(self.workspace_id, writes=False)
        return transaction(session, self.runtime.nudge)

    def writing(self) -> AbstractContextManager[WorkspaceSession]:
        """A transaction of this workspace that writes; committed at its end, rolled back when anything is raised.

        What was told to its session's `nudge` reaches the workers after the commit.
        """
        session = self.runtime.database.session(self.workspace_id, writes=True)
        return transaction(session, self.runtime.nudge)

    def system(self) -> Self:
        """The system itself, in the same workspace and request: for what follows from what somebody did."""
        return replace(self, member_id=None, admin=True)


def caller_for(
    runtime: Runtime,
    workspace_id: int,
    member_id: str | None = None,
    *,
    request_id: str = "",
    address: str | None = None,
) -> Caller:
    """The caller that stands for `member_id` in a workspace, or for the system when it is None.

    Raises:
        NotFound: there is no such workspace, or no such active member in it.
    """
    with runtime.reading() as db:
        workspace = db.get(Workspace, workspace_id)
        if workspace is None:
            raise NotFound("There is no such workspace.")
        if member_id is None:
            lang, zone, admin = workspace.language, workspace.zone, True
        else:
            own = db.execute(
                select(Member, Person)
                .outerjoin(Person, Person.id == Member.person_id)
                .where(Member.workspace_id == workspace_id, Member.id == member_id, Member.active)
            ).one_or_none()
            if own is None:
                raise NotFound("There is no such member.")
            member, person = own
            lang = (person.language if person else None) or workspace.language
            zone = (person.zone if person else None) or workspace.zone
            admin = member.admin
    return Caller(runtime, workspace_id, member_id, lang, zone, workspace.zone, request_id or new_id(), address, admin)
