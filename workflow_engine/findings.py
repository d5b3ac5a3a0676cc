"""What `workflow check` says: one finding a cause, with its step, its place and, where it helps, an example."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formloom.form_engine.errors import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Something true of a workflow, of one of the kinds of meaning.md section 5.

    `step` is a step's id, "start", or None for the workflow as a whole; `pointer` the place in the document, where there
    is one; `example` a counter-example (a record, a member, a list of commands).
    """

    step: str | None
    kind: str
    severity: Severity
    message: str
    example: Mapping[str, Any] | None = None
    pointer: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As `workflow check --json` prints it."""
        plain: dict[str, Any] = {
            "step": self.step,
            "kind": self.kind,
            "severity": self.severity,
            "message": self.message,
            "example": None if self.example is None else dict(self.example),
        }
        return plain if self.pointer is None else plain | {"pointer": self.pointer}
