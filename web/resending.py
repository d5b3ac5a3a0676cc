"""Fillings that a request asks for: correcting one that came back or is stuck, and the fields of a step."""

from dataclasses import dataclass

from flask_babel import gettext as _

from formloom.platform.errors import NotAllowed
from formloom.platform.runtime import Caller
from formloom.platform.services import drafts, processes, records, requests, trying
from formloom.platform.services.requests import MyTask, RequestView
from formloom.platform.services.trying import Coming, Trial
from formloom.web.fillings import Values
from formloom.web.places import Place, place
from formloom.web.telling import tell


@dataclass(frozen=True, slots=True)
class Resubmission:
    """A request that came back to its initiator, to be corrected and submitted again."""

    here: Caller
    place: Place
    view: RequestView
    detail: records.RecordDetail
    fresh: bool = False

    @property
    def target(self) -> str:
        """One draft a record."""
        return f"record:{self.view.record_id}"

    @property
    def title(self) -> str:
        """The record's."""
        return self.view.title

    @property
    def action(self) -> str:
        """Its own page."""
        return f"{self.leave}/resubmit"

    @property
    def send(self) -> str:
        """The word on the button."""
        return _("Submit again")

    @property
    def leave(self) -> str:
        """The record."""
        return f"{self.place.address}/{self.view.record_id}"

    @property
    def version(self) -> int | None:
        """The record's."""
        return self.detail.row.version

    def begin(self) -> Values:
        """What is stored."""
        return self.detail.row.values

    def trial(self, values: Values) -> Trial:
        """By the rights of whoever starts the workflow."""
        workflow = self.place.published.workflow
        access = workflow.fields_at(None) if workflow else None
        return trying.change(self.here, self.place.form_key, self.view.record_id, values, access=access)

    def save(self, values: Values, *, confirmed: bool, key: str, version: int) -> str:
        """Submit it again."""
        processes.resubmit(self.here, self.view.process_id, values)
        tell(_("Submitted again."))
        return self.leave

    def coming(self, values: Values) -> Coming:
        """Nothing: the record's page has the path."""
        return Coming()


def resubmission(here: Caller, place: Place, record_id: str) -> Resubmission:
    """A request of the caller's that came back.

    Raises:
        NotFound: there is no such record.
        NotAllowed: it did not come back, or is somebody else's.
    """
    detail, view = _opened(here, place, record_id)
    if view is None or not view.can_resubmit:
        raise NotAllowed(_("This request did not come back to you."))
    return Resubmission(here, place, view, detail)


def _opened(here: Caller, place: Place, record_id: str) -> tuple[records.RecordDetail, RequestView | None]:
    """A record with its request, if it has one."""
    detail = records.record(here, place.form_key, record_id)
    return detail, requests.request(here, detail.process_id) if detail.process_id else None


@dataclass(frozen=True, slots=True)
class Correction(Resubmission):
    """A request under way that an admin corrects, so that it can go on."""

    @property
    def action(self) -> str:
        """Its own page."""
        return f"{self.leave}/correct"

    @property
    def send(self) -> str:
        """The word on the button."""
        return _("Save")

    def trial(self, values: Values) -> Trial:
        """By the rights of an admin: every field."""
        return trying.change(self.here, self.place.form_key, self.view.record_id, values)

    def save(self, values: Values, *, confirmed: bool, key: str, version: int) -> str:
        """Correct it; the history says who did."""
        processes.correct(self.here, self.view.process_id, values)
        drafts.discard_draft(self.here, self.target)
        tell(_("Saved."))
        return self.leave


def correction(here: Caller, place: Place, record_id: str) -> Correction:
    """A request under way, opened by an admin.

    Raises:
        NotFound: there is no such record.
        NotAllowed: it has no request under way, or the caller is no admin.
    """
    detail, view = _opened(here, place, record_id)
    if view is None or not view.can_help:
        raise NotAllowed(detail.lock or _("You may not change this record."))
    return Correction(here, place, view, detail)


@dataclass(frozen=True, slots=True)
class FilledStep:
    """The fields that a task lets somebody fill in; they are sent with the decision (`pages/requests.py`)."""

    here: Caller
    place: Place
    view: RequestView
    task: MyTask
    fresh: bool = False
    version: int | None = None

    @property
    def target(self) -> str:
        """One draft a task."""
        return f"task:{self.task.task.id}"

    @property
    def title(self) -> str:
        """The step's."""
        return self.task.task.step

    @property
    def action(self) -> str:
        """The task."""
        return f"/tasks/{self.task.task.id}"

    @property
    def send(self) -> str:
        """The word on the button."""
        return _("Done")

    @property
    def leave(self) -> str:
        """The record."""
        return f"{self.place.address}/{self.view.record_id}"

    def begin(self) -> Values:
        """Nothing typed yet: the record has the rest."""
        return {}

    def trial(self, values: Values) -> Trial:
        """By the rights of the step."""
        return trying.change(self.here, self.place.form_key, self.view.record_id, values, access=self.task.access)

    def save(self, values: Values, *, confirmed: bool, key: str, version: int) -> str:
        """Not here: a decision saves them."""
        raise NotAllowed(_("Decide, and what you filled in is saved."))

    def coming(self, values: Values) -> Coming:
        """Nothing: the record's page has the path."""
        return Coming()


def filled_step(here: Caller, task_id: str) -> FilledStep:
    """A task of the caller's.

    Raises:
        NotFound: there is no such request.
        NotAllowed: the task is over, or somebody else's.
    """
    view = requests.request(here, requests.process_of(task_id))
    mine = next((each for each in view.mine if each.task.id == task_id), None)
    if mine is None:
        raise NotAllowed(_("This task is over, or somebody else’s."))
    return FilledStep(here, place(here, view.app_key, view.form_key), view, mine)
