"""Steps at which people have something to do: finding them, counting them, their tasks, their due time.

`approval` and `fill` build on it. Each person found has a seat; a seat is done when everybody who signs in it has. The
tasks of a visit are numbered, so that a task id never comes twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from formloom.form_engine.limits import LIMITS

from .. import events as e
from ..assignment import People
from ..calendar import Duration, Reckoning, duration
from ..entitlement import against_taking
from ..run import Run, Stuck
from ..state import Seats, Task, Timer, Visit
from ..tree import Access, Step
from .base import Compiling, StepType
from .modes import Mode, compile_mode

if TYPE_CHECKING:
    from ..checking import Check, Part

WhenEmpty = Literal["admin", "skip", "block"] | People


@dataclass(frozen=True, slots=True)
class Due:
    """When a step is due, and what happens before and at that time. `decide` and `escalate`: None if not asked for."""

    after: Duration
    reckoning: Reckoning
    remind: tuple[Duration, ...]
    decide: str | None
    escalate: int | None


@dataclass(frozen=True, slots=True)
class PeopleSpec:
    """What approval and fill have in common. `on_reject` is "end", "initiator" or the id of a step."""

    assignees: People
    mode: Mode
    actions: tuple[str, ...]
    fields: Mapping[str, Access]
    when_empty: WhenEmpty
    not_doers: tuple[str, ...]
    due: Due | None
    on_reject: str
    returns_to: Literal["step", "end"] = "end"

    def may_end_with(self, action: str) -> bool:
        """Whether the step can come to `action`: somebody may do it, or the due time does."""
        return action in self.actions or (self.due is not None and self.due.decide == action)

    def may_be_rejected(self) -> bool:
        """Whether the step can be rejected: by somebody, at its due time, or at once because too few are found for it."""
        return self.may_end_with("reject") or self.mode.kind == "count"

    def may_end_without_people(self) -> bool:
        """Whether the step is passed at its due time whatever has been filled in by then."""
        return self.due is not None and self.due.decide in ("approve", "done")


def compile_due(document: Mapping[str, Any] | None) -> Due | None:
    """The `due` of a step's document."""
    if document is None:
        return None
    then = document.get("then", {})
    escalate = then.get("escalate")
    return Due(
        duration(document["after"]),
        document.get("calendar", "calendar"),
        tuple(duration(text) for text in document.get("remind", ())),
        then.get("decide"),
        int(escalate.get("level", 1)) if escalate is not None else None,
    )


def _when_empty(word: Any, pointer: str, compiling: Compiling) -> WhenEmpty:
    if isinstance(word, str):
        known: Literal["admin", "skip", "block"] = word  # type: ignore[assignment]
        return known
    return compiling.people([word], f"{pointer}/whenEmpty")


def check_on_reject(part: "Part", check: "Check") -> None:
    """`onReject`: a step that it goes back to must surely have been done before."""
    on_reject = part.document.get("onReject")
    if isinstance(on_reject, Mapping):
        check.step_before(on_reject.get("return"), f"{part.pointer}/onReject/return", part, joined=False)


