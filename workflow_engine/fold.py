"""How each event changes the state: the only place where a state is changed.

`engine.apply` decides which events happen and folds each of them here at once; `replay` folds stored ones. So a replay
gives the same state by construction, and asks neither the directory, nor the calendar, nor the logic.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from . import events as e
from .state import Back, Block, Call, Fork, Place, Seat, Seats, State, Task, Timer, Visit


class Draft:
    """A state while events are folded into it. `remembered` are the steps whose doers somebody asks for later;
    `repeat` is the workflow's `repeatApprover`, `resume` whether a resubmission goes straight back."""

    __slots__ = (
        "approved",
        "approved_last",
        "back",
        "chosen",
        "decided",
        "doers",
        "initiator",
        "number",
        "outcome",
        "remembered",
        "repeat",
        "resume",
        "timers",
        "visits",
        "work",
    )

    def __init__(self, state: State | None, remembered: frozenset[str], repeat: str, resume: bool) -> None:
        self.remembered, self.repeat, self.resume = remembered, repeat, resume
        state = state or _NOTHING
        self.initiator, self.number, self.outcome = state.initiator, state.number, state.outcome
        self.decided, self.back = state.decided, state.back
        self.visits = dict(state.visits)
        self.work = dict(state.work)
        self.timers: dict[str, Timer] = dict(state.timers)
        self.chosen = state.chosen
        self.doers = state.doers
        self.approved_last, self.approved = state.approved_last, state.approved

    def freeze(self) -> State:
        """The state as it is now."""
        return State(
            self.initiator,
            self.number,
            self.outcome,
            self.decided,
            self.back,
            self.visits,
            self.work,
            self.timers,
            self.chosen,
            self.doers,
            self.approved_last,
            self.approved,
        )

    def seats(self, number: int) -> Seats:
        """The seats of a visit of an approval or fill step; none where they are not known yet."""
        work = self.work.get(number)
        return work if isinstance(work, Seats) else NO_SEATS

    def fork(self, number: int) -> Fork:
        """The branches of a visit of a branch or parallel step; none where they are not known yet."""
        work = self.work.get(number)
        return work if isinstance(work, Fork) else NO_FORK

    def call(self, number: int) -> Call:
        """The requests of a visit; none where it has not asked for anything."""
        work = self.work.get(number)
        return work if isinstance(work, Call) else NO_CALL


NO_SEATS, NO_FORK, NO_CALL = Seats(()), Fork((), ()), Call((), 0)
_NOTHING = State("")

E = TypeVar("E", bound=e.Event)
FOLDS: dict[type[e.Event], Callable[[Draft, Any], None]] = {}
"""How each kind of event changes the draft."""


def _folds(kind: type[E]) -> Callable[[Callable[[Draft, E], None]], Callable[[Draft, E], None]]:
    def _register(function: Callable[[Draft, E], None]) -> Callable[[Draft, E], None]:
        FOLDS[kind] = function
        return function

    return _register


def fold_all(draft: Draft, happened: Iterable[e.Event]) -> State:
    """The state after the events."""
    for event in happened:
        FOLDS[type(event)](draft, event)
    return draft.freeze()


@_folds(e.ProcessStarted)
def _started(draft: Draft, event: e.ProcessStarted) -> None:
    draft.initiator = event.by
    draft.chosen = {step: tuple(members) for step, members in event.chosen.items()}


@_folds(e.StepEntered)
def _entered(draft: Draft, event: e.StepEntered) -> None:
    draft.number = event.visit
    draft.visits[event.visit] = Visit(event.visit, event.step, event.parent, event.branch, event.at)


@_folds(e.AssigneesFound)
def _found(draft: Draft, event: e.AssigneesFound) -> None:
    counted = event.counted
    seats = tuple([Seat((member,), 0, "counted" if member in counted else "") for member in event.members])
    draft.work[event.visit] = Seats(seats, doers=counted)


