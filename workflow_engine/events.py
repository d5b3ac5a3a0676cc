"""What happened in a process: facts, in order, each with everything that came from outside.

People that were found, values that conditions read, due times: they stand in the events, so that folding them again
(`fold.replay`) asks nobody. The platform stores them, shows them as history and turns them into rows and messages.
`at` is the moment, ISO 8601 in UTC. `visit` is the number of one visit of a step, unique in its process; `by` is "" for
the clock and for the system.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from .values import value

Result = Literal["approved", "rejected", "returned", "skipped", "done", "cancelled"]
Blocked = Literal["nobody", "noBranch", "failed", "unreadable", "circle", "noDate", "join", "crowd"]
Closed = Literal["decided", "cancelled", "handedOver", "signerFirst"]
Purpose = Literal["remind", "due", "wait", "timeout", "retry"]


@value
class Event:
    """The root of all events."""

    __match_args__: ClassVar[tuple[str, ...]]
    """Its attributes, in order."""

    at: str

    @property
    def kind(self) -> str:
        """The name of the event's class, as it stands in JSON."""
        return type(self).__name__

    def to_json(self) -> dict[str, Any]:
        """The event as plain JSON, with its `kind`; what is None is left out."""
        plain: dict[str, Any] = {"kind": type(self).__name__}
        for name in self.__match_args__:
            held = getattr(self, name)
            if held is not None:
                plain[name] = list(held) if type(held) is tuple else held
        return plain


@value
class ProcessStarted(Event):
    """`by` submitted the request."""

    by: str
    chosen: Mapping[str, Any]


@value
class StepEntered(Event):
    """A step was reached. `parent` is the visit of the step around it (0: none), `branch` which of its branches."""

    visit: int
    step: str
    parent: int
    branch: int


@value
class AssigneesFound(Event):
    """Who is to do the step. `counted` are those who count as approving already; `why` says who stood in for nobody."""

    visit: int
    step: str
    members: tuple[str, ...]
    counted: tuple[str, ...] = ()
    why: Literal["skip", "admin", "person", "manager"] | None = None


@value
class DueSet(Event):
    """The step should be over by `due`."""

    visit: int
    step: str
    due: str


@value
class TaskOpened(Event):
    """`member` has something to do. `rows` are the rows of a sub-table that are theirs (None: the whole record)."""

    task: str
    visit: int
    step: str
    member: str
    seat: int
    form: Literal["approval", "fill"] = "approval"
    due: str | None = None
    rows: tuple[Any, ...] | None = None


@value
class TaskDecided(Event):
    """`by` decided the task of `member`: somebody else by delegation, "" at the deadline."""

    task: str
    visit: int
    step: str
    member: str
    by: str
    action: str
    target: str | None = None
    comment: str | None = None


@value
class TaskClosed(Event):
    """The task is no longer open, and its holder did not decide it."""

    task: str
    visit: int
    step: str
    member: str
    reason: Closed


@value
class HandedOver(Event):
    """A seat went from `member` to `to`."""

    task: str
    visit: int
    step: str
    seat: int
    member: str
    to: str
    by: str
    how: Literal["transfer", "reassign", "escalate"]
    comment: str | None = None


@value
class SignerAdded(Event):
    """`member` signs too; before and after: in the same seat, beside: in a new one."""

    task: str
    visit: int
    step: str
    seat: int
    member: str
    place: Literal["before", "after", "beside"]
    by: str
    comment: str | None = None


@value
class BranchTaken(Event):
    """The branches of a branch or parallel step that are gone through. `open`: those not finished before (all, at first).

    `held` says of each branch what its condition gave (None: not asked); `values` what the conditions read.
    """

    visit: int
    step: str
    took: tuple[int, ...]
    open: tuple[int, ...]
    held: tuple[bool | None, ...] = ()
    values: Mapping[str, Any] | None = None


@value
class BranchFinished(Event):
    """One branch of the step came to its end."""

    visit: int
    step: str
    branch: int


@value
class StepBlocked(Event):
    """The step cannot go on until an admin helps; `detail` is what the sentence about it needs."""

    visit: int
    step: str
    why: Blocked
    detail: str = ""


@value
class Notified(Event):
    """The members are told, by a notify step."""

    visit: int
    step: str
    members: tuple[str, ...]
    message: str | None = None


