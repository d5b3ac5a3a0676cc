"""A request beside the inbox's list: what it says, what changed, its path, and what can be decided right there."""

from collections.abc import Mapping
from dataclasses import dataclass

from formloom.platform.permissions import narrowed
from formloom.platform.runtime import Caller
from formloom.platform.services import forms, people, records, requests
from formloom.platform.services.requests import MyTask, RequestView
from formloom.web import posted
from formloom.web.drawing import Drawing
from formloom.web.paths import Stop
from formloom.web.recordpages import stops_of
from formloom.web.slots import Change, Slot

HERE = ("approve", "reject", "return")


@dataclass(frozen=True, slots=True)
class Preview:
    """A request as it stands, with the caller's task of it, if there is one."""

    view: RequestView
    task: MyTask | None
    slots: tuple[Slot, ...]
    stops: tuple[Stop, ...]

    @property
    def address(self) -> str:
        """The request's own page: the task's where there is one."""
        if self.task is not None:
            return f"/tasks/{self.task.task.id}"
        return f"/apps/{self.view.app_key}/{self.view.form_key}/{self.view.record_id}"

    @property
    def actions(self) -> tuple[str, ...]:
        """What can be decided from here; () where something has to be filled in first, which its page is for."""
        if self.task is None or "required" in self.task.access.values():
            return ()
        return tuple(action for action in HERE if action in self.task.actions)

    @property
    def targets(self) -> tuple[tuple[str, str | None], ...]:
        """Where it may be returned to."""
        return self.task.targets if self.task is not None and "return" in self.task.actions else ()


def preview_of(caller: Caller, process_id: str, task_id: str | None) -> Preview:
    """The request of a process, for the task that is named or else the caller's first.

    Raises:
        NotFound: there is no such request, or none that the caller sees.
    """
    view = requests.request(caller, process_id)
    task = next((mine for mine in view.mine if mine.task.id == task_id), view.mine[0] if view.mine else None)
    names = people.names(caller)
    return Preview(view, task, _slots(caller, view, task), tuple(stops_of(view, names)))


def _slots(caller: Caller, view: RequestView, task: MyTask | None) -> tuple[Slot, ...]:
    """The fields that are filled in or were, in the form's order, with what they were in the last round."""
    detail = records.record(caller, view.form_key, view.record_id)
    changes: Mapping[str, Change] = {change.field: Change(change.before) for change in view.changes}
    drawing = Drawing(
        forms.published(caller, view.form_key).form,
        caller.lang,
        caller.zone,
        people.names(caller),
        access=narrowed(task.access, detail.access) if task is not None else detail.access,
        editable=False,
        changes=changes,
    )
    drawn = drawing.draw(posted.shown(detail.row.values))
    return tuple(slot for slot in drawn.slots.values() if slot.filled or slot.changed)