@_folds(e.DueSet)
def _due(draft: Draft, event: e.DueSet) -> None:
    draft.visits[event.visit] = draft.visits[event.visit]._replace(due=event.due)


@_folds(e.TaskOpened)
def _opened(draft: Draft, event: e.TaskOpened) -> None:
    seats, tasks, issued, doers, hands = draft.seats(event.visit)
    task = Task(event.task, event.member, event.seat, event.at, event.rows)
    draft.work[event.visit] = Seats(seats, (*tasks, task), issued + 1, doers, hands)


@_folds(e.TaskDecided)
def _decided(draft: Draft, event: e.TaskDecided) -> None:
    seats, tasks, issued, doers, hands = draft.seats(event.visit)
    at = next(index for index, task in enumerate(tasks) if task.id == event.task) if len(tasks) > 1 else 0
    place = tasks[at].seat
    seat = seats[place]
    if event.action in ("approve", "done"):
        turn = seat.turn + 1
        seat = Seat(seat.signers, turn, "approved" if turn == len(seat.signers) else "")
        doers = (*doers, event.member)
        if event.by and event.by != event.member:
            hands = (*hands, event.by)
    else:
        seat = seat._replace(verdict=event.action)
    seats, tasks = (*seats[:place], seat, *seats[place + 1 :]), (*tasks[:at], *tasks[at + 1 :])
    draft.work[event.visit] = Seats(seats, tasks, issued, doers, hands)
    draft.decided = draft.decided or event.action != "done"


@_folds(e.TaskClosed)
def _closed(draft: Draft, event: e.TaskClosed) -> None:
    work = draft.seats(event.visit)
    draft.work[event.visit] = work._replace(tasks=tuple(task for task in work.tasks if task.id != event.task))


@_folds(e.HandedOver)
def _handed_over(draft: Draft, event: e.HandedOver) -> None:
    work = draft.seats(event.visit)
    seat = work.seats[event.seat]
    signers = (*seat.signers[: seat.turn], event.to, *seat.signers[seat.turn + 1 :])
    _put_seat(draft, event.visit, event.seat, seat._replace(signers=signers))


@_folds(e.SignerAdded)
def _signer_added(draft: Draft, event: e.SignerAdded) -> None:
    work = draft.seats(event.visit)
    if event.place == "beside":
        draft.work[event.visit] = work._replace(seats=(*work.seats, Seat((event.member,))))
        return
    seat = work.seats[event.seat]
    at = seat.turn + (event.place == "after")
    _put_seat(
        draft, event.visit, event.seat, seat._replace(signers=(*seat.signers[:at], event.member, *seat.signers[at:]))
    )


def _put_seat(draft: Draft, number: int, index: int, seat: Seat) -> None:
    work = draft.seats(number)
    draft.work[number] = work._replace(seats=(*work.seats[:index], seat, *work.seats[index + 1 :]))


@_folds(e.BranchTaken)
def _branches_taken(draft: Draft, event: e.BranchTaken) -> None:
    draft.work[event.visit] = Fork(event.took, event.open)


@_folds(e.BranchFinished)
def _branch_finished(draft: Draft, event: e.BranchFinished) -> None:
    took, open_ = draft.fork(event.visit)
    draft.work[event.visit] = Fork(took, tuple([branch for branch in open_ if branch != event.branch]))


@_folds(e.StepBlocked)
def _blocked(draft: Draft, event: e.StepBlocked) -> None:
    block = Block(event.why, event.detail, event.at)
    draft.visits[event.visit] = draft.visits[event.visit]._replace(block=block)


@_folds(e.Retried)
def _retried(draft: Draft, event: e.Retried) -> None:
    draft.visits[event.visit] = draft.visits[event.visit]._replace(block=None)


@_folds(e.TimerSet)
def _timer_set(draft: Draft, event: e.TimerSet) -> None:
    draft.timers[event.timer] = Timer(event.visit, event.purpose, event.due)


