"""Checks an imported form and takes out, with a line in the report, whatever our check objects to.

So every import ends in a form that opens. What the check only warns of is said in the report, too, and a default that
its field would refuse is taken out: a form that nobody can save as it opens is of no use. Last it is filled in with
samples: a field whose own sample the form's rules refuse is given an example, and a form that takes no sample says so.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from formloom.form_engine.context import Context
from formloom.form_engine.definition import check, load
from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say
from formloom.form_engine.pointers import tokens
from formloom.form_engine.record import settle
from formloom.form_engine.sampling import sample_record

from .draft import Json

NUMBERED = {"layout", "rules"}
ROUNDS, AT_ONCE = 40, 500
"""How often a form is checked again, and how many errors are taken out at a time: more is wrong with no real form."""
MOST_SAMPLED = 500
"""Fields of a form that is filled in with samples."""
DAYS = (datetime(2050, 1, 1, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))
"""Two days for "today": examples that a rule takes on both lie far enough from any; some rules take none such."""


def finish(form: Json, report: list[Json], lang: str = "en") -> Json:
    """`form` without what our check objects to; each thing taken out is a line of `report`. Raises DefinitionError when nothing is left."""
    for _ in range(ROUNDS):
        problems = check(form, lang=lang)
        errors = [
            problem for problem in problems if problem.severity == "error" or problem.pointer.endswith("/default")
        ]
        if not errors:
            report += _warned(problems, report)
            return _sampled(form, report, lang)
        wrong = _apart(errors[:AT_ONCE])
        if not sum([_take_out(form, list(path), error, report, lang) for path, error in wrong.items()]):
            raise DefinitionError([problem for problem in problems if problem.severity == "error"] or errors)
    raise DefinitionError([Problem("", say(lang, "This form can't be carried over: too much of it is wrong."))])


def _apart(errors: list[Problem]) -> dict[tuple[str, ...], Problem]:
    """What to take out at once, and why; of a part inside another the inner one, which may be all that was wrong."""
    wrong: dict[tuple[str, ...], Problem] = {}
    for error in _later_first(errors):
        path = tokens(error.pointer)
        depth = _removable(path)
        place = tuple(path[:depth])
        if depth is not None and not any(other[:depth] == place for other in wrong):
            wrong[place] = error
    return wrong


def _sampled(form: Json, report: list[Json], lang: str) -> Json:
    """The form with an example at each field whose own sample its rules refuse."""
    loaded = load(form)
    if sum(1 for _ in loaded.every_field()) > MOST_SAMPLED:
        return form
    contexts = [Context(now=day, lang=lang, system=True) for day in DAYS]
    found = sample_record(loaded, contexts[0])
    if any(settle(loaded, found.record, context).errors for context in contexts):
        found = sample_record(loaded, contexts[-1])
    for path, value in found.changed.items():
        place = _property(form, path.split("."))
        if place is not None:
            place["examples"] = [value, *(place["examples"] if isinstance(place.get("examples"), list) else ())]
    for problem in found.problems[:1]:
        message = say(lang, "No record was found that this form takes as it is: {reason}", reason=problem.message)
        report.append({"source": problem.pointer.lstrip("/"), "message": message})
    return form


def _property(form: Json, path: list[str]) -> Json | None:
    """The property of a field; None where it stands in a `$ref`."""
    place: Any = form
    for key in path:
        holder = place.get("items") if isinstance(place.get("items"), dict) else place
        place = (holder.get("properties") or {}).get(key)
        if not isinstance(place, dict):
            return None
    return None if "$ref" in place else place


def _warned(problems: list[Problem], report: list[Json]) -> Iterator[Json]:
    """A line for each warning; the same sentence about several places is said of the first only."""
    said: set[str] = {line["message"] for line in report}
    for problem in problems:
        if problem.message not in said:
            said.add(problem.message)
            yield {"source": problem.pointer.lstrip("/"), "message": problem.message}


def _later_first(errors: list[Problem]) -> list[Problem]:
    """Of several entries of one list the last comes first, so that the numbers of the others stay right."""

    def place(problem: Problem) -> list[tuple[int, str]]:
        return [(int(part), "") if part.isdigit() else (-1, part) for part in problem.pointer.split("/")]

    return sorted(errors, key=place, reverse=True)


def _take_out(form: Json, path: list[str], error: Problem, report: list[Json], lang: str) -> bool:
    """Remove the part at `path`, because of `error`; False if it is already gone."""
    parent: Any = form
    for part in path[:-1]:
        parent = _inside(parent, part)
        if parent is None:
            return False
    last = path[-1]
    if isinstance(parent, dict) and last in parent:
        del parent[last]
    elif isinstance(parent, list) and last.isdigit() and int(last) < len(parent):
        del parent[int(last)]
        _renumber(form, path)
    else:
        return False
    if len(path) == 2 and path[0] == "properties":
        _forget(form, last)
    message = say(lang, "Left out: {reason}", reason=error.message)
    report.append({"source": "/".join(path), "message": message})
    return True


def _inside(parent: Any, part: str) -> Any:
    if isinstance(parent, dict):
        return parent.get(part)
    if isinstance(parent, list) and part.isdigit() and int(part) < len(parent):
        return parent[int(part)]
    return None


def _removable(path: list[str]) -> int | None:
    """How much of `path` names the smallest thing that a form can do without."""
    if "properties" in path[:1] or "$defs" in path[:1]:
        for depth, part in enumerate(path):
            if part == "x-field" and depth + 1 < len(path):
                return depth + 2 if path[depth + 1] != "type" else depth + 1
        columns = max((depth for depth, part in enumerate(path[:-1]) if part == "properties"), default=0)
        option = _option(path, columns)
        return option or (min(len(path), columns + 3) if len(path) > columns + 1 else None)
    match path:
        case ["x-form", _]:
            return 2
        case ["x-form", "layout" | "rules", _, *_]:
            return 3 if path[1] == "rules" or "fields" not in path else min(len(path), 5)
        case ["x-form", "translations", _, *_]:
            return min(len(path), 4)
        case ["x-form", *_]:
            return 2
        case ["required", _]:
            return 2
        case [_, *_]:
            return 1
    return None


def _option(path: list[str], columns: int) -> int | None:
    """How much of `path` names one option of a field, or the list of its options where that is what is wrong."""
    for depth in range(columns + 2, len(path)):
        if path[depth] == "enum":
            return min(len(path), depth + 2)
        if path[depth] == "oneOf" and path[depth + 2 :] == ["const"]:
            return depth + 2
    return None


def _renumber(form: Json, path: list[str]) -> None:
    """The translations of what stands after a removed section, rule or entry of a section follow it."""
    if path[:1] != ["x-form"] or path[1] not in NUMBERED:
        return
    stem = [path[1], path[2]] if len(path) == 5 else [path[1]]
    gone = int(path[-1])
    for tag, texts in form["x-form"].get("translations", {}).items():
        moved: dict[str, str] = {}
        for name, text in texts.items():
            place = name.split("/")
            number = (
                place[len(stem)].removesuffix(":help") if len(place) > len(stem) and place[: len(stem)] == stem else ""
            )
            if number.isdigit() and int(number) >= gone:
                if int(number) == gone:
                    continue
                place[len(stem)] = place[len(stem)].replace(number, str(int(number) - 1), 1)
            moved["/".join(place)] = text
        form["x-form"]["translations"][tag] = moved


def _forget(form: Json, key: str) -> None:
    """A field that was taken out is no longer required nor laid out."""
    form["required"] = [name for name in form.get("required", []) if name != key]
    for section in form.get("x-form", {}).get("layout", []):
        section["fields"] = [name for name in section["fields"] if name != key]
