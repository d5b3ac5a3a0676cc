"""What saving a form would come to, without saving it: its page asks when it is drawn, and while somebody types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formloom.form_engine import browser
from formloom.form_engine import record as engine
from formloom.form_engine.context import access_of
from formloom.form_engine.form import Form
from formloom.form_engine.record import Accesses, Context, Settled
from formloom.platform import permissions
from formloom.platform.definitions import published_in
from formloom.platform.records.reading import document_in
from formloom.platform.records.seeing import require_add_in, seen_in
from formloom.platform.records.store import context_in, who_in
from formloom.platform.runtime import Caller


@dataclass(frozen=True, slots=True)
class Trial:
    """A settling of a record that is not kept. `access` is what the caller may do with which field."""

    form: Form
    access: Accesses
    context: Context
    settled: Settled

    @property
    def values(self) -> dict[str, Any]:
        """What was worked out, without fields that the caller doesn't see."""
        return {key: value for key, value in self.settled.values.items() if access_of(self.access, key) != "hidden"}

    def browser_model(self) -> dict[str, Any]:
        """What the browser is sent, so that it shows and computes as the server does."""
        return browser.browser_model(self.form, self.context, self.access, self.context.lang)


def new(caller: Caller, form_key: str, values: Mapping[str, Any]) -> Trial:
    """What a new record with these values would come to.

    Raises:
        NotFound: there is no such form.
        NotAllowed: the caller may not add records to it.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        access = require_add_in(db, caller, published)
        context = context_in(db, caller)
        return Trial(published.form, access, context, engine.settle(published.form, values, context, access=access))


def change(
    caller: Caller, form_key: str, record_id: str, values: Mapping[str, Any], *, access: Accesses | None = None
) -> Trial:
    """What a record would come to with these fields changed. `access` is a step's; None: the caller's own rights.

    Raises:
        NotFound: there is no such record, or none that the caller sees.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        found = seen_in(db, caller, published, record_id)
        stored = document_in(db, caller.runtime.database, published, found)
        held = permissions.field_access(who_in(db, caller), published.rules, found.created_by, found.document)
        granted = held if access is None else permissions.narrowed(access, held)
        submitted = {key: value for key, value in stored.items() if access_of(granted, key) != "hidden"} | dict(values)
        context = context_in(db, caller)
        settled = engine.settle(published.form, submitted, context, stored=stored, access=granted)
        return Trial(published.form, granted, context, settled)