@_folds(e.TimerCancelled)
def _timer_cancelled(draft: Draft, event: e.TimerCancelled) -> None:
    draft.timers.pop(event.timer, None)


@_folds(e.TimerRang)
def _timer_rang(draft: Draft, event: e.TimerRang) -> None:
    draft.timers.pop(event.timer, None)


def _requested(draft: Draft, event: e.RecordRequested | e.MessageRequested) -> None:
    """A new attempt: the one before it is given up, and its answer would come too late."""
    draft.work[event.visit] = Call((event.request,), draft.call(event.visit).attempts + 1)


FOLDS[e.RecordRequested] = FOLDS[e.MessageRequested] = _requested


@_folds(e.ProcessRequested)
def _process_requested(draft: Draft, event: e.ProcessRequested) -> None:
    before = draft.call(event.visit).requests
    draft.work[event.visit] = Call(tuple(dict.fromkeys((*before, event.request))), 1)


@_folds(e.RequestAnswered)
def _answered(draft: Draft, event: e.RequestAnswered) -> None:
    requests, attempts = draft.call(event.visit)
    if event.ok:
        draft.work[event.visit] = Call(tuple(other for other in requests if other != event.request), attempts)


@_folds(e.StepLeft)
def _left(draft: Draft, event: e.StepLeft) -> None:
    del draft.visits[event.visit]
    work = draft.work.pop(event.visit, None)
    if not isinstance(work, Seats):
        return
    if event.step in draft.remembered:
        draft.doers = {**draft.doers, event.step: (tuple(dict.fromkeys(work.doers)), work.hands)}
    if draft.repeat != "each" and event.approves:
        draft.approved_last = work.doers
        if draft.repeat == "skipAny":
            draft.approved = tuple(dict.fromkeys((*draft.approved, *work.doers)))


@_folds(e.Returned)
def _returned(draft: Draft, event: e.Returned) -> None:
    draft.approved_last = draft.approved = ()
    if event.target == "initiator":
        forks = {number: work for number, work in draft.work.items() if isinstance(work, Fork)}
        places = tuple(Place(visit.step, forks.get(number)) for number, visit in draft.visits.items())
        draft.back = Back(event.step, event.at, places if draft.resume else ())
        draft.decided = False


@_folds(e.Resubmitted)
def _resubmitted(draft: Draft, event: e.Resubmitted) -> None:
    draft.back = None


@_folds(e.Jumped)
def _jumped(draft: Draft, event: e.Jumped) -> None:
    draft.back = None


@_folds(e.Migrated)
def _migrated(draft: Draft, event: e.Migrated) -> None:
    moves = {step: dict(pairs) for step, pairs in event.branches.items()}

    def moved(step: str, fork: Fork | None) -> Fork | None:
        if fork is None or step not in moves:
            return fork
        to = moves[step]
        return Fork(tuple([to[number] for number in fork.took]), tuple([to[number] for number in fork.open]))

    visits = dict(draft.visits)
    for number, visit in visits.items():
        owner = visits[visit.parent].step if visit.parent in visits else ""
        draft.visits[number] = visit._replace(branch=moves.get(owner, {}).get(visit.branch, visit.branch))
        work = draft.work.get(number)
        if isinstance(work, Fork):
            draft.work[number] = moved(visit.step, work) or work
    if draft.back is not None:
        places = tuple(Place(place.step, moved(place.step, place.fork)) for place in draft.back.places)
        draft.back = draft.back._replace(places=places)


@_folds(e.ProcessEnded)
def _ended(draft: Draft, event: e.ProcessEnded) -> None:
    draft.outcome = event.outcome
    draft.back = None
    draft.timers = {}


def _told(draft: Draft, event: e.Event) -> None:
    """An event that only tells something (a comment, a notice) changes nothing."""


FOLDS |= {kind: _told for kind in e.KINDS.values() if kind not in FOLDS}
