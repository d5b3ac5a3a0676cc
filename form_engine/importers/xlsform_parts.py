"""Readings of single parts of an XLSForm: question types, constraints, choice filters, what stands in a row."""

import re
from collections.abc import Iterator
from typing import Any

from .draft import Draft, Json
from .leftovers import says_nothing, tell_leftovers

Question = Json

SIMPLE: dict[str, tuple[str, Json]] = {
    "text": ("text", {"type": "string"}),
    "string": ("text", {"type": "string"}),
    "phone number": ("phone", {"type": "string"}),
    "email": ("email", {"type": "string", "format": "email"}),
    "integer": ("integer", {"type": "integer"}),
    "int": ("integer", {"type": "integer"}),
    "decimal": ("number", {"type": "number"}),
    "date": ("date", {"type": "string", "format": "date"}),
    "time": ("time", {"type": "string", "format": "time"}),
    "datetime": ("datetime", {"type": "string", "format": "date-time"}),
    "geopoint": ("location", {}),
    "photo": ("image", {}),
    "image": ("image", {}),
    "audio": ("file", {}),
    "video": ("file", {}),
    "file": ("file", {}),
    "barcode": ("barcode", {"type": "string"}),
    "acknowledge": ("switch", {"type": "boolean"}),
    "trigger": ("switch", {"type": "boolean"}),
}


KINDS = {
    "integer": "number",
    "number": "number",
    "slider": "number",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "switch": "switch",
}


CARRIED = {
    "type", "name", "label", "text", "hint", "children", "columns", "choices", "itemset", "list_name", "default", "choice_filter",
    "bind.relevant", "bind.constraint", "bind.jr:constraintMsg", "bind.required", "bind.readonly", "bind.calculate", "bind.type",
    "control.jr:count", "control.bodyless", "query", "trigger", "media", "_dynamic_default", "actions",
}  # fmt: skip
"""What is carried over, or told of where it cannot be."""


WORD = re.compile(r"\$\{[^}]*\}|'[^']*'|\"[^\"]*\"|[^\W\d][\w.-]*(?!\s*\()")


def type_of(question: Question) -> str:
    """The question's type as pyxform writes it."""
    return str(question.get("type", "")).strip()


def kinds_of(questions: list[Question]) -> Iterator[tuple[str, str]]:
    """What logic will see of each question, by its name; a name that stands in two groups is known once."""
    for question in questions:
        kind = type_of(question)
        name = str(question.get("name", ""))
        if kind in {"group", "repeat", "loop"}:
            yield from kinds_of(question.get("children", [])) if kind != "repeat" else ((name, "table"),)
        elif kind.startswith(("select all", "select_multiple")) or kind == "rank":
            yield name, "options"
        elif kind.startswith("select"):
            yield name, "option"
        else:
            field_type = SIMPLE.get(kind.lower(), (kind, {}))[0]
            yield name, KINDS.get(field_type, "number" if kind == "range" else "text")


LABELS_OF_LISTS = "reserved_name_for_field_list_labels"
"""What pyxform adds to show the options once above several questions."""


def as_written(questions: list[Question]) -> list[Question]:
    """The questions without those that pyxform makes itself: the number of rows stands at the repeat that it is for."""
    kept: list[Question] = []
    for question in questions:
        name = str(question.get("name", ""))
        if name.startswith(LABELS_OF_LISTS):
            continue
        made = {**question, "children": as_written(question["children"])} if is_part(question) else question
        before = kept[-1] if kept else {}
        bind = before.get("bind", {})
        if (
            type_of(question) == "repeat"
            and before.get("name") == f"{name}_count"
            and "readonly" in bind
            and "calculate" in bind
        ):
            kept.pop()
            made = {**made, "control": {**made.get("control", {}), "jr:count": bind["calculate"]}}
        kept.append(made)
    return kept


def is_part(question: Question) -> bool:
    """Whether a question holds others."""
    return type_of(question) in {"group", "repeat", "loop"} and isinstance(question.get("children"), list)


def columns_of(questions: list[Question]) -> Iterator[tuple[str, str]]:
    """The name of each question in a repeat, with that of the repeat."""
    for question in questions:
        inner = question.get("children", [])
        if type_of(question) == "repeat":
            yield from ((str(child.get("name", "")), str(question.get("name", ""))) for child in opened(inner))
        elif type_of(question) == "group":
            yield from columns_of(inner)


BOUNDS = {">=": ("minimum", 0), ">": ("minimum", 1), "<=": ("maximum", 0), "<": ("maximum", -1)}


def bounds_of(tree: Any, key: str) -> Json | None:
    """The bounds that a constraint on whole numbers says and nothing else; None for any other constraint."""
    match tree:
        case {"and": list(parts)}:
            made: Json = {}
            for part in parts:
                bounds = {} if part == {"notEmpty": [{"var": key}]} else bounds_of(part, key)
                if bounds is None or bounds.keys() & made.keys():
                    return None
                made |= bounds
            return made
        case dict() if len(tree) == 1 and (operator := next(iter(tree))) in BOUNDS:
            side, limit = tree[operator]
            if side == {"var": key} and isinstance(limit, int) and not isinstance(limit, bool):
                word, step = BOUNDS[operator]
                return {word: limit + step}
    return None


def filled(expression: str, columns: Json) -> str:
    """A choice filter with the values of one option in place of its columns' names."""
    return WORD.sub(lambda found: column_of(found.group(), columns), expression)


def column_of(word: str, columns: Json) -> str:
    """The value of an option's column as XPath writes a text; any other word as it is."""
    if word not in columns and f"{word}" != "name":
        return word
    value = str(columns.get(word, ""))
    return f"'{value}'" if "'" not in value else f'"{value}"'


def opened(questions: list[Question]) -> list[Question]:
    """The questions of a row as its reader will see them."""
    return flat(questions, Draft(""))


def flat(questions: list[Question], draft: Draft) -> list[Question]:
    """The questions of a row: groups inside are opened, and so are repeats, once and with a line in the report."""
    found: list[Question] = []
    for question in questions:
        name = str(question.get("name", ""))
        if type_of(question) == "repeat":
            draft.tell(name, "Rows inside rows: only one row each is asked for.")
        if type_of(question) == "group" and not says_nothing(question.get("label")):
            draft.tell(name, "The heading of a group inside rows was left out.")
        if type_of(question) in {"group", "repeat"}:
            tell_leftovers(draft, name, question, CARRIED, {})
            own = question.get("bind", {}).get("relevant")
            for child in flat(question.get("children", []), draft):
                bind = dict(child.get("bind", {}))
                if own:
                    bind["relevant"] = f"({own}) and ({bind['relevant']})" if bind.get("relevant") else own
                found.append({**child, "bind": bind})
        else:
            found.append(question)
    return found


def number_of(text: str) -> int | float:
    """A number from its text. Raises ValueError."""
    number = float(text)
    return int(number) if number.is_integer() else number
