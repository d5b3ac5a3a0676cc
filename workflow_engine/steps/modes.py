"""How many of N people a step needs, and when its verdict is certain (meaning.md section 4, `mode`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from ..state import Seat

Verdict = Literal["approved", "rejected", "open"]


@dataclass(frozen=True, slots=True)
class Mode:
    """`kind` is the word in the document; `number` the count or, as an exact fraction, the ratio."""

    kind: Literal["any", "all", "sequence", "count", "ratio"]
    number: Fraction = Fraction(1)
    veto: bool = True

    def needed(self, people: int) -> int:
        """How many approvals a step of so many people needs: 1, N, N, n, ⌈r·N⌉."""
        match self.kind:
            case "any":
                return 1
            case "all" | "sequence":
                return people
            case "count":
                return int(self.number)
            case "ratio":
                return -(-self.number.numerator * people // self.number.denominator)

    def verdict(self, seats: Sequence[Seat]) -> Verdict:
        """Approved at the needed number; rejected when it can no longer be reached, or at the first no with a veto."""
        given = refused = 0
        for seat in seats:
            if seat.verdict == "reject":
                refused += 1
            elif seat.verdict:
                given += 1
        needed = self.needed(len(seats))
        if refused and self.veto:
            return "rejected"
        if given >= needed:
            return "approved"
        return "rejected" if len(seats) - refused < needed else "open"


def compile_mode(document: Mapping[str, Any]) -> Mode:
    """The mode of a step's document, with the veto that goes with it."""
    mode = document.get("mode", "any")
    if isinstance(mode, str):
        return Mode(mode, veto=document.get("veto", True))  # type: ignore[arg-type]
    kind, number = next(iter(mode.items()))
    return Mode(kind, Fraction(str(number)), document.get("veto", False))
