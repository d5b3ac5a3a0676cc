"""Where one running process stands: small, plain data that knows nothing of its workflow.

Only what the next command may need is kept; what happened is in the events. The state goes to and comes from plain JSON
with a format number; an older format is brought up by the functions in `UPGRADES`, one for each step.
The parts are named tuples and not dataclasses because they are made anew at each change: a third of the cost.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from .values import value

FORMAT = 1


class Task(NamedTuple):
    """What one member has to do now. `rows`: the rows of a sub-table that are theirs; None: the whole record."""

    id: str
    member: str
    seat: int
    since: str
    rows: tuple[Any, ...] | None = None


class Seat(NamedTuple):
    """One of the N of a step: who must sign, one after the other, up to which of them it has come, and what came of it.

    `verdict` is "" (open), "approved", "rejected", or "counted" (approved without being asked).
    """

    signers: tuple[str, ...]
    turn: int = 0
    verdict: str = ""


class Seats(NamedTuple):
    """The work of an approval or fill step. `doers` have approved or filled; `hands` did it for one of them."""

    seats: tuple[Seat, ...]
    tasks: tuple[Task, ...] = ()
    issued: int = 0
    doers: tuple[str, ...] = ()
    hands: tuple[str, ...] = ()


class Fork(NamedTuple):
    """The work of a branch or parallel step: the branches gone through, and those of them that are not finished."""

    took: tuple[int, ...]
    open: tuple[int, ...]


class Call(NamedTuple):
    """The work of a step that waits for answers: which requests are out, and how often it has tried."""

    requests: tuple[str, ...]
    attempts: int


Work = Seats | Fork | Call
"""What a visit is at, by its number: kept beside the visits, because it changes far more often than they do."""


class Block(NamedTuple):
    """Why a visit cannot go on, and since when."""

    why: str
    detail: str
    since: str


class Visit(NamedTuple):
    """One live visit of a step. `parent` is the number of the visit around it (0: none)."""

    number: int
    step: str
    parent: int
    branch: int
    since: str
    due: str | None = None
    block: Block | None = None


class Timer(NamedTuple):
    """A `TimerFired` command that is wanted at `due`."""

    visit: int
    purpose: str
    due: str


class Place(NamedTuple):
    """Where something was open when the request came back: enough to open it again (setting `fromReturningStep`)."""

    step: str
    fork: Fork | None


class Back(NamedTuple):
    """The request is with its initiator again: which step sent it, since when, and what was open then."""

    step: str
    since: str
    places: tuple[Place, ...]


class OpenTask(NamedTuple):
    """An open task, as others ask for it. Times are ISO 8601 in UTC."""

    id: str
    step: str
    member: str
    opened_at: str
    due_at: str | None
    rows: tuple[Any, ...] | None


@value
class State:
    """One process. `outcome` is None while it runs; `number` is the last number given to a visit.

    `doers`, `approved_last` and `approved` are kept only where the workflow asks for them.
    """

    initiator: str
    number: int = 0
    outcome: str | None = None
    decided: bool = False
    back: Back | None = None
    visits: Mapping[int, Visit] = field(default_factory=dict)
    work: Mapping[int, Work] = field(default_factory=dict)
    timers: Mapping[str, Timer] = field(default_factory=dict)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doers: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    approved_last: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()

    @property
    def open_tasks(self) -> tuple[OpenTask, ...]:
        """Every task that somebody may decide now."""
        found: list[OpenTask] = []
        for number, work in self.work.items():
            if isinstance(work, Seats):
                visit = self.visits[number]
                found += [OpenTask(t.id, visit.step, t.member, t.since, visit.due, t.rows) for t in work.tasks]
        return tuple(found)

    @property
    def requests(self) -> tuple[str, ...]:
        """The requests whose answers are waited for."""
        return tuple(request for work in self.work.values() if isinstance(work, Call) for request in work.requests)

    def visit_of(self, step: str) -> Visit | None:
        """The live visit of `step`; a step has one at most, because lists are gone through one step at a time."""
        return next((visit for visit in self.visits.values() if visit.step == step), None)

    def find_task(self, task_id: str) -> tuple[Visit, Task] | None:
        """The open task with this id and the visit it belongs to."""
        return find_task(self.visits, self.work, task_id)

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON (`schema()`); what is empty is left out."""
        plain: dict[str, Any] = {"format": FORMAT, "initiator": self.initiator, "number": self.number}
        if self.outcome is not None:
            plain["outcome"] = self.outcome
        if self.decided:
            plain["decided"] = True
        if self.back is not None:
            plain["back"] = _back_json(self.back)
        if self.visits:
            plain["visits"] = [_visit_json(visit, self.work.get(visit.number)) for visit in self.visits.values()]
        if self.timers:
            plain["timers"] = {key: timer._asdict() for key, timer in self.timers.items()}
        if self.chosen:
            plain["chosen"] = {step: list(members) for step, members in self.chosen.items()}
        if self.doers:
            plain["doers"] = {step: [list(doers), list(hands)] for step, (doers, hands) in self.doers.items()}
        if self.approved_last:
            plain["approvedLast"] = list(self.approved_last)
        if self.approved:
            plain["approved"] = list(self.approved)
        return plain


