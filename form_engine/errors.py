"""The root of every error that a person may be shown, and the two that the form engine raises.

Engines and services raise these; each is turned into a page, a problem document (RFC 9457) or a line of the command
line at one place there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and how bad it is. `pointer` is a JSON Pointer (RFC 6901) into the document."""

    pointer: str
    message: str
    severity: Severity = "error"


class FormloomError(Exception):
    """Something that a person can be told in a sentence: `str(error)` is that sentence, in their language."""


class DefinitionError(FormloomError):
    """A form, workflow or app definition that cannot be used; `problems` says why, all at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.pointer}: {problem.message}" for problem in self.problems))


class RecordInvalid(FormloomError):
    """A record that its form does not accept; `errors` has every reason, each at its field."""

    def __init__(self, errors: Sequence[Problem]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.pointer}: {error.message}" for error in self.errors))
