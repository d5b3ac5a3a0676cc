"""The official JSON Schema test suite (draft 2020-12, required part): our record validator and `jsonschema` agree.

Two rounds: each schema by itself, and each schema as the property of a form, whose records are closed and have no blanks.
"""

import json
import re
from pathlib import Path

import pytest
from form_builders import CONTEXT, a_form, problems
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import _WrappedReferencingError

from formloom.form_engine import definition, record
from formloom.form_engine.validator import compiled

SUITE = Path(__file__).parents[2] / "vectors" / "jsonschema"

NOT_IN_A_FORM = {
    "anchor.json": "`$anchor`: a form refers to its own `$defs` by pointer only",
    "dynamicRef.json": "`$dynamicRef`: a form refers to its own `$defs` by pointer only",
    "refRemote.json": "references to other documents are a definition error",
    "vocabulary.json": "`$vocabulary` describes meta-schemas",
}
ASSERTED = "format.json"
"""In a form `format` is asserted; this file tests that by default it is not, so only the two validators are compared."""
UNUSUAL_FORMATS = ("iri", "iri-reference")
LINEAR_PATTERNS = "\\p{…} compiles in our engine and not in Python's `re`, in which `jsonschema` runs patterns"


def groups():
    for path in sorted(SUITE.glob("*.json")):
        if path.name not in NOT_IN_A_FORM:
            for group in json.loads(path.read_text("utf-8")):
                tests = [case | {"valid": None} for case in group["tests"]] if path.name == ASSERTED else group["tests"]
                yield pytest.param(group["schema"], tests, id=f"{path.stem}: {group['description']}")


def stock(schema, value):
    """The verdict of `jsonschema`; None where it cannot run the schema, or lacks the package that checks a format."""
    if any(name not in FormatChecker.checkers for name in UNUSUAL_FORMATS if f'"{name}"' in json.dumps(schema)):
        return None
    try:
        return Draft202012Validator(schema, format_checker=FormatChecker()).is_valid(value)
    except (re.error, _WrappedReferencingError):
        return None


@pytest.mark.parametrize(("schema", "cases"), list(groups()))
def test_our_validator_and_jsonschema_agree_with_the_suite(schema, cases):
    validator = compiled(schema)
    for case in cases:
        verdict = validator.is_valid(case["data"])
        assert case["valid"] in (verdict, None), case["description"]
        assert stock(schema, case["data"]) in (verdict, None), (case["description"], LINEAR_PATTERNS)


def has_blank(value):
    if isinstance(value, dict):
        return not value or any(map(has_blank, value.values()))
    if isinstance(value, list):
        return not value or any(map(has_blank, value))
    return value is None or (isinstance(value, str) and not value.strip())


def as_property(schema):
    """The form whose one field has this schema; its own `$defs` become the form's."""
    document = a_form(x=schema)
    if isinstance(schema, dict) and "$defs" in schema:
        document["$defs"] = schema["$defs"]
        document["properties"]["x"] = {key: value for key, value in schema.items() if key != "$defs"}
    return document


def opened_otherwise(field, value):
    """Why a form's verdict may differ: groups and rows are objects, and closed."""
    if field.type.name not in ("group", "table"):
        return False
    wanted = list if field.type.name == "table" else dict
    return not isinstance(value, wanted) or (wanted is dict and bool(set(value) - set(field.columns)))


@pytest.mark.parametrize(("schema", "cases"), list(groups()))
def test_a_form_with_such_a_field_gives_the_same_verdict(schema, cases):
    document = as_property(schema)
    found = problems(document)
    if found:  # refused with a reason that the page on meaning gives, never by accident
        assert all(
            "$ref" in pointer or "NUL" in told or "Nothing satisfies" in told or "$dynamicRef" in pointer
            for pointer, told in found.items()
        ), found
        return
    form = definition.load(document)
    for case in cases:
        expected = stock(document, {"x": case["data"]})
        if has_blank(case["data"]) or opened_otherwise(form.fields["x"], case["data"]) or expected is None:
            continue
        settled = record.settle(form, record.read({"x": case["data"]}, form=form), CONTEXT)
        assert settled.valid == expected, (case["description"], settled.errors)
