"""What sending a form would come to, without sending it: its page asks when it is drawn, and while somebody types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formloom.form_engine import browser
from formloom.form_engine import record as engine
from formloom.form_engine.access import without_hidden
from formloom.form_engine.form import Form
from formloom.form_engine.record import Accesses, Context, Settled
from formloom.platform import organisation, permissions
from formloom.platform.definitions import published_in
from formloom.platform.records.linked import LinkedRecords
from formloom.platform.records.reading import document_in
from formloom.platform.records.seeing import require_add_in, seen_in
from formloom.platform.records.store import context_in, who_in
from formloom.platform.running import calendar_of
from formloom.platform.runtime import Caller
from formloom.workflow_engine import commands
from formloom.workflow_engine import engine as engine_of_workflows
from formloom.workflow_engine.engine import Context as WorkflowContext
from formloom.workflow_engine.engine import Refused
from formloom.workflow_engine.path import PathStep, path


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
        return without_hidden(self.form, self.settled.values, self.access)

    def browser_model(self) -> dict[str, Any]:
        """What the browser is sent, so that it shows and computes as the server does."""
        return browser.browser_model(self.form, self.context, self.access, self.context.lang)


@dataclass(frozen=True, slots=True)
class Choice:
    """A step whose people the initiator chooses: its title and who may be chosen, as (id, name)."""

    step: str
    title: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """What would follow if the form were sent now; nothing for a form without a workflow."""

    path: tuple[PathStep, ...] = ()
    choices: tuple[Choice, ...] = ()


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


def coming(caller: Caller, form_key: str, values: Mapping[str, Any]) -> Coming:
    """What would happen to a request with these values: its path if everybody says yes, and whom the caller may choose.

    Raises:
        NotFound: there is no such form.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        workflow, initiator = published.workflow, caller.member_id
        if workflow is None or initiator is None:
            return Coming()
        known = organisation.organisation(db, caller)
        context = WorkflowContext(
            now=caller.now(),
            directory=known.directory,
            record=dict(values),
            calendar=calendar_of(db.place),
            lang=caller.lang,
            lookup=LinkedRecords(db),
        )
        offered = engine_of_workflows.choices(workflow, initiator, context)
        first = {step: members[:1] for step, members in offered.items() if members}
        begun = engine_of_workflows.apply(workflow, None, commands.Start(initiator, first), context)
        choices = tuple(
            Choice(
                step,
                workflow.title(step, caller.lang),
                tuple((member, known.members.get(member, member)) for member in members),
            )
            for step, members in offered.items()
        )
        if isinstance(begun, Refused):
            return Coming(choices=choices)
        return Coming(tuple(path(workflow, begun.state, begun.events, context)), choices)


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
        submitted = without_hidden(published.form, stored, granted) | dict(values)
        context = context_in(db, caller)
        settled = engine.settle(published.form, submitted, context, stored=stored, access=granted)
        return Trial(published.form, granted, context, settled)
