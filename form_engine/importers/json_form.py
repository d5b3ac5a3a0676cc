"""What the two JSON form builders (Form.io, SurveyJS) have in common: reading the file, and small readings of its values."""

import json
from typing import Any

from formloom.form_engine.definition import parse
from formloom.form_engine.ecma import without_needless_escapes
from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import Json, options

STRING: Json = {"type": "string"}
NAMES = ("type", "key", "name", "inputType", "cellType", "action")


def read_object(data: bytes, product: str, lang: str) -> Json:
    """The JSON object of a file; a list becomes `{"components": list}`. Raises DefinitionError."""
    document = parse(data)
    if isinstance(document, list):
        document = {"components": document}
    if not isinstance(document, dict):
        raise DefinitionError(
            [Problem("", say(lang, "This is no {product} form: it is no JSON object.", product=product))]
        )
    return document


def dicts(value: Any) -> list[Json]:
    """The objects of a list, with their names and types as texts; nothing for anything else."""
    return [_named(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _named(item: Json) -> Json:
    odd = {word: str(item[word]) for word in NAMES if word in item and not isinstance(item[word], str | None)}
    return item | odd if odd else item


def number(value: Any) -> int | float | None:
    """A number, also from its text; None for a blank or anything else."""
    if isinstance(value, bool) or value in (None, ""):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    if found != found or abs(found) > 2**53:
        return None
    return int(found) if found.is_integer() else found


def stored(value: Any) -> str:
    """The key of an option, which may be written as a number or as true and false."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def choice(pairs: list[tuple[str, str]]) -> tuple[Json, Json]:
    """One of several options."""
    return {"type": "string", "oneOf": options(pairs)}, {"type": "select"}


def choices(pairs: list[tuple[str, str]], field_type: str = "multiselect") -> tuple[Json, Json]:
    """Several of several options."""
    return {"type": "array", "uniqueItems": True, "items": {"type": "string", "oneOf": options(pairs)}}, {
        "type": field_type
    }


def matrix(rows: list[tuple[str, str]], columns: list[tuple[str, str]]) -> tuple[Json, Json]:
    """A grid in which each row is given one of the columns."""

    def entries(pairs: list[tuple[str, str]]) -> list[Json]:
        return [{"value": each["const"], "title": each["title"]} for each in options(pairs)]

    return {"type": "object"}, {"type": "matrix", "rows": entries(rows), "columns": entries(columns)}


def add_pattern(schema: Json, pattern: Any, *, whole: bool = True) -> None:
    """Keep a pattern; `whole`: there it is one of the whole text, so that it is anchored here."""
    if isinstance(pattern, str) and pattern.strip():
        text = without_needless_escapes(pattern.strip())
        anchored = not whole or (text.startswith("^") and text.endswith("$"))
        schema["pattern"] = text if anchored else f"^(?:{text})$"


def add_bounds(schema: Json, source: Json, names: dict[str, str]) -> None:
    """Copy numeric bounds from a foreign object: `names` maps its words to JSON Schema's."""
    for foreign, keyword in names.items():
        found = number(source.get(foreign))
        if found is not None and (not keyword.endswith(("Length", "Items")) or (isinstance(found, int) and found >= 0)):
            schema[keyword] = found
