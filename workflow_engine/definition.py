"""The workflow document: checking it, with every problem at its place, and loading one that has none.

What is found here are the findings of kind `definition` (meaning.md section 5): shape, names that must exist, types that
must fit. What can be *proven* of a workflow that passed is `proof`'s business.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from formloom.form_engine import logic
from formloom.form_engine.definition import Form
from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.json_text import flaws
from formloom.form_engine.limits import LIMITS
from formloom.form_engine.pointers import join, tokens
from formloom.form_engine.report import Report

from .checking import Check, Part, parts_of
from .directory import Directory
from .findings import Finding
from .shape import check_shape
from .steps import TYPES
from .steps.base import Compiling
from .tree import Branch, Condition, Settings, Step, Workflow

__all__ = ["Finding", "check", "load", "own_form"]


def check(
    document: object,
    *,
    forms: Mapping[str, Form],
    directory: Directory | None = None,
    own: str | None = None,
    lang: str = "en",
) -> list[Finding]:
    """Every problem of a workflow document, which may be any JSON value.

    `forms` are known by their keys; `own` says which of them is the workflow's own where the document does not. Without
    a directory the names of people are not checked, and without its own form neither fields nor logic.
    """
    return _findings(document, forms, directory, own, lang, sizes=True)


def _findings(
    document: object,
    forms: Mapping[str, Form],
    directory: Directory | None,
    own: str | None,
    lang: str,
    *,
    sizes: bool,
) -> list[Finding]:
    """`sizes`: also against the limits for new documents, which may be lower than when a stored one was published."""
    report = Report(lang)
    for path, sentence in flaws(document, depth=LIMITS.definition_depth, lang=lang):
        report.error(join("", *path), "{message}", message=sentence)
    if not report.failed:
        check_shape(document, report)
        if isinstance(document, Mapping):
            _check_meaning(document, forms, directory, own, report)
            if sizes:
                _check_sizes(parts_of(document), report)
    return [_finding(document, problem) for problem in report.problems]


def _check_sizes(parts: list[Part], report: Report) -> None:
    if len(parts) > LIMITS.steps:
        report.error("/steps", "There are more than {limit} steps.", limit=LIMITS.steps)
    for part in parts:
        if part.depth > LIMITS.step_depth:
            template = "Branches stand in branches more than {limit} deep. A sub-process can hold the inner ones."
            report.error(part.pointer, template, limit=LIMITS.step_depth)
            break


def own_form(document: Mapping[str, Any], forms: Mapping[str, Form], own: str | None = None) -> Form | None:
    """The form that a workflow belongs to, if it was given: the one it names, or the only one there is."""
    key = document.get("form", own)
    if isinstance(key, str) and key in forms:
        return forms[key]
    only = next(iter(forms.values())) if len(forms) == 1 else None
    return only if only is not None and (key is None or not only.key) else None


def load(document: Mapping[str, Any], form: Form) -> Workflow:
    """The workflow that a document states over its own form. Raises DefinitionError with what `check` says of it."""
    problems = [
        Problem(finding.pointer or "", finding.message)
        for finding in _findings(document, {form.key: form}, None, form.key, "en", sizes=False)
        if finding.severity == "error"
    ]
    if problems:
        raise DefinitionError(problems)
    return _compile(normalised(document), form)


def normalised(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document in the one way in which it is written back: `{"var": key}` among people is `{"field": key}`."""
    normal: dict[str, Any] = _normal(document)
    return normal


# checking


def _check_meaning(
    document: Mapping[str, Any],
    forms: Mapping[str, Form],
    directory: Directory | None,
    own: str | None,
    report: Report,
) -> None:
    form = own_form(document, forms, own)
    parts = parts_of(document)
    steps: dict[str, Part] = {}
    for part in parts:
        if part.id in steps:
            report.error(f"{part.pointer}/id", "There are two steps called “{id}”.", id=part.id)
        elif part.id:
            steps[part.id] = part
    check = Check(form, forms, directory, steps, report)
    if form is None and isinstance(document.get("form"), str):
        key = document["form"]
        report.error("/form", "The form “{form}” was not given.{hint}", form=key, hint=report.hint(key, forms))
    elif form is None and "form" not in document and own is None and len(forms) > 1:
        report.error(
            "",
            "“form” is missing here: it says which of the forms {forms} the workflow belongs to.",
            forms=", ".join(f"“{key}”" for key in forms),
        )
    start = document.get("start")
    if isinstance(start, Mapping):
        check.people(start.get("who"), "/start/who", None)
        check.fields(start.get("fields"), "/start/fields")
    for part in parts:
        if isinstance(part.type, str) and part.type in TYPES:
            TYPES[part.type].check(part, check)
    _check_translations(document.get("translations"), steps, report)


