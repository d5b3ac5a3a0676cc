"""One record on its page: its values, the request over it, what the caller can do, the discussion and the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from formloom.form_engine.errors import Problem
from formloom.form_engine.names import Names
from formloom.platform.permissions import narrowed
from formloom.platform.runtime import Caller
from formloom.platform.services import automations, comments, migrating, people, records, requests, trying
from formloom.platform.services.automations import Button
from formloom.platform.services.comments import CommentRow
from formloom.platform.services.migrating import MoveOffer
from formloom.platform.services.records import HistoryRow, RecordDetail
from formloom.platform.services.requests import MyTask, RequestView
from formloom.web import posted
from formloom.web.drawing import Drawing, known
from formloom.web.paths import Somebody, Stop, stops
from formloom.web.places import Place
from formloom.web.posted import Posted
from formloom.web.slots import Change, Drawn, Part, Slot

MINE = ("edit", "required")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change in the history: who did what, and the fields that changed, as people read them."""

    at: datetime
    who: str
    words: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that the request waits for, other than those who have a task and stand in its path: at which step, why,
    since when, until when, who can move it, and the requests that it has started and waits for, with their pages."""

    step: str
    why: str
    since: datetime
    until: datetime | None
    who: str
    blocked: bool
    started: Sequence[tuple[str, str]]


@dataclass(slots=True)
class RecordPage:
    """What the template of a record writes out. `error` is why a decision was not taken, `comment` what
    was said with it, `warnings` what the form asks to confirm with it; `said` is what was to be said in the discussion; `move` is what an admin can do about its version."""

    place: Place
    detail: RecordDetail
    drawn: Drawn
    talk: list[CommentRow]
    history: list[HistoryLine]
    created_by: str
    view: RequestView | None = None
    task: MyTask | None = None
    stops: Sequence[Stop] = ()
    model: Mapping[str, Any] | None = None
    error: str = ""
    missing_comment: bool = False
    comment: str = ""
    warnings: Sequence[Problem] = ()
    said: str = ""
    said_error: str = ""
    buttons: Sequence[Button] = ()
    move: MoveOffer | None = None
    waits: Sequence[Wait] = ()

    @property
    def title(self) -> str:
        """What the record is called."""
        return self.detail.row.title or self.place.title

    @property
    def address(self) -> str:
        """The record's own page."""
        return f"{self.place.address}/{self.detail.row.id}"

    @property
    def status(self) -> str:
        """Where its request stands, or ""."""
        return self.view.status if self.view else (self.detail.row.status or "")

    @property
    def changed(self) -> list[str]:
        """The labels of the fields that changed since the last round."""
        return [change.label for change in self.view.changes] if self.view else []

    @property
    def to_fill(self) -> list[Slot]:
        """The fields that the caller's task lets them fill in."""
        return [slot for slot in self.drawn.slots.values() if not slot.readonly and slot.name in self._own]

    @property
    def _own(self) -> set[str]:
        access = self.task.access if self.task else {}
        every = access.get("*") in MINE
        cells = {path.partition(".")[0] for path, granted in access.items() if "." in path and granted in MINE}
        return cells | {key for key in self.drawn.slots if access.get(key, "edit" if every else "read") in MINE}

    @property
    def to_read(self) -> list[Part]:
        """The sections with what there is to read in them."""
        parts = (replace(part, entries=self._readable(part)) for part in self.drawn.parts)
        return [part for part in parts if part.slots]

    def _readable(self, part: Part) -> tuple[Any, ...]:
        """Everything but what the task asks for, and what is irrelevant and blank."""
        own = {slot.name for slot in self.to_fill}
        return tuple(
            entry
            for entry in part.entries
            if not isinstance(entry, Slot)
            or (entry.name not in own and (entry.filled or entry.changed or (entry.visible and not self.view)))
        )


def page_of(caller: Caller, place: Place, record_id: str, *, task_id: str = "", given: Posted | None = None,
            problems: Sequence[Problem] = ()) -> RecordPage:  # fmt: skip
    """The page of a record, with the task that is named or else the caller's first of its request.

    Raises:
        NotFound: there is no such record, or none that the caller sees.
    """
    detail = records.record(caller, place.form_key, record_id)
    names = people.names(caller)
    view = requests.request(caller, detail.process_id) if detail.process_id and not detail.deleted_at else None
    task = _task(view, task_id)
    drawn, model = _drawn(caller, place, detail, view, task, given, problems, names)
    return RecordPage(
        place=place,
        detail=detail,
        drawn=drawn,
        talk=[] if detail.deleted_at else comments.comments(caller, record_id),
        history=_history(caller, place, record_id, names),
        created_by=names.member(detail.row.created_by) if detail.row.created_by else _("Formloom"),
        view=view,
        task=task,
        stops=stops_of(view, names),
        waits=waits_of(view, names),
        model=model,
        move=migrating.offer(caller, view.process_id) if view else None,
        buttons=[] if detail.deleted_at else automations.buttons(caller, place.form_key),
    )


