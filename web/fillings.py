"""What can be filled in: a new record, a record being changed. Each says how it begins, is tried and is saved.

One page and one flow serve them all (`flow.py`); requests and tasks add their own kinds (`resending.py`).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import request
from flask_babel import gettext as _

from formloom.platform.errors import NotAllowed
from formloom.platform.runtime import Caller
from formloom.platform.services import records, trying
from formloom.platform.services.trying import Coming, Trial
from formloom.web.places import Place
from formloom.web.telling import tell

Values = Mapping[str, Any]
CHOOSE = ":choose "


class Filling(Protocol):
    """Something that is filled in. `target` is what its draft is kept for, `fresh` whether there is no record yet."""

    here: Caller
    place: Place
    fresh: bool

    @property
    def target(self) -> str:
        """What its draft is kept for."""

    @property
    def title(self) -> str:
        """The heading of the page."""

    @property
    def action(self) -> str:
        """Where it is sent to, and the address of its page."""

    @property
    def send(self) -> str:
        """The word on the button that sends it."""

    @property
    def leave(self) -> str:
        """Where somebody goes who does not send it."""

    @property
    def version(self) -> int | None:
        """The version of the record that was opened; None for a new one."""

    def begin(self) -> Values:
        """The values that it begins with."""

    def trial(self, values: Values) -> Trial:
        """What saving these values would come to."""

    def save(self, values: Values, *, confirmed: bool, key: str, version: int) -> str:
        """Save, tell so, and give the address to go on at. Raises RecordInvalid, Unconfirmed, StaleRecord."""

    def coming(self, values: Values) -> Coming:
        """What would happen after it was sent."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that is not there yet."""

    here: Caller
    place: Place
    fresh: bool = True
    version: int | None = None

    @property
    def target(self) -> str:
        """One draft a form."""
        return f"new:{self.place.form_key}"

    @property
    def title(self) -> str:
        """The form's."""
        return self.place.title

    @property
    def action(self) -> str:
        """The page of a new record."""
        return f"{self.place.address}/new"

    @property
    def send(self) -> str:
        """A request is submitted, a record is saved."""
        return _("Submit") if self.place.published.workflow else _("Save")

    @property
    def leave(self) -> str:
        """The table."""
        return self.place.address

    def begin(self) -> Values:
        """The defaults."""
        return records.new_record(self.here, self.place.form_key).values

    def trial(self, values: Values) -> Trial:
        """As a record being created."""
        return trying.new(self.here, self.place.form_key, values)

    def save(self, values: Values, *, confirmed: bool, key: str, version: int) -> str:
        """Create it; the same submission key twice is one record."""
        chosen = {
            name.removeprefix(CHOOSE): tuple(member for member in members if member)
            for name, members in request.form.lists()
            if name.startswith(CHOOSE)
        }
        saved = records.create_record(
            self.here, self.place.form_key, values, submission_key=key or None, confirmed=confirmed, chosen=chosen
        )
        tell(_("Submitted.") if saved.process_id else _("Saved."))
        return f"{self.place.address}/{saved.id}"

    def coming(self, values: Values) -> Coming:
        """The path of the request, and whom one may choose for it."""
        return trying.coming(self.here, self.place.form_key, values)


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """A record that is there, opened to be changed."""

    here: Caller
    place: Place
    detail: records.RecordDetail
    fresh: bool = False

    @property
    def target(self) -> str:
        """One draft a record."""
        return f"record:{self.detail.row.id}"

    @property
    def title(self) -> str:
        """The record's."""
        return self.detail.row.title or self.place.title

    @property
    def action(self) -> str:
        """The page where it is changed."""
        return f"{self.leave}/edit"

    @property
    def send(self) -> str:
        """The word on the button."""
        return _("Save")

    @property
    def leave(self) -> str:
        """The record."""
        return f"{self.place.address}/{self.detail.row.id}"

    @property
    def version(self) -> int | None:
        """The record's."""
        return self.detail.row.version

    def begin(self) -> Values:
        """What is stored, as far as the caller sees it."""
        return self.detail.row.values

    def trial(self, values: Values) -> Trial:
        """As a change of the record."""
        return trying.change(self.here, self.place.form_key, self.detail.row.id, values)

    def save(self, values: Values, *, confirmed: bool, key: str, version: int) -> str:
        """Save the change over the version that was opened."""
        records.update_record(
            self.here, self.place.form_key, self.detail.row.id, values, version=version, confirmed=confirmed
        )
        tell(_("Saved."))
        return self.leave

    def coming(self, values: Values) -> Coming:
        """Nothing: a change starts no request."""
        return Coming()


def changed_record(here: Caller, place: Place, record_id: str) -> ChangedRecord:
    """A record opened to be changed.

    Raises:
        NotFound: there is none, or none that the caller sees.
        NotAllowed: the caller may not change it, or a running request holds it.
    """
    detail = records.record(here, place.form_key, record_id)
    if not detail.may_edit:
        raise NotAllowed(detail.lock or _("You may not change this record."))
    return ChangedRecord(here, place, detail)


def submission_key() -> str:
    """What makes a double click one record: the page's own, kept when it is drawn again."""
    return request.form.get(":key") or uuid.uuid4().hex
