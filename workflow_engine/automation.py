"""Automations, outside of approvals: the document, checking it, loading it, and deciding whether one is to run.

What an automation does are the action steps of a workflow, and it is run as one: `Automation.workflow` is a workflow of
nothing but actions and notices, so that grammar, engine, events and trying again are the same as everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formloom.form_engine import logic
from formloom.form_engine.definition import Field, Form
from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.json_text import flaws
from formloom.form_engine.limits import LIMITS
from formloom.form_engine.pointers import join
from formloom.form_engine.report import Report

from . import definition
from .calendar import duration
from .directory import Directory
from .shape import check_shape
from .tree import Condition, Step, Workflow
from .triggers import Happened, Triggers, read_triggers

__all__ = ["Automation", "Happened", "check", "load"]

DATES = ("date", "datetime")


@dataclass(frozen=True, slots=True, eq=False)
class Automation:
    """An automation that can be run. Its `workflow` has the step `do0` for the first action, and so on."""

    key: str
    document: Mapping[str, Any]
    form: Form
    triggers: Triggers
    when: Condition | None
    workflow: Workflow

    @property
    def enabled(self) -> bool:
        """Whether it runs at all."""
        return bool(self.document.get("enabled", True))

    def title(self, *langs: str) -> str:
        """What people call it; its key where it has no title."""
        return title_of(self.key, self.document, *langs)

    def takes(self, happened: Happened) -> bool:
        """Whether what happened starts it, as far as its triggers say."""
        return self.enabled and self.triggers.take(happened)

    def holds(self, record: Mapping[str, Any], facts: logic.Moment) -> bool:
        """Whether its condition holds for the record. Raises LogicError where it can't be computed."""
        return self.when is None or logic.truth(logic.evaluate(self.when.rule, record, facts))


def title_of(key: str, document: Mapping[str, Any], *langs: str) -> str:
    """What people call the automation of a document, which may be wrong; its key where it has no title."""
    texts = document.get("translations")
    known: Mapping[str, Any] = texts if isinstance(texts, Mapping) else {}
    for lang in langs:
        own = known.get(lang)
        if isinstance(own, Mapping) and isinstance(own.get(""), str) and own[""]:
            return str(own[""])
    title = document.get("title")
    return title if isinstance(title, str) and title else key


def check(
    document: object, *, forms: Mapping[str, Form], directory: Directory | None = None, key: str = "", lang: str = "en"
) -> list[Problem]:
    """Every problem of an automation, which may be any JSON value. `forms` by key; `key` is its own, which buttons name.

    Without a directory the names of people are not checked.
    """
    report = Report(lang)
    for path, sentence in flaws(document, depth=LIMITS.definition_depth, lang=lang):
        report.error(join("", *path), "{message}", message=sentence)
    if not report.failed:
        check_shape(document, report, "automation")
    if not report.failed and isinstance(document, Mapping):
        _check_meaning(document, forms, directory, key, report)
    return report.problems


def load(key: str, document: Mapping[str, Any], form: Form) -> Automation:
    """The automation that a document states over its form. Raises DefinitionError with what `check` says of it."""
    problems = [problem for problem in check(document, forms={form.key: form}, key=key) if problem.severity == "error"]
    if problems:
        raise DefinitionError(problems)
    when = document.get("when")
    condition = None
    if "when" in document:
        condition = Condition(when, "/when", logic.compile(when, form.types, wanted="switch"))
    triggers = read_triggers(document["on"])
    return Automation(key, document, form, triggers, condition, definition.load(as_workflow(document), form))


def as_workflow(document: Mapping[str, Any]) -> dict[str, Any]:
    """The workflow that does what the automation does."""
    texts = {
        lang: {f"do{path.removeprefix('do/')}:message": text for path, text in own.items() if path}
        for lang, own in document.get("translations", {}).items()
    }
    steps = [_step(number, entry) for number, entry in enumerate(document["do"])]
    return {"form": document["form"], "steps": steps, "settings": {"lock": False}, "translations": texts}


