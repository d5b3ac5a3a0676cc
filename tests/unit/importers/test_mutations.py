"""Whatever a JSON file of a foreign form holds, importing it ends in a form that opens or in one clear error."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formloom.form_engine import definition
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.importers import Kind, convert

FORMIO = json.loads((Path(__file__).parents[2] / "vectors" / "formio" / "all_components.json").read_text())
SURVEY = {
    "title": {"default": "Kids", "de": "Kinder"},
    "pages": [
        {"name": "one", "elements": [
            {"type": "radiogroup", "name": "kids", "choices": ["yes", {"value": "no", "text": {"default": "No", "de": "Nein"}}]},
            {"type": "text", "name": "n", "inputType": "number", "min": 1, "visibleIf": "{kids} = 'yes'", "isRequired": True},
            {"type": "matrix", "name": "m", "columns": ["a", "b"], "rows": [{"value": "r", "text": "R"}]},
        ]},
        {"name": "two", "visibleIf": "{n} > 1", "elements": [
            {"type": "paneldynamic", "name": "each", "maxPanelCount": 5, "templateElements": [
                {"type": "text", "name": "age", "validators": [{"type": "expression", "expression": "{panel.age} > 0"}]},
                {"type": "panel", "name": "p", "elements": [{"type": "comment", "name": "why"}]}]},
            {"type": "multipletext", "name": "mt", "items": [{"name": "a", "isRequired": True}]},
            {"type": "rating", "name": "stars", "rateValues": [1, 2, {"value": 3}]},
            {"type": "expression", "name": "double", "expression": "{n} * 2"},
        ]},
    ],
}  # fmt: skip
SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "id": "https://example.com/x.json",
    "title": "Order",
    "type": "object",
    "definitions": {"line": {"type": "object", "properties": {"price": {"type": "number", "minimum": 0, "exclusiveMinimum": True}}}},
    "properties": {
        "name": {"type": "string", "pattern": "^a+$", "default": "aa"},
        "lines": {"type": "array", "items": {"$ref": "#/definitions/line"}, "minItems": 1},
        "kind": {"enum": ["a", "b", 3]},
        "any": {"anyOf": [{"type": "string"}, {"type": "array", "items": [{"type": "integer"}]}]},
    },
    "required": ["name"],
    "dependencies": {"name": ["kind"], "kind": {"required": ["lines"]}},
    "allOf": [{"properties": {"more": {"type": "boolean"}}}],
}  # fmt: skip
BASES: dict[Kind, Any] = {"formio": FORMIO, "surveyjs": SURVEY, "jsonschema": SCHEMA}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["text", "panel", "(", "^(", "{n} >", "${", "a/b", "~", "#/definitions/line", "0", "99/99/9999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, part in inside for found in places(part, (*path, key)))]


PLACES = {kind: places(base)[1:] for kind, base in BASES.items()}


@st.composite
def mutated(draw: st.DrawFn, kind: Kind) -> Any:
    """A real document in which a few values were replaced, and some put under another name."""
    document = copy.deepcopy(BASES[kind])
    for path in draw(st.lists(st.sampled_from(PLACES[kind]), min_size=1, max_size=4)):
        try:
            holder = document
            for part in path[:-1]:
                holder = holder[part]
            holder[path[-1]] = draw(JSON)
        except (LookupError, TypeError):
            continue
    return document


@pytest.mark.parametrize("kind", list(BASES))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_file_that_is_wrong_somewhere_never_raises_anything_else(kind: Kind, data: st.DataObject) -> None:
    document = data.draw(mutated(kind))
    try:
        result = convert(kind, json.dumps(document).encode(), "a.json")
    except DefinitionError:
        return
    assert [problem for problem in definition.check(result.form) if problem.severity == "error"] == []
    assert all(set(line) == {"source", "message"} and isinstance(line["source"], str) for line in result.report)


VECTORS = Path(__file__).parents[2] / "vectors"
FILES: list[tuple[Kind, bytes]] = [
    *((kind, json.dumps(base, ensure_ascii=False, indent=1).encode()) for kind, base in BASES.items()),
    *(
        ("xlsform", (VECTORS / "xlsform" / name).read_bytes())
        for name in ("widgets.xls", "group.xlsx", "text_and_integer.csv")
    ),
    ("spreadsheet", (VECTORS / "sheets" / "looks.xls").read_bytes()),
    ("spreadsheet", (VECTORS / "xlsform" / "group.xlsx").read_bytes()),
    ("spreadsheet", '姓名,金额\n王芳,"¥5.5"\n李雷,¥6\n'.encode("gb18030")),
]


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """A file that is cut off, has a few other bytes, or is written in another encoding."""
    if draw(st.booleans()):
        data = data[: draw(st.integers(0, len(data)))]
    changed = bytearray(data)
    for _ in range(draw(st.integers(0, 5)) if changed else 0):
        changed[draw(st.integers(0, len(changed) - 1))] = draw(st.integers(0, 255))
    encoding = draw(st.sampled_from([None, None, "gb18030", "utf-16", "utf-8-sig"]))
    return bytes(changed) if encoding is None else changed.decode("utf-8", "replace").encode(encoding, "replace")


@pytest.mark.parametrize("which", range(len(FILES)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_ends_in_a_form_that_opens_or_in_one_error(which: int, data: st.DataObject) -> None:
    kind, whole = FILES[which]
    try:
        result = convert(kind, data.draw(damaged(whole)), "a")
    except DefinitionError:
        return
    assert [problem for problem in definition.check(result.form) if problem.severity == "error"] == []
