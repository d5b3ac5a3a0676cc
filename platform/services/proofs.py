"""The proof of a form's drafts: asked while somebody writes them, and again when they are published."""

from dataclasses import dataclass

from formloom.platform import proving
from formloom.platform.organisation import organisation
from formloom.platform.runtime import Caller
from formloom.platform.services import forms
from formloom.platform.services.forms import Document
from formloom.workflow_engine.findings import Finding


@dataclass(frozen=True, slots=True)
class Proven:
    """The drafts as they were proven, and what was found beside what their check says.

    `begun` is False where there was nothing to prove: no step yet, or an error that is to be corrected first.
    """

    form: Document
    workflow: Document
    findings: tuple[Finding, ...] = ()
    begun: bool = True


def prove(caller: Caller, form_key: str) -> Proven:
    """What is proven of the drafts of a form; it may take seconds, so that no transaction is open meanwhile.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: there is no such form.
    """
    forms.require_designer(caller)
    with caller.reading() as db:
        row = forms.form_row_in(db, caller, form_key)
        form, workflow = (forms.draft_in(db, row, kind).document for kind in forms.KINDS)
        wrong = [*forms.check_form(form, form_key, caller.lang), *forms.check_workflow_in(db, caller, row, workflow)]
        if not workflow.get("steps") or any(each.severity == "error" for each in wrong):
            return Proven(form, workflow, begun=False)
        others = {key: other.document for key, other in forms.forms_in(db, caller).items()}
        people = organisation(db, caller).document
    found = proving.prove(
        workflow,
        forms={**others, form_key: form},  # type: ignore[arg-type]
        people=people,
        own=form_key,
        now=caller.now(),
        zone=caller.workspace_zone,
        lang=caller.lang,
    )
    return Proven(form, workflow, tuple(finding for finding in found if finding.kind != "definition"))
