"""What people, clocks and other systems ask of a running process: one small value a wish.

A command says what is wanted, never whether it is allowed: `engine.apply` answers that. `by` is the member who asks;
`SYSTEM` stands for a clock or an answer from outside.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from .values import value

SYSTEM = ""

Action = Literal["approve", "reject", "return", "done"]
Place = Literal["before", "after", "beside"]


@value
class Start:
    """`by` submits the request. `chosen` names, by step, whom the initiator chose where the workflow lets them choose."""

    by: str
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@value
class Decide:
    """`by` decides an open task (their own, or one of somebody who delegated to them).

    `target` is a step id or "initiator", for `return` only. `content` is the hash of the content that was shown
    (`record.content_hash`). `record` is the whole record as it will be once the fields filled in here are saved, already
    settled under the step's access; None: nothing was filled in.
    """

    by: str
    task: str
    action: Action
    target: str | None = None
    comment: str | None = None
    content: str | None = None
    record: Mapping[str, Any] | None = None


@value
class Transfer:
    """`by` gives an open task of theirs to member `to`."""

    by: str
    task: str
    to: str
    comment: str | None = None


@value
class AddSigner:
    """`by` asks `member` to sign too: before or after their own approval (part of it), or beside it (one more of N)."""

    by: str
    task: str
    member: str
    place: Place = "beside"
    comment: str | None = None


@value
class Comment:
    """`by` says something about the request."""

    by: str
    text: str
    task: str | None = None


@value
class Withdraw:
    """The initiator takes the request back."""

    by: str
    comment: str | None = None


@value
class Resubmit:
    """The initiator hands in again a request that came back; `record` as in `Decide`, None: unchanged."""

    by: str
    record: Mapping[str, Any] | None = None
    comment: str | None = None


@value
class Urge:
    """The initiator asks those who have a task to hurry."""

    by: str
    comment: str | None = None


@value
class Reassign:
    """An admin gives anybody's open task to member `to`."""

    by: str
    task: str
    to: str
    comment: str | None = None


@value
class Jump:
    """An admin puts the process at `step`, whatever is open in the list it stands in."""

    by: str
    step: str
    comment: str | None = None


@value
class Terminate:
    """An admin ends the process."""

    by: str
    comment: str | None = None


@value
class Retry:
    """An admin lets a blocked `step` try again."""

    by: str
    step: str
    comment: str | None = None


@value
class Correct:
    """The record becomes `record` by another door than a task: an admin's correction, or anybody if `lock` is false."""

    by: str
    record: Mapping[str, Any]
    comment: str | None = None


@value
class TimerFired:
    """The timer with this id has fallen due."""

    timer: str
    by: str = SYSTEM


@value
class ActionAnswered:
    """What came of a request (a `RecordRequested`, `MessageRequested` or `ProcessRequested` event).

    `values` are the mapped fields of the answer, `record` the whole record after they were saved (None: unchanged),
    `outcome` that of a subprocess, `error` a sentence when `ok` is false.
    """

    request: str
    ok: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] | None = None
    outcome: str | None = None
    error: str | None = None
    by: str = SYSTEM


Command = (
    Start
    | Decide
    | Transfer
    | AddSigner
    | Comment
    | Withdraw
    | Resubmit
    | Urge
    | Reassign
    | Jump
    | Terminate
    | Retry
    | Correct
    | TimerFired
    | ActionAnswered
)