class PeopleStep(StepType):
    """An approval or a fill step."""

    decided_by_people = True
    form: ClassVar[Literal["approval", "fill"]]
    yes: ClassVar[Literal["approve", "done"]]
    result: ClassVar[Literal["approved", "done"]]
    always: ClassVar[str | None] = None
    """An action that the step offers whatever its document says."""
    default_actions: ClassVar[tuple[str, ...]]
    deadline: ClassVar[tuple[str, ...]]
    """What may be decided at the due time."""

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> PeopleSpec:
        """The spec of a step whose document passed its check."""
        on_reject = document.get("onReject", "end")
        return PeopleSpec(
            compiling.people(document["assignees"], f"{pointer}/assignees"),
            compile_mode(document),
            tuple(document.get("actions", self.default_actions)),
            {"*": "read", **document.get("fields", {})},
            _when_empty(document.get("whenEmpty", "admin"), pointer, compiling),
            tuple(document.get("notDoers", ())),
            compile_due(document.get("due")),
            on_reject if isinstance(on_reject, str) else on_reject["return"],
            "end" if on_reject == "end" else "step",
        )

    def check(self, part: "Part", check: "Check") -> None:
        """Who does it, the fields, where a rejection leads, what the deadline decides, whom separation of duties bars."""
        document, pointer = part.document, part.pointer
        check.people(document.get("assignees"), f"{pointer}/assignees", part, may_choose=True)
        check.person(document.get("whenEmpty"), f"{pointer}/whenEmpty", part)
        check.fields(document.get("fields"), f"{pointer}/fields")
        check_on_reject(part, check)
        due = document.get("due")
        then = due.get("then") if isinstance(due, Mapping) else None
        decide = then.get("decide") if isinstance(then, Mapping) else None
        if decide in ("approve", "reject", "done") and decide not in self.deadline:
            check.error(f"{pointer}/due/then/decide", "“{action}” is no decision of this step.", action=decide)
        barred = document.get("notDoers")
        for index, step in enumerate(barred if isinstance(barred, list) else ()):
            if isinstance(step, str) and step not in (*check.steps, "initiator"):
                hint = check.report.hint(step, check.steps)
                check.error(f"{pointer}/notDoers/{index}", "There is no step “{step}”.{hint}", step=step, hint=hint)
            elif step == part.id:
                check.error(f"{pointer}/notDoers/{index}", "A step cannot bar those who do it.")

    # reaching the step

    def enter(self, run: Run, step: Step, visit: int) -> None:
        """Find the people, count those who need not be asked, and open the tasks; or do what `whenEmpty` says."""
        spec: PeopleSpec = step.spec
        members, why = self._people(run, step, visit)
        if not members:
            run.emit(e.AssigneesFound(run.at, visit, step.id, (), (), "skip"))
            run.leave(step, visit, "skipped", approves=self.decides)
            return
        if len(members) > LIMITS.open_tasks and spec.mode.kind != "sequence":
            raise Stuck("crowd", str(len(members)))
        counted = self.counted(run, members)
        run.emit(e.AssigneesFound(run.at, visit, step.id, members, counted, why))
        if counted and spec.mode.verdict(run.draft.seats(visit).seats) == "approved":
            run.leave(step, visit, "skipped", approves=self.decides)
            return
        if spec.due is not None:
            self._set_due(run, step, visit, spec.due)
        self.settle(run, step, visit)

    def _people(self, run: Run, step: Step, visit: int) -> tuple[tuple[str, ...], Any]:
        """Who is to do it, and who stood in for nobody. Nobody at all: the step is skipped. Raises Stuck."""
        spec: PeopleSpec = step.spec
        members = self.own_request(run, run.find(spec.assignees, step.id))
        barred = run.barred(spec.not_doers) if spec.not_doers else frozenset()
        if barred:
            members = tuple(member for member in members if member not in barred)
        if members or spec.when_empty == "skip":
            return members, None
        if isinstance(spec.when_empty, People):
            instead, why = run.find(spec.when_empty, step.id), "person"
        else:
            instead, why = run.context.directory.admins() if spec.when_empty == "admin" else (), "admin"
        members = tuple(member for member in instead if member not in barred)
        if not members:
            if spec.due is not None:
                self._set_due(run, step, visit, spec.due)
            raise Stuck("nobody")
        return members, why

    def own_request(self, run: Run, members: tuple[str, ...]) -> tuple[str, ...]:
        """The members after the rule for requests of one's own; only approvals have one."""
        return members

    def counted(self, run: Run, members: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the members who count as approving without being asked; only approvals have any."""
        return ()

    # tasks

    def settle(self, run: Run, step: Step, visit: int) -> None:
        """Look at the seats: leave the step if its verdict is certain, else open the tasks that may be open now."""
        spec: PeopleSpec = step.spec
        work = run.draft.seats(visit)
        match spec.mode.verdict(work.seats):
            case "approved":
                run.leave(step, visit, self.result, approves=self.decides)
            case "rejected":
                self.rejected(run, step, visit)
            case "open":
                self._open_tasks(run, step, visit, work, spec)

    def _open_tasks(self, run: Run, step: Step, visit: int, work: Seats, spec: PeopleSpec) -> None:
        taken = {task.seat for task in work.tasks}
        issued = work.issued
        due = run.draft.visits[visit].due
        for index, seat in enumerate(work.seats):
            if seat.verdict:
                continue
            if index not in taken:
                member = seat.signers[seat.turn]
                rows = spec.assignees.rows(member, run.scope(step.id)) if spec.assignees.by_rows else None
                issued += 1
                run.emit(e.TaskOpened(run.at, f"{visit}.{issued}", visit, step.id, member, index, self.form, due, rows))
            if spec.mode.kind == "sequence":
                break

    def rejected(self, run: Run, step: Step, visit: int, by: str = "") -> None:
        """The step was rejected: end, or go back, as `onReject` says."""
        spec: PeopleSpec = step.spec
        if spec.returns_to == "end":
            run.close(visit, "rejected")
            run.end("rejected", by)
        else:
            run.go_back(step, visit, spec.on_reject, by, "rejected")

    def decide(self, run: Run, step: Step, visit: Visit, task: Task, by: str, action: str, comment: str | None) -> None:
        """Let a task be decided with yes or no; what follows from it follows."""
        run.emit(e.TaskDecided(run.at, task.id, visit.number, step.id, task.member, by, action, None, comment))
        self.settle(run, step, visit.number)

    def hand_over(
        self,
        run: Run,
        visit: Visit,
        task: Task,
        to: str,
        by: str,
        how: Literal["transfer", "reassign", "escalate"],
        comment: str | None = None,
    ) -> None:
        """Give an open task to somebody else: the old one is closed, a new one opened in the same seat."""
        step = run.workflow.steps[visit.step]
        run.emit(e.HandedOver(run.at, task.id, visit.number, step.id, task.seat, task.member, to, by, how, comment))
        run.emit(e.TaskClosed(run.at, task.id, visit.number, step.id, task.member, "handedOver"))
        issued = run.draft.seats(visit.number).issued + 1
        run.emit(
            e.TaskOpened(
                run.at,
                f"{visit.number}.{issued}",
                visit.number,
                step.id,
                to,
                task.seat,
                self.form,
                visit.due,
                task.rows,
            )
        )

    # time

    def _set_due(self, run: Run, step: Step, visit: int, due: Due) -> None:
        if run.draft.visits[visit].due is not None:
            return
        calendar, now = run.context.calendar, run.context.now
        moment = calendar.after(now, due.after, due.reckoning)
        run.emit(e.DueSet(run.at, visit, step.id, moment.isoformat()))
        for number, before in enumerate(due.remind):
            reminder = calendar.before(moment, before, due.reckoning)
            if reminder > now:
                run.set_timer(visit, step.id, "remind", reminder, number)
        if due.decide is not None or due.escalate is not None:
            run.set_timer(visit, step.id, "due", moment)

    def rang(self, run: Run, step: Step, visit: int, timer: Timer) -> None:
        """Remind; or, at the due time, decide or escalate."""
        due: Due | None = step.spec.due
        work = run.draft.seats(visit)
        if timer.purpose == "remind" or due is None:
            members = tuple(dict.fromkeys(task.member for task in work.tasks))
            if members:
                run.emit(e.Reminded(run.at, visit, step.id, members))
        elif due.decide is not None:
            self._decide_by_time(run, step, visit, due.decide)
        elif due.escalate is not None:
            self._escalate(run, visit, work, due.escalate)

    def _decide_by_time(self, run: Run, step: Step, visit: int, action: str) -> None:
        """Let every open task be decided in turn until the step is over; a step that found nobody is over at once."""
        if run.draft.visits[visit].block is not None:
            if action == "reject":
                self.rejected(run, step, visit)
            else:
                run.leave(step, visit, self.result, approves=self.decides)
        while visit in run.draft.visits:
            task = next(iter(run.draft.seats(visit).tasks), None)
            if task is None:
                return
            self.decide(run, step, run.draft.visits[visit], task, "", action, None)

    def _escalate(self, run: Run, visit: int, work: Seats, level: int) -> None:
        """Hand each open task to its holder's manager, unless there is none or they may not have it."""
        directory = run.context.directory
        for task in work.tasks:
            above: str | None = task.member
            for _ in range(level):
                above = directory.manager(above) if above is not None else None
            place = run.draft.visits[visit]
            if above is not None and against_taking(run, run.workflow.steps[place.step], place, above) is None:
                self.hand_over(run, place, task, above, "", "escalate")