def _task(view: RequestView | None, task_id: str) -> MyTask | None:
    mine = view.mine if view else ()
    return next((each for each in mine if each.task.id == task_id), mine[0] if mine else None)


def waits_of(view: RequestView | None, names: Names) -> list[Wait]:
    """What the request waits for, as far as its path does not say it by the people who have a task."""
    found = []
    for each in view.waiting if view else ():
        if each.who and each.step is not None and not each.blocked:
            continue
        until = datetime.fromisoformat(each.until) if each.until else None
        people = _(", ").join(names.member(member) for member in each.who)
        who = _("%(names)s can move it on", names=people) if people else _("it goes on by itself; an admin can help")
        title = next((step.title for step in reversed(view.path) if step.step == each.step), "") if view else ""
        started = view.started if view and each.step in view.starts else ()
        since = datetime.fromisoformat(each.since)
        found.append(Wait(title, each.why, since, until, who, each.blocked, started))
    return found


def stops_of(view: RequestView | None, names: Names) -> list[Stop]:
    """The path, from whoever submitted the request on."""
    if view is None:
        return []
    begun = Stop("is-done", _("%(name)s submitted", name=view.initiator), "send", at=view.started_at)
    found = stops(view.path, names, start=[begun])
    return _with_return(found, view.initiator) if view.status == "returned" else found


def _with_return(found: list[Stop], name: str) -> list[Stop]:
    """The path of a request that came back to its initiator, with a stop for that between what is over and what lies ahead."""
    over = max(number for number, stop in enumerate(found, 1) if stop.state != "is-later")
    to_do = Somebody(name, _("to correct it"), "fl-medium")
    back = Stop("is-now", _("Back with %(name)s", name=name), "arrow-back-up", people=(to_do,))
    return [*found[:over], back, *(replace(stop, number=stop.number + 1) for stop in found[over:])]


def _drawn(
    caller: Caller, place: Place, detail: RecordDetail, view: RequestView | None, task: MyTask | None,
    given: Posted | None, problems: Sequence[Problem], names: Names,
) -> tuple[Drawn, Mapping[str, Any] | None]:  # fmt: skip
    """The record to be read; with a task that lets one fill something in, those fields to be filled in."""
    changes = {change.field: Change(change.before) for change in view.changes} if view else {}
    form = place.published.form
    fills = task is not None and any(access in MINE for access in task.access.values())
    if not fills or task is None:
        access = narrowed(task.access, detail.access) if task is not None else detail.access
        drawing = Drawing(form, caller.lang, caller.zone, names, access=access, editable=False, changes=changes)
        return drawing.draw(posted.shown(detail.row.values)), None
    sent = given or posted.shown({})
    trial = trying.change(caller, place.form_key, detail.row.id, sent.values, access=task.access)
    states = trial.settled.states
    drawing = Drawing(form, caller.lang, caller.zone, names, states, trial.access, problems, changes=changes)
    values = {**detail.row.values, **trial.values}
    drawn = drawing.draw(replace(sent, values=values))
    return drawn, trial.browser_model() | {"values": known(drawn)}


def _history(caller: Caller, place: Place, record_id: str, names: Names) -> list[HistoryLine]:
    return [_line(caller, place, row, names) for row in records.history(caller, place.form_key, record_id)]


def _line(caller: Caller, place: Place, row: HistoryRow, names: Names) -> HistoryLine:
    words = {
        "record.created": _("created it"), "record.changed": _("changed it"), "record.deleted": _("deleted it"),
        "record.restored": _("brought it back"), "record.confirmed": _("confirmed a warning"),
        "record.cleared": _("removed a link"),
    }  # fmt: skip
    fields = place.published.form.fields

    def said(values: Mapping[str, Any], key: str) -> str:
        if values.get(key) is None:
            return ""
        return fields[key].type.text(fields[key], values[key], caller.lang, names, caller.zone)

    keys = [key for key in fields if key in row.before or key in row.after]
    changes = tuple((fields[key].label(caller.lang), said(row.before, key), said(row.after, key)) for key in keys)
    who = names.member(row.member_id) if row.member_id else _("The workflow")
    return HistoryLine(row.at, who, words.get(row.verb, row.verb), changes)
