"""What the Definition page shows of a text: what is wrong with it and where, and what it makes.

The text is being typed: it may be no JSON, or a definition with errors. Nothing here keeps anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask_babel import gettext as _
from flask_babel import ngettext

from formloom.form_engine import definition as form_definition
from formloom.platform.errors import DefinitionError, NotFound
from formloom.platform.runtime import Caller
from formloom.platform.services import forms, people, proofs
from formloom.platform.services.forms import Kind
from formloom.web import json_lines, posted
from formloom.web.drawing import Drawing
from formloom.web.outline import Labels, OutlineStep, flat, outline
from formloom.web.slots import Drawn
from formloom.workflow_engine.findings import Finding

ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Marked:
    """A problem or finding with the line at which it stands; `step` is the title of the step that it is about."""

    pointer: str
    message: str
    severity: Literal["error", "warning", "note"]
    line: int
    step: str = ""

    def to_json(self) -> dict[str, str]:
        """As the browser's module takes it; the line it finds itself, in the text as it is by then."""
        return {"pointer": self.pointer, "message": self.message, "severity": self.severity, "step": self.step}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a document makes: a drawn form, or the steps of a workflow with what was found at each."""

    drawn: Drawn | None
    steps: tuple[OutlineStep, ...] | None
    found: Mapping[str, Sequence[Marked]]


def problems_of(caller: Caller, form_key: str, kind: Kind, source: str) -> list[Marked]:
    """What is wrong with the text, the worst first; a text that is no JSON has its one problem at the break."""
    places = json_lines.locate(source)
    if places.broken:
        return [Marked("", _("From here on this is no JSON."), "error", places.broken.line)]
    found = forms.check_draft(caller, form_key, kind, source)
    marked = [Marked(p.pointer or "", p.message, p.severity, places.of(p.pointer or "").line) for p in found]
    return sorted(marked, key=lambda problem: (ORDER[problem.severity], problem.line))


def proof_of(caller: Caller, form_key: str) -> tuple[proofs.Proven, list[Marked]]:
    """What is proven of the draft of the workflow, and its findings marked in the draft."""
    proven = proofs.prove(caller, form_key)
    titles = {step.id: step for step in flat(outline(proven.workflow, _labels(caller, form_key)))}
    return proven, [_found(finding, titles) for finding in proven.findings]


def findings_of(caller: Caller, form_key: str, findings: Sequence[Finding]) -> list[Marked]:
    """Findings of the draft of the workflow, each with the title of its step."""
    document = forms.draft(caller, form_key, "workflow").document
    titles = {step.id: step for step in flat(outline(document, _labels(caller, form_key)))}
    return [_found(finding, titles) for finding in findings]


def field_names(caller: Caller, form_key: str) -> dict[str, str]:
    """What the fields of a form are called, by key: those of its draft, and those that only the published one has."""
    try:
        before = {key: field.label(caller.lang) for key, field in forms.published(caller, form_key).form.fields.items()}
    except NotFound:
        before = {}
    return {**before, **_labels(caller, form_key).fields}


def _found(finding: Finding, steps: Mapping[str, OutlineStep]) -> Marked:
    step = steps.get(finding.step or "")
    pointer = finding.pointer or (step.pointer if step is not None else "")
    return Marked(pointer, finding.message, finding.severity, 0, step.title if step is not None else "")


def summary_of(problems: Sequence[Marked]) -> str:
    """How many problems there are, in words."""
    errors = sum(problem.severity == "error" for problem in problems)
    hints = len(problems) - errors
    parts = [ngettext("%(num)d error", "%(num)d errors", errors)] if errors else []
    parts += [ngettext("%(num)d hint", "%(num)d hints", hints)] if hints else []
    return _(", ").join(parts) or _("No problems")


def preview_of(caller: Caller, form_key: str, kind: Kind, source: str, problems: Sequence[Marked]) -> Preview:
    """The form as it will look (nothing while it has errors), or the workflow as far as it can be read."""
    try:
        document = form_definition.parse(source, lang=caller.lang)
    except DefinitionError:
        return Preview(None, None, {})
    if kind == "form":
        drawn = None if any(problem.severity == "error" for problem in problems) else _drawn(caller, document)
        return Preview(drawn, None, {})
    steps = outline(document, _labels(caller, form_key))
    return Preview(None, steps, _by_step(steps, problems))


def _drawn(caller: Caller, document: Any) -> Drawn | None:
    try:
        form = form_definition.load(document)
    except DefinitionError:
        return None
    drawing = Drawing(form, caller.lang, caller.zone, people.names(caller))
    return drawing.draw(posted.shown({}))


def _labels(caller: Caller, form_key: str) -> Labels:
    """What people call whom and what a workflow of this form names."""
    known = people.names(caller).organisation
    try:
        fields = form_definition.load(forms.draft(caller, form_key).document).fields
    except DefinitionError:
        fields = {}
    return Labels(
        roles={key: names.get(caller.lang, name) for key, (name, names) in known.roles.items()},
        departments={key: names.get(caller.lang, name) for key, (name, names) in known.departments.items()},
        members=known.members,
        fields={key: field.label(caller.lang) for key, field in fields.items()},
        lang=caller.lang,
    )


def _by_step(steps: Sequence[OutlineStep], problems: Sequence[Marked]) -> dict[str, list[Marked]]:
    """Each problem at the innermost step around its pointer."""
    pointers = [step.pointer for step in flat(steps)]
    found: dict[str, list[Marked]] = {}
    for problem in problems:
        around = [pointer for pointer in pointers if f"{problem.pointer}/".startswith(f"{pointer}/")]
        if around:
            found.setdefault(max(around, key=len), []).append(problem)
    return found
