"""A workflow as a tree of steps that a person can read, for the designer's preview and a template's page.

It reads the document itself, also one that is being typed and is not right yet: what is of the wrong shape is left out,
never thrown at. What is wrong with it is said elsewhere, by the check. It knows no running process.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from formloom.form_engine.errors import FormloomError
from formloom.form_engine.logic import formula

WORD = re.compile(
    r'"(?:[^"\\]|\\.|"")*"|[A-Za-z_][\w.]*'
)  # a text is a word, too, so that nothing in it is taken for a field
ICONS = {
    "approval": "user-check", "fill": "writing", "notify": "bell", "branch": "arrows-split-2", "parallel": "arrows-split-2",
    "action": "player-play", "wait": "clock", "subprocess": "stack-2", "end": "flag-check",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Labels:
    """What people call the things that a workflow names by id or key."""

    roles: Mapping[str, str]
    departments: Mapping[str, str]
    members: Mapping[str, str]
    fields: Mapping[str, str]
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class OutlineBranch:
    """One arm of a branch or parallel step; `condition` is its rule as a spreadsheet would say it, "" for none."""

    title: str
    condition: str
    steps: "tuple[OutlineStep, ...]"


@dataclass(frozen=True, slots=True)
class OutlineStep:
    """One step; `who` and `notes` are sentences, `pointer` is where it stands in the document."""

    id: str
    type: str
    icon: str
    kind: str
    title: str
    who: str
    notes: tuple[str, ...]
    pointer: str
    branches: tuple[OutlineBranch, ...] = ()
    join: str = ""


def outline(document: object, labels: Labels) -> tuple[OutlineStep, ...]:
    """The steps of a workflow document, in order; () for what has none."""
    if not isinstance(document, Mapping):
        return ()
    return _steps(document.get("steps"), _Words(labels, _texts(document, labels.lang)), "/steps")


@dataclass(frozen=True, slots=True)
class _Words:
    """What things are called, and the workflow's own translations by path (`manager`, `size/0`)."""

    labels: Labels
    texts: Mapping[str, str]

    def at(self, path: str, own: object) -> str:
        """The text at a path in the reader's language, else the workflow's own."""
        return _text(self.texts.get(path)) or _text(own)


def _texts(document: Mapping[str, Any], lang: str) -> Mapping[str, str]:
    translations = document.get("translations")
    texts = translations.get(lang) if isinstance(translations, Mapping) else None
    return texts if isinstance(texts, Mapping) else {}


def flat(steps: Sequence[OutlineStep]) -> list[OutlineStep]:
    """All steps in document order, those inside branches too."""
    found = []
    for step in steps:
        found.append(step)
        for branch in step.branches:
            found.extend(flat(branch.steps))
    return found


def _steps(steps: object, words: _Words, pointer: str) -> tuple[OutlineStep, ...]:
    if not isinstance(steps, list):
        return ()
    found = ((index, step) for index, step in enumerate(steps) if isinstance(step, Mapping))
    return tuple(_step(step, words, f"{pointer}/{index}") for index, step in found)


def _step(step: Mapping[str, Any], words: _Words, pointer: str) -> OutlineStep:
    kind = _text(step.get("type"))
    branches = step.get("branches") if kind in ("branch", "parallel") else None
    return OutlineStep(
        id=_text(step.get("id")),
        type=kind,
        icon=ICONS.get(kind, "circle-dot"),
        kind=_kind(step, kind),
        title=words.at(_text(step.get("id")), step.get("title")) or _untitled(step, kind),
        who=_people(step.get("to" if kind == "notify" else "assignees"), words.labels),
        notes=_notes(step, kind),
        pointer=pointer,
        branches=_branches(branches, words, _text(step.get("id")), f"{pointer}/branches"),
        join=_join(step) if kind == "parallel" else "",
    )