def find_task(visits: Mapping[int, Visit], works: Mapping[int, Work], task_id: str) -> tuple[Visit, Task] | None:
    """The open task with this id, and the visit whose number its id begins with."""
    try:
        visit = int(task_id.partition(".")[0][:9])
    except ValueError:
        return None
    work = works.get(visit)
    if isinstance(work, Seats):
        for task in work.tasks:
            if task.id == task_id:
                return visits[visit], task
    return None


def from_json(plain: Mapping[str, Any]) -> State:
    """The state that `to_json` wrote, now or in an older format. Raises ValueError for a format that is not known."""
    version = plain.get("format")
    while version != FORMAT:
        if version not in UPGRADES:
            raise ValueError(f"A process state of format {version!r} cannot be read by this program.")
        plain = UPGRADES[version](plain)
        version = plain.get("format")
    get = plain.get
    visits: dict[int, Visit] = {}
    works: dict[int, Work] = {}
    for part in get("visits", ()):
        visit = _visit(part)
        visits[visit.number] = visit
        work = _work(part)
        if work is not None:
            works[visit.number] = work
    return State(
        plain["initiator"],
        plain["number"],
        get("outcome"),
        "decided" in plain,
        _back(plain["back"]) if "back" in plain else None,
        visits,
        works,
        {key: Timer(**timer) for key, timer in plain["timers"].items()} if "timers" in plain else {},
        {step: tuple(members) for step, members in plain["chosen"].items()} if "chosen" in plain else {},
        {step: (tuple(doers), tuple(hands)) for step, (doers, hands) in get("doers", {}).items()},
        tuple(get("approvedLast", ())),
        tuple(get("approved", ())),
    )


def _visit_json(visit: Visit, work: Work | None) -> dict[str, Any]:
    number, step, parent, branch, since, due, block = visit
    plain: dict[str, Any] = {"visit": number, "step": step, "since": since}
    if parent:
        plain["in"] = [parent, branch]
    if due is not None:
        plain["due"] = due
    if block is not None:
        plain["blocked"] = list(block)
    match work:
        case Seats():
            _seats_json(work, since, plain)
        case Fork(took, open_):
            plain["took"] = list(took)
            if open_ != took:
                plain["open"] = list(open_)
        case Call(requests, attempts):
            plain["requests"], plain["attempts"] = list(requests), attempts
    return plain


def _seats_json(work: Seats, since: str, plain: dict[str, Any]) -> None:
    seats, tasks, issued, doers, hands = work
    plain["seats"] = [_seat_json(seat) for seat in seats]
    if tasks:
        plain["tasks"] = [_task_json(task, since) for task in tasks]
    if issued != len(tasks):
        plain["issued"] = issued
    if doers:
        plain["doers"] = list(doers)
    if hands:
        plain["hands"] = list(hands)


def _seat_json(seat: Seat) -> Any:
    signers, turn, verdict = seat
    return [list(signers), turn, verdict] if turn or verdict or len(signers) > 1 else signers[0]


def _task_json(task: Task, since: str) -> list[Any]:
    if task.rows is not None:
        return [*task[:4], list(task.rows)]
    return list(task[:3] if task.since == since else task)


def _visit(plain: Mapping[str, Any]) -> Visit:
    parent, branch = plain.get("in", (0, 0))
    block = Block(*plain["blocked"]) if "blocked" in plain else None
    return Visit(plain["visit"], plain["step"], parent, branch, plain["since"], plain.get("due"), block)


def _work(plain: Mapping[str, Any]) -> Work | None:
    get = plain.get
    if "seats" in plain:
        tasks = tuple([_task(task, plain["since"]) for task in get("tasks", ())])
        seats = tuple([_seat(seat) for seat in plain["seats"]])
        return Seats(seats, tasks, get("issued", len(tasks)), tuple(get("doers", ())), tuple(get("hands", ())))
    if "took" in plain:
        took = tuple(plain["took"])
        return Fork(took, tuple(plain["open"]) if "open" in plain else took)
    return Call(tuple(plain["requests"]), plain["attempts"]) if "requests" in plain else None


def _seat(plain: Any) -> Seat:
    return Seat((plain,)) if isinstance(plain, str) else Seat(tuple(plain[0]), plain[1], plain[2])


def _task(plain: Any, since: str) -> Task:
    if len(plain) == 3:
        return Task(plain[0], plain[1], plain[2], since)
    return Task(plain[0], plain[1], plain[2], plain[3], None if plain[4] is None else tuple(plain[4]))


def _back_json(back: Back) -> dict[str, Any]:
    places = [[place.step, *(list(branches) for branches in place.fork or ())] for place in back.places]
    return {"step": back.step, "since": back.since, "places": places}


def _back(plain: Mapping[str, Any]) -> Back:
    places = tuple(
        Place(step, Fork(tuple(fork[0]), tuple(fork[1])) if fork else None) for step, *fork in plain["places"]
    )
    return Back(plain["step"], plain["since"], places)


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema of a state, as `to_json` writes it."""
    path = Path(__file__).parent / "schemas" / "state.v1.json"
    loaded: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


UPGRADES: dict[Any, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {}
"""By format: the function that turns a state of that format into the next one."""
