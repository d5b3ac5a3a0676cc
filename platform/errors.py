"""The errors that services raise, beside the engines' own (see form_engine.errors)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from formloom.form_engine.errors import DefinitionError, FormloomError, Problem, RecordInvalid

if TYPE_CHECKING:  # every command of the command line imports this module: it must stay light
    from formloom.workflow_engine.content import Change

__all__ = [
    "CommandForbidden",
    "CommandRefused",
    "Conflict",
    "DefinitionError",
    "FormloomError",
    "InputInvalid",
    "NotAllowed",
    "NotFound",
    "Problem",
    "RecordInvalid",
    "StaleRecord",
    "TooManyAttempts",
    "Unconfirmed",
]


class NotAllowed(FormloomError):
    """The person is known and the thing exists, but this is not theirs to do (403)."""


class NotFound(FormloomError):
    """There is no such thing in this workspace, or none that this person may know of (404)."""


class Conflict(FormloomError):
    """Somebody else was faster: a stale version, a name already taken (409)."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A field in which what somebody wanted to save differs from what is there now, both as JSON values (None: blank)."""

    field: str
    label: str
    theirs: Any
    ours: Any


class StaleRecord(Conflict):
    """Somebody else has changed the record since it was opened; both versions are told, field by field.

    `theirs` is what is stored now (at `version`), `ours` what was to be saved.
    """

    def __init__(self, sentence: str, version: int, fields: Sequence[Differing]) -> None:
        self.version = version
        self.fields = tuple(fields)
        super().__init__(sentence)


class Unconfirmed(FormloomError):
    """The form warns of something that a person has to confirm first (422); `warnings` are those sentences at their fields."""

    def __init__(self, warnings: Sequence[Problem]) -> None:
        self.warnings = tuple(warnings)
        super().__init__(" ".join(warning.message for warning in warnings))


class InputInvalid(FormloomError):
    """A setting or a field of a page that is no form of the form engine is wrong (422); `errors` maps its name to a sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(" ".join(errors.values()))


class CommandRefused(FormloomError):
    """The workflow engine refused a command (409); the sentence is the engine's own reason.

    `difference` is what changed in the record since it was shown, where that is why.
    """

    def __init__(self, reason: str, difference: "Sequence[Change]" = ()) -> None:
        self.difference = tuple(difference)
        super().__init__(reason)


class CommandForbidden(CommandRefused, NotAllowed):
    """The workflow engine refused a command because of whose it was (403): a task is another's, a request was."""


class TooManyAttempts(FormloomError):
    """Something was tried too often (429); `seconds` until it may be tried again."""

    def __init__(self, sentence: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(sentence)