def _step(number: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    if "notify" in entry:
        return {"id": f"do{number}", "type": "notify", **entry["notify"]}
    return {"id": f"do{number}", "type": "action", "do": dict(entry)}


# checking


def _check_meaning(
    document: Mapping[str, Any], forms: Mapping[str, Form], directory: Directory | None, key: str, report: Report
) -> None:
    form = forms.get(document["form"])
    if form is None:
        named = document["form"]
        report.error("/form", "The form “{form}” was not given.{hint}", form=named, hint=report.hint(named, forms))
        return
    _check_translations(document, report)
    if report.failed:
        return
    for finding in definition.check(
        as_workflow(document), forms=forms, directory=directory, own=form.key, lang=report.lang
    ):
        report.add(_place(document, finding.pointer or ""), "{message}", finding.severity, message=finding.message)
    if "when" in document:
        for problem in logic.check(document["when"], form.types, wanted="switch", lang=report.lang):
            report.add("/when" + problem.pointer, "{message}", problem.severity, message=problem.message)
    _check_fields(document["on"], form, report)
    if "button" in document["on"] and key and key not in buttons_of(form):
        report.warning("/on/button", "No button in the layout of the form names “{key}”.", key=key)
    if not report.failed:
        workflow, triggers = definition.load(as_workflow(document), form), read_triggers(document["on"])
        _check_own(workflow, triggers, report)
        if document.get("enabled", True):
            _check_rounds(workflow, triggers, report)


def buttons_of(form: Form) -> dict[str, Any]:
    """The buttons in a form's layout, by the key of the automation that each of them names."""
    items = [item for section in form.layout for item in section.content if not isinstance(item, str)]
    return {str(item.settings.get("automation")): item for item in items if item.kind == "button"}


def _check_translations(document: Mapping[str, Any], report: Report) -> None:
    notices = {"", *(f"do/{number}" for number, entry in enumerate(document["do"]) if "notify" in entry)}
    for lang, texts in document.get("translations", {}).items():
        for path in texts:
            if path not in notices:
                report.error(
                    join("/translations", lang, path), "“{path}” names neither the title nor a notice.", path=path
                )


def _check_fields(on: Mapping[str, Any], form: Form, report: Report) -> None:
    updated = on.get("updated")
    for number, key in enumerate(updated if isinstance(updated, list) else ()):
        _field(form, key, join("/on/updated", number), report)
    dated = on.get("date")
    field = _field(form, dated["field"], "/on/date/field", report) if dated is not None else None
    if dated is None or field is None:
        return
    if field.column not in DATES:
        report.error("/on/date/field", "“{key}” is no date that can be looked for.", key=dated["field"])
    for way in ("before", "after"):
        if way in dated and (field.column == "date" or "at" in dated) and duration(dated[way]).seconds:
            report.error(f"/on/date/{way}", "With a date or a time of day, this must be whole days, weeks or months.")


def _field(form: Form, key: str, pointer: str, report: Report) -> Field | None:
    found = form.fields.get(key)
    if found is None:
        report.error(pointer, "There is no field “{key}”.{hint}", key=key, hint=report.hint(key, form.fields))
    return found


def _check_own(workflow: Workflow, triggers: Triggers, report: Report) -> None:
    """What is done to the record itself, and who is told by it: it must be there."""
    for step in workflow.in_order():
        told = step.document.get("to", ())
        if triggers.kinds == {"schedule"} and triggers.recordless and told and not any(map(_without_record, told)):
            report.warning(f"/do/{step.order}/notify/to", "There is no record here from which anybody could be found.")
        if step.type.changes(step) and ("deleted" in triggers.kinds or triggers.recordless):
            report.error(f"/do/{step.order}", "There is no record here that could be changed.")


def _check_rounds(workflow: Workflow, triggers: Triggers, report: Report) -> None:
    """What is done to records of its own form should not start it again."""
    form = workflow.form
    for step in workflow.in_order():
        changed = _changed_of(step, form, form)
        own = sorted(changed & triggers.updated) if triggers.updated else sorted(changed)
        if own and "updated" in triggers.kinds:
            report.warning(f"/do/{step.order}", "It changes “{field}”, which starts it again.", field=own[0])
        if "created" in triggers.kinds and _made_form(step) == form.key:
            sentence = "It makes a new record of “{form}”, which may start it again."
            report.warning(f"/do/{step.order}", sentence, form=form.title(report.lang))


def _without_record(person: Mapping[str, Any]) -> bool:
    """Whether somebody may be found without a record and whoever made it."""
    return not {"initiator", "field"} & person.keys()


def _place(document: Mapping[str, Any], pointer: str) -> str:
    """Where something stands in the automation that stands at `pointer` in its workflow."""
    tokens = pointer.split("/")[1:]
    if tokens[:1] != ["steps"] or len(tokens) < 2:
        return pointer
    number, rest = tokens[1], tokens[2:]
    if rest[:1] == ["do"]:
        rest = rest[1:]
    elif "notify" in document["do"][int(number)]:
        rest = ["notify", *rest]
    return "/".join(["", "do", number, *rest])


# what leads to what


def loops(automations: Mapping[str, Automation]) -> Iterator[tuple[str, ...]]:
    """Chains of automations in which each may start the next and the last the first, by their keys; each chain once.

    One that is switched off starts nothing. An automation that may start itself is told by `check` already.
    """
    awake = {key: it for key, it in automations.items() if it.enabled}
    leads = {
        key: [other for other, it in awake.items() if other != key and _may_start(own, it)]
        for key, own in awake.items()
    }
    order = list(awake)
    for place, begin in enumerate(order):
        yield from _rounds(begin, (begin,), leads, frozenset(order[:place]))


def _rounds(
    begin: str, way: tuple[str, ...], leads: Mapping[str, list[str]], done: frozenset[str]
) -> Iterator[tuple[str, ...]]:
    """The ways from the end of `way` back to `begin` that pass nobody twice and nobody of `done`."""
    for following in leads[way[-1]]:
        if following == begin and len(way) > 1:
            yield way
        elif following not in way and following not in done and len(way) < LONGEST_LOOP:
            yield from _rounds(begin, (*way, following), leads, done)


LONGEST_LOOP = 5


def _may_start(first: Automation, second: Automation) -> bool:
    """Whether something that `first` does to records may start `second`."""
    return any(_starts(step, first.form, second.form, second.triggers) for step in first.workflow.in_order())


def _starts(step: Step, own: Form, other: Form, triggers: Triggers) -> bool:
    """Whether a step over a record of `own` may start what those triggers of the form `other` start."""
    if "created" in triggers.kinds and _made_form(step) == other.key:
        return True
    changed = _changed_of(step, own, other)
    return bool(changed) and "updated" in triggers.kinds and (not triggers.updated or bool(changed & triggers.updated))


def _made_form(step: Step) -> str | None:
    """The form of which a step makes a record."""
    made: Mapping[str, Any] | None = step.document.get("do", {}).get("createRecord")
    return None if made is None else str(made["form"])


def _changed_of(step: Step, own: Form, other: Form) -> frozenset[str]:
    """The fields of records of the form `other` that a step over a record of `own` changes: of that record itself, and of
    those that it looks for or that it links to."""
    changed: Mapping[str, Any] = step.document.get("do", {}).get("updateRecord", {})
    elsewhere = frozenset(changed["set"]) if changed.get("form") == other.key else frozenset[str]()
    return elsewhere | (step.type.changes(step) if own.key == other.key else frozenset())