@value
class Reminded(Event):
    """The due time comes near: the members are reminded of their open tasks."""

    visit: int
    step: str
    members: tuple[str, ...]


@value
class Urged(Event):
    """The initiator asks the members to hurry."""

    by: str
    members: tuple[str, ...]
    tasks: tuple[str, ...]
    comment: str | None = None


@value
class Commented(Event):
    """Somebody said something."""

    by: str
    text: str
    task: str | None = None


@value
class TimerSet(Event):
    """The process wants a `TimerFired` command at `due`."""

    timer: str
    visit: int
    step: str
    purpose: Purpose
    due: str


@value
class TimerCancelled(Event):
    """The timer is no longer wanted."""

    timer: str


@value
class TimerRang(Event):
    """The timer fell due, and did its work."""

    timer: str
    visit: int
    step: str
    purpose: Purpose


@value
class RecordRequested(Event):
    """An action on records of this database, to be run in the same transaction and answered with `ActionAnswered`.

    `form` is the form of the records; "" is the process's own record. `values` are to be set; `where` are the values by
    which records are found (or `record` their id); `into` maps fields of our record to fields of what was found or made.
    """

    request: str
    visit: int
    step: str
    verb: Literal["create", "update", "find"]
    form: str
    values: Mapping[str, Any]
    where: Mapping[str, Any] | None = None
    record: str | None = None
    into: Mapping[str, str] | None = None


@value
class MessageRequested(Event):
    """Something to send, by the outbox; answered with `ActionAnswered` once delivered or given up."""

    request: str
    visit: int
    step: str
    verb: Literal["webhook", "mail"]
    body: Mapping[str, Any]
    members: tuple[str, ...] = ()
    into: Mapping[str, str] | None = None


@value
class ProcessRequested(Event):
    """Another form's record is to be made with `values` and its workflow started; answered, if awaited, when it ends."""

    request: str
    visit: int
    step: str
    form: str
    values: Mapping[str, Any]
    awaited: bool
    row: Any = None
    into: Mapping[str, str] | None = None


@value
class RequestAnswered(Event):
    """The answer to a request arrived."""

    request: str
    visit: int
    step: str
    ok: bool
    values: Mapping[str, Any] | None = None
    outcome: str | None = None
    error: str | None = None


@value
class RecordChanged(Event):
    """Fields of the record changed; a removed value is null. `step` is where (None: a correction, or a resubmission)."""

    by: str
    step: str | None
    changes: Mapping[str, Any]
    comment: str | None = None


@value
class StepLeft(Event):
    """A visit of a step is over. `approves`: it was an approval step that was passed."""

    visit: int
    step: str
    result: Result
    approves: bool = False


@value
class Returned(Event):
    """The process goes back: to a step, or to the initiator ("initiator"). A new round begins."""

    visit: int
    step: str
    target: str
    by: str


@value
class Resubmitted(Event):
    """The initiator handed the request in again."""

    by: str
    comment: str | None = None


@value
class Jumped(Event):
    """An admin put the process at `step`."""

    by: str
    step: str
    comment: str | None = None


@value
class Retried(Event):
    """An admin let a blocked step try again."""

    visit: int
    step: str
    by: str
    comment: str | None = None


@value
class Migrated(Event):
    """An admin moved the process to another `version` of its workflow. `branches`: by step, pairs of a branch's number
    before and after."""

    by: str
    version: int
    branches: Mapping[str, Any]


@value
class ProcessEnded(Event):
    """The process is over: approved, rejected, withdrawn, terminated, or an `end` step's own outcome."""

    outcome: str
    by: str = ""
    comment: str | None = None


KINDS: dict[str, type[Event]] = {
    name: kind for name, kind in list(globals().items()) if isinstance(kind, type) and issubclass(kind, Event)
}


def from_json(plain: Mapping[str, Any]) -> Event:
    """The event that `to_json` wrote. Raises KeyError or TypeError for anything else."""
    kind: Any = KINDS[plain["kind"]]
    values = {
        name: tuple(value) if isinstance(value, list) else value for name, value in plain.items() if name != "kind"
    }
    event: Event = kind(**dict.fromkeys(kind.__match_args__) | values)
    return event
