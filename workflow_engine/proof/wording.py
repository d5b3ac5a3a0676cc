"""Examples in words: the values of a record that a finding is about, as people read them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from formloom.form_engine.definition import Form
from formloom.form_engine.logic import formula
from formloom.form_engine.messages import listed, say
from formloom.form_engine.names import IDS, Names

from ..directory import Directory, DirectoryNames
from ..tree import Workflow
from .theory import OPERATIONS

MOST_FIELDS = 4
SAID = {
    "approve": "“{step}” is approved",
    "reject": "“{step}” is rejected",
    "done": "“{step}” is filled in",
    "return": "“{step}” sends it back to {target}",
}


def sentence_of(
    form: Form, record: Mapping[str, Any], keys: Sequence[str], lang: str, directory: Directory | None = None
) -> str:
    """`amount 5,000.00, kind Gift`: the named fields of the record; of a table the number of its rows. People are called by
    the names that `directory` has."""
    names = IDS if directory is None else DirectoryNames(directory)
    parts = [_value(form, record, key, lang, names) for key in keys if key in form.fields]
    shown = parts[:MOST_FIELDS]
    return (", " if lang == "en" else "，").join(shown) or say(lang, "any values")


def why_unknown(late: bool, lang: str, parts: Sequence[str] = ()) -> str:
    """Why something was not decided; `parts` are those of the conditions that nothing is known of, as people read them."""
    if late:
        return say(lang, "the time allowed was not enough")
    if parts:
        return say(lang, "nothing can be told beforehand about {parts}", parts=listed(lang, parts))
    return say(lang, "the conditions use something that can't be reasoned about")


def way_of(workflow: Workflow, commands: Iterable[str], lang: str) -> str:
    """Commands (`manager=return:initiator`) as people say them, in their order."""
    return listed(lang, (_said(workflow, command, lang) for command in commands))


def _said(workflow: Workflow, command: str, lang: str) -> str:
    step, _, what = command.partition("=")
    action, _, target = what.partition(":")
    if step not in workflow.steps or action not in SAID:
        return say(lang, "the request is submitted" if command == "start" else "the request is submitted again")
    names = {name: workflow.title(name, lang) for name in (step, target) if name in workflow.steps}
    to = say(lang, "“{step}”", step=names[target]) if target in names else say(lang, "the initiator")
    return say(lang, SAID[action], step=names[step], target=to)


def not_understood(form: Form, paths: Iterable[str], trees: Iterable[Any], lang: str) -> list[str]:
    """The functions outside the theory that stand in some compiled trees, or in what the fields at `paths` are computed
    from; and the tables that are read."""
    functions: dict[str, None] = {}
    tables: dict[str, None] = {}
    todo, seen, logic = [path.partition(".")[0] for path in paths], set[str](), [*trees]
    while todo:
        entry = form.fields.get(todo.pop())
        if entry is None or entry.key in seen:
            continue
        seen.add(entry.key)
        if entry.logic.kind == "table":
            tables[say(lang, "the rows of “{table}”", table=entry.label(lang))] = None
        if entry.compute is not None:
            logic.append(entry.compute.compiled)
            todo += [path.partition(".")[0] for path in entry.compute.reads]
    for tree in logic:
        functions |= dict.fromkeys(_functions_in(tree))
    return [*functions, *tables]


def _functions_in(tree: Any) -> Iterator[str]:
    """The names of the functions in a compiled tree that the theory does not know."""
    match tree:
        case Mapping():
            for operator, given in tree.items():
                name = formula.name_of(operator) if operator not in OPERATIONS else None
                if name is not None:
                    yield name
                yield from _functions_in(given)
        case list():
            for part in tree:
                yield from _functions_in(part)


def _value(form: Form, record: Mapping[str, Any], key: str, lang: str, names: Names) -> str:
    entry = form.fields[key]
    label = entry.label(lang)
    if key not in record:
        return say(lang, "{label} blank", label=label)
    value = record[key]
    if entry.logic.kind == "table":
        return say(lang, "{label} with {count} rows", label=label, count=len(value))
    return f"{label} {entry.type.text(entry, value, lang, names)}"
