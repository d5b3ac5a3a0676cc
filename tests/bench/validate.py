"""A record read, computed and validated, beside jsonschema's own validation alone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.rows import Row, per_second
from jsonschema import Draft202012Validator

from formloom.form_engine import definition, record

PACKAGE = Path(__file__).parent / "package"
CONTEXT = record.Context(now=datetime(2026, 11, 24, tzinfo=UTC))


def small_form() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PACKAGE / "forms" / "bench_request.json").read_text(encoding="utf-8"))
    return document


def large_form() -> dict[str, Any]:
    """200 fields and 50 rules: numbers, of which every fourth is computed from two others."""
    fields: dict[str, Any] = {}
    for number in range(200):
        computed = number % 4 == 3
        field: dict[str, Any] = {"type": "number", "title": f"Field {number}"}
        if computed:
            field |= {
                "readOnly": True,
                "x-field": {"compute": {"+": [{"var": f"n{number - 1}"}, {"var": f"n{number - 2}"}]}},
            }
        fields[f"n{number}"] = field
    rules = [
        {"when": {">": [{"var": f"n{number * 4}"}, 1000]}, "field": f"n{number * 4}", "message": "At most 1,000."}
        for number in range(50)
    ]
    return {"$id": "large", "title": "Large", "type": "object", "properties": fields, "x-form": {"rules": rules}}


def sample(form: definition.Form) -> dict[str, Any]:
    return {key: field.type.sample(field) for key, field in form.fields.items() if not field.read_only}


def rates(document: dict[str, Any]) -> tuple[float, float]:
    """Ours and jsonschema's, a second."""
    form = definition.load(document)
    values = sample(form)
    settled = record.settle(form, values, CONTEXT)
    if not settled.valid:
        raise AssertionError(settled.errors)
    validator = Draft202012Validator(record.to_json_schema(form), format_checker=Draft202012Validator.FORMAT_CHECKER)
    ours, theirs = per_second(lambda: record.settle(form, values, CONTEXT), lambda: list(validator.iter_errors(values)))
    return ours, theirs


def run() -> Iterator[Row]:
    for name, document in (("20-field", small_form()), ("200-field, 50-rule", large_form())):
        ours, theirs = rates(document)
        target = "≥ 10 ×" if name.startswith("20-") else "–"
        yield Row(
            f"{name} record, computed and validated",
            f"{ours:,.0f}/s",
            f"jsonschema, validation alone {theirs:,.0f}/s",
            f"{ours / theirs:.1f} ×",
            target,
        )