def _branches(branches: object, words: _Words, step: str, pointer: str) -> tuple[OutlineBranch, ...]:
    if not isinstance(branches, list):
        return ()
    return tuple(
        OutlineBranch(
            title=words.at(f"{step}/{index}", branch.get("title"))
            or (_("Otherwise") if branch.get("otherwise") is True else ""),
            condition=_condition(branch.get("when"), words.labels),
            steps=_steps(branch.get("steps"), words, f"{pointer}/{index}/steps"),
        )
        for index, branch in enumerate(branches)
        if isinstance(branch, Mapping)
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _kind(step: Mapping[str, Any], kind: str) -> str:
    """What the small line above a step's name says."""
    if kind == "branch":
        return _("Branch, all that hold") if step.get("mode") == "inclusive" else _("Branch, first that holds")
    words = {
        "approval": _("Approval"), "fill": _("Fill in"), "notify": _("Tell"), "parallel": _("Side by side"),
        "action": _("Action"), "wait": _("Wait"), "subprocess": _("Another workflow"), "end": _("End"),
    }  # fmt: skip
    return words.get(kind, kind)


def _untitled(step: Mapping[str, Any], kind: str) -> str:
    """A name for a step that was given none: what it does, or its id."""
    match kind:
        case "end":
            outcome = _text(step.get("outcome"))
            return {"approved": _("Approved"), "rejected": _("Rejected")}.get(outcome, outcome)
        case "action":
            do = step.get("do")
            return ", ".join(_action(name) for name in do) if isinstance(do, Mapping) else ""
        case _:
            return _text(step.get("id"))


def _action(name: str) -> str:
    words = {
        "createRecord": _("Create a record"), "updateRecord": _("Change a record"), "findRecords": _("Look up records"),
        "webhook": _("Call a web address"), "mail": _("Send a mail"),
    }  # fmt: skip
    return words.get(name, name)


def _join(step: Mapping[str, Any]) -> str:
    match step.get("join", "all"):
        case "any":
            return _("one is enough")
        case int(count):
            return ngettext("%(num)d is enough", "%(num)d are enough", count)
        case _:
            return _("all, at the same time")


def _notes(step: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    """How people decide together, and by when."""
    notes = []
    if kind in ("approval", "fill"):
        notes.append(_mode(step.get("mode", "any")))
    due = step.get("due")
    if isinstance(due, Mapping) and isinstance(due.get("after"), str):
        notes.append(_("due within %(time)s", time=_duration(due["after"])))
    return tuple(note for note in notes if note)


def _mode(mode: object) -> str:
    match mode:
        case "all":
            return _("all of them")
        case "sequence":
            return _("one after another")
        case {"count": int(count)}:
            return ngettext("%(num)d of them", "%(num)d of them", count)
        case {"ratio": (int() | float()) as ratio}:
            return _("%(percent)s %% of them", percent=f"{ratio * 100:g}")
        case _:
            return ""


def _duration(text: str) -> str:
    """`P2D` as people say it; other durations stay as they are written."""
    number, unit = text.lstrip("PT")[:-1], text[-1:]
    if not number.isdecimal():
        return text
    match unit:
        case "D":
            return ngettext("%(num)d day", "%(num)d days", int(number))
        case "H":
            return ngettext("%(num)d hour", "%(num)d hours", int(number))
        case _:
            return text


def _condition(when: object, labels: Labels) -> str:
    """The rule as a formula with the fields' labels in place of their keys, "" when there is none to print."""
    if not isinstance(when, Mapping):
        return ""
    try:
        text = formula.print(dict(when))
    except (FormloomError, ValueError, TypeError, KeyError, AttributeError):
        return ""
    return WORD.sub(lambda word: labels.fields.get(word.group(), word.group()), text)


def _people(people: object, labels: Labels) -> str:
    if not isinstance(people, list):
        return ""
    return _(", ").join(filter(None, (_person(person, labels) for person in people)))


def _person(person: object, labels: Labels) -> str:
    """One entry of the people grammar (meaning.md, section 4) in words; "" for what is none."""
    match person:
        case {"member": str(member)}:
            return labels.members.get(member, member)
        case {"role": str(role), "in": _department}:
            return _("%(role)s of a department", role=labels.roles.get(role, role))
        case {"role": str(role)}:
            return labels.roles.get(role, role)
        case {"department": str(department)}:
            return labels.departments.get(department, department)
        case {"headOf": {"department": str(department)}}:
            return _("Head of %(department)s", department=labels.departments.get(department, department))
        case {"headOf": inner}:
            return _("Head of the department of: %(person)s", person=_person(inner, labels))
        case {"managerOf": inner}:
            return _manager(person, _person(inner, labels))
        case {"field": str(field)} | {"var": str(field)}:
            return labels.fields.get(field, field)
        case {"initiator": True}:
            return _("who started it")
        case {"doer": str(step)}:
            return _("who did “%(step)s”", step=step)
        case {"chosenBy": "initiator"}:
            return _("chosen by who started it")
        case _:
            return ""


def _manager(person: Mapping[str, Any], whose: str) -> str:
    match person:
        case {"upTo": int(level)}:
            return _("Managers of: %(person)s, %(level)d levels up", person=whose, level=level)
        case {"level": int(level)} if level > 1:
            return _("Manager of: %(person)s, %(level)d levels up", person=whose, level=level)
        case _:
            return _("Manager of: %(person)s", person=whose)
