"""`wait`: for a length of time, for a date of the record, or for a change of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from formloom.form_engine.definition import Form
from formloom.form_engine.messages import say

from ..calendar import Duration, Reckoning, duration
from ..run import Run, Stuck
from ..state import Timer
from ..tree import Condition, Step
from .base import Compiling, StepType

if TYPE_CHECKING:
    from ..checking import Check, Part

DATES = frozenset({"date", "datetime"})


@dataclass(frozen=True, slots=True)
class WaitSpec:
    """What is waited for: `length`, or the date in `field` shifted by `before` or `after`, or `when`, or a change."""

    length: Duration | None
    reckoning: Reckoning
    field: str | None
    before: Duration | None
    after: Duration | None
    when: Condition | None
    changed: frozenset[str]
    at_most: Duration | None


class Wait(StepType):
    """A wait step."""

    name = "wait"
    watches = True

    def compile(self, document: Mapping[str, Any], pointer: str, compiling: Compiling) -> WaitSpec:
        """The spec of a step whose document passed its check."""
        until = document.get("until", {})
        return WaitSpec(
            _duration(document, "for"),
            document.get("calendar", "calendar"),
            until.get("field"),
            _duration(until, "before"),
            _duration(until, "after"),
            compiling.condition(until["when"], f"{pointer}/until/when") if "when" in until else None,
            frozenset(until.get("changed", ())),
            _duration(document, "atMost"),
        )

    def check(self, part: "Part", check: "Check") -> None:
        """The date must be one; the condition and the fields must make sense."""
        until, pointer = part.document.get("until"), f"{part.pointer}/until"
        if not isinstance(until, Mapping):
            return
        if "when" in until:
            check.logic(until["when"], f"{pointer}/when")
        if "field" in until:
            found = check.field(until["field"], f"{pointer}/field")
            if found is not None and found.logic.kind not in DATES:
                check.error(f"{pointer}/field", "“{key}” is no date.", key=until["field"])
        changed = until.get("changed")
        for index, key in enumerate(changed if isinstance(changed, list) else ()):
            check.field(key, f"{pointer}/changed/{index}")

    def waits_for(self, step: Step, form: Form, lang: str) -> str:
        """The time, the date, or the fields that must change."""
        spec: WaitSpec = step.spec
        if spec.length is not None:
            return say(lang, "Waits for a time to pass.")
        if spec.field is not None:
            return say(lang, "Waits for the date in “{field}”.", field=_labels([spec.field], form, lang))
        if spec.when is not None:
            fields = _labels(sorted({path.partition(".")[0] for path in spec.when.rule.reads}), form, lang)
            return say(lang, "Waits for {fields} to be as this step asks.", fields=fields)
        return say(lang, "Waits for a change of {fields}.", fields=_labels(sorted(spec.changed), form, lang))

    def enter(self, run: Run, step: Step, visit: int) -> None:
        """Go on if it is so already; else set the timer. Raises Stuck where the date is blank."""
        spec: WaitSpec = step.spec
        calendar, now = run.context.calendar, run.context.now
        if spec.length is not None:
            self._until(run, step, visit, calendar.after(now, spec.length, spec.reckoning))
        elif spec.field is not None:
            self._until(run, step, visit, self._date(run, spec))
        elif spec.when is not None and run.holds(spec.when):
            run.leave(step, visit, "done")
        if spec.at_most is not None and visit in run.draft.visits:
            run.set_timer(visit, step.id, "timeout", calendar.after(now, spec.at_most))

    def _date(self, run: Run, spec: WaitSpec) -> datetime:
        value, calendar = run.record.get(str(spec.field)), run.context.calendar
        try:
            if not isinstance(value, str):
                raise Stuck("noDate")
            day = len(value) == len("2026-01-01")
            moment = calendar.midnight(date.fromisoformat(value)) if day else datetime.fromisoformat(value)
        except ValueError:
            raise Stuck("noDate") from None
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        if spec.before is not None:
            return calendar.before(moment, spec.before)
        return calendar.after(moment, spec.after) if spec.after is not None else moment

    def _until(self, run: Run, step: Step, visit: int, moment: datetime) -> None:
        if moment <= run.context.now:
            run.leave(step, visit, "done")
        else:
            run.set_timer(visit, step.id, "wait", moment)

    def rang(self, run: Run, step: Step, visit: int, timer: Timer) -> None:
        """The time has come."""
        run.leave(step, visit, "done")

    def record_changed(self, run: Run, step: Step, visit: int, changes: Mapping[str, Any]) -> None:
        """Go on if this is what was waited for; follow a date that moved."""
        spec: WaitSpec = step.spec
        if spec.field in changes:
            run.cancel_timers(visit, "wait")
            self._until(run, step, visit, self._date(run, spec))
        elif not spec.changed.isdisjoint(changes) or (spec.when is not None and run.holds(spec.when)):
            run.leave(step, visit, "done")


def _labels(keys: Iterable[str], form: Form, lang: str) -> str:
    fields = ((key, form.fields.get(key)) for key in keys)
    return ", ".join(field.label(lang) if field is not None else key for key, field in fields)


def _duration(document: Mapping[str, Any], key: str) -> Duration | None:
    return duration(document[key]) if key in document else None