def _check_translations(translations: Any, steps: Mapping[str, Part], report: Report) -> None:
    for lang, texts in translations.items() if isinstance(translations, Mapping) else ():
        for path in texts if isinstance(texts, Mapping) else ():
            step, _, rest = path.partition("/")
            if not rest:
                step, _, rest = path.partition(":")
            part = steps.get(step)
            if part is None:
                report.error(
                    join("/translations", lang, path),
                    "“{path}” names no step.{hint}",
                    path=path,
                    hint=report.hint(step, steps),
                )
            elif rest not in ("", "help", "message") and rest not in _branch_numbers(part):
                report.error(join("/translations", lang, path), "“{path}” names nothing of the step.", path=path)


def _branch_numbers(part: Part) -> list[str]:
    branches = part.document.get("branches")
    return [str(index) for index in range(len(branches))] if isinstance(branches, list) else []


def _finding(document: Any, problem: Problem) -> Finding:
    return Finding(
        _step_at(document, problem.pointer), "definition", problem.severity, problem.message, None, problem.pointer
    )


def _step_at(document: Any, pointer: str) -> str | None:
    """The innermost step around a pointer, "start" in the start, None elsewhere."""
    path = tokens(pointer)
    step: str | None = "start" if path[:1] == ["start"] else None
    value, inside = document, ""
    for token in path:
        if isinstance(value, list):
            value = value[int(token)] if token.isdigit() and int(token) < len(value) else None
            if inside == "steps" and isinstance(value, Mapping) and isinstance(value.get("id"), str):
                step = value["id"]
        else:
            value = value.get(token) if isinstance(value, Mapping) else None
        inside = token
    return step


# normalising

_PEOPLE = frozenset({"assignees", "to", "who", "from", "whenEmpty", "headOf", "managerOf"})
_HOLDS_STEPS = frozenset({"start", "steps", "branches", "onError", "do", "mail"})


def _normal(value: Any) -> Any:
    if isinstance(value, list):
        return [_normal(entry) for entry in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: _people(inner) if key in _PEOPLE else _normal(inner) if key in _HOLDS_STEPS else inner
        for key, inner in value.items()
    }


def _people(people: Any) -> Any:
    """People without their second spelling; also a single person, and a `whenEmpty` that is a word."""
    if isinstance(people, list):
        return [_people(person) for person in people]
    if not isinstance(people, Mapping):
        return people
    return {
        "field" if key == "var" else key: _people(inner) if key in _PEOPLE else inner for key, inner in people.items()
    }


def _asked_doers(value: Any) -> Iterator[str]:
    """The steps whose doers the document asks for, by `doer` or `notDoers`."""
    if isinstance(value, list):
        for entry in value:
            yield from _asked_doers(entry)
    elif isinstance(value, Mapping):
        yield from value.get("notDoers", ())
        if isinstance(value.get("doer"), str):
            yield value["doer"]
        for key, inner in value.items():
            if key in _PEOPLE or key in _HOLDS_STEPS:
                yield from _asked_doers(inner)


# compiling


def _logic(form: Form, wanted: str | None, tree: Any, pointer: str) -> Condition:
    return Condition(tree, pointer, logic.compile(tree, form.types, wanted=wanted))


def _compile(document: Mapping[str, Any], form: Form) -> Workflow:
    compiling = Compiling(form, partial(_logic, form, "switch"), partial(_logic, form, None))
    steps: dict[str, Step] = {}
    root = _compile_list(document["steps"], "/steps", None, 0, compiling, steps)
    start, settings = document.get("start", {}), document.get("settings", {})
    return Workflow(
        document=document,
        form=form,
        settings=Settings(
            settings.get("withdraw", "untilFirstDecision"),
            settings.get("repeatApprover", "each"),
            settings.get("ownRequest", "decide"),
            settings.get("resubmit", "fromStart"),
            settings.get("lock", True),
        ),
        who=compiling.people(start["who"], "/start/who") if "who" in start else None,
        fields={"*": "edit", **start.get("fields", {})},
        steps=steps,
        root=root,
        remembered=frozenset(_asked_doers(document)),
        watches=any(step.type.watches for step in steps.values()),
        translations=document.get("translations", {}),
    )


def _compile_list(
    documents: list[Mapping[str, Any]],
    pointer: str,
    owner: str | None,
    branch: int,
    compiling: Compiling,
    steps: dict[str, Step],
) -> tuple[str, ...]:
    """Compile a list of steps into `steps`, in document order; gives their ids."""
    ids = tuple(document["id"] for document in documents)
    for index, document in enumerate(documents):
        at = join(pointer, index)
        steps[ids[index]] = None  # type: ignore[assignment]  # keeps its place before what is inside it
        type_, order = TYPES[document["type"]], len(steps) - 1
        branches = tuple(
            Branch(
                number,
                at + place,
                inner.get("title", ""),
                compiling.condition(inner["when"], f"{at}{place}/when") if "when" in inner else None,
                bool(inner.get("otherwise")),
                _compile_list(inner["steps"], f"{at}{place}/steps", ids[index], number, compiling, steps),
            )
            for number, (place, inner) in enumerate(type_.branches(document))
        )
        following = ids[index + 1] if index + 1 < len(ids) else None
        spec = type_.compile(document, at, compiling)
        steps[ids[index]] = Step(
            ids[index], type_, document.get("title", ""), at, document, spec, owner, branch, following, order, branches
        )
    return ids
