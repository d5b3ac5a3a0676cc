"""The browser works a form out step by step as the server does at once, and only what depends on a change."""

import json
import random
import statistics
import subprocess
from datetime import datetime
from typing import Any

import pytest
from logic_both import NOW, VECTORS, ZONE, alike

from formloom.form_engine import definition, record
from formloom.form_engine.browser import browser_model
from formloom.form_engine.form import Form

CONTEXT = record.Context(now=datetime.fromisoformat(NOW), zone=ZONE, member="amy")


def number(**settings: Any) -> dict[str, Any]:
    return {"type": "number", "x-field": {"type": "number", **settings}}


def form(
    properties: dict[str, Any], rules: list[dict[str, Any]] | None = None, required: list[str] | None = None
) -> Form:
    document = {
        "type": "object",
        "properties": properties,
        "required": required or [],
        "x-form": {"rules": rules or []},
    }
    return definition.load(document)


def browser(form: Form, steps: list[dict[str, Any]], repeat: int = 0) -> dict[str, Any]:
    model = browser_model(form, CONTEXT, None, "en")
    asked = json.dumps({"model": model, "steps": steps, "repeat": repeat})
    command = ["node", "--disallow-code-generation-from-strings", str(VECTORS / "graph.mjs")]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


ROWS = {
    "type": "array",
    "x-field": {"type": "table"},
    "items": {
        "type": "object",
        "properties": {
            "price": number(decimals=2),
            "count": {"type": "integer"},
            "discount": number(visibleWhen={">": [{"var": "price"}, 100]}, decimals=2),
            "sum": number(
                compute={"-": [{"*": [{"var": "price"}, {"var": "count"}]}, {"var": "discount"}]}, decimals=2
            ),
            "share": number(compute={"/": [{"var": "sum"}, {"var": "total"}]}, decimals=3),
        },
    },
}
ORDER = form(
    {
        "kind": {"type": "string", "enum": ["money", "gift"]},
        "express": {"type": "boolean", "x-field": {"visibleWhen": {"==": [{"var": "kind"}, "gift"]}}},
        "items": {
            **ROWS,
            "items": {
                **ROWS["items"],
                "properties": {k: v for k, v in ROWS["items"]["properties"].items() if k != "share"},
            },
        },
        "amount": number(
            visibleWhen={"==": [{"var": "kind"}, "money"]}, requiredWhen={"==": [{"var": "kind"}, "money"]}, decimals=2
        ),
        "fee": number(compute={"if": [{"var": "express"}, 9.995, 0]}, decimals=2),
        "total": number(
            compute={"+": [{"var": "amount"}, {"var": "fee"}, {"sum": [{"map": [{"var": "items"}, {"var": "sum"}]}]}]},
            decimals=2,
        ),
        "limit": number(default={"*": [{"var": "total"}, 2]}, readOnlyWhen={">": [{"var": "total"}, 500]}),
        "note": {"type": "string", "x-field": {"visibleWhen": {">": [{"var": "total"}, {"var": "limit"}]}}},
        "code": {
            "type": "string",
            "x-field": {
                "type": "text",
                "compute": {"cat": [{"upper": [{"var": "note"}]}, "-", {"count": [{"var": "items"}]}]},
            },
        },
        "due": {"type": "string", "format": "date", "x-field": {"default": {"dateAdd": [{"today": []}, 7, "days"]}}},
    },
    rules=[{"when": {">": [{"var": "total"}, 1000]}, "message": "Much.", "field": "total", "severity": "warning"}],
    required=["kind"],
)


def typed(rng: random.Random, before: dict[str, Any]) -> dict[str, Any]:
    """What somebody has typed a moment later."""
    now = json.loads(json.dumps(before))
    rows = now.setdefault("items", [])
    match rng.randrange(9):
        case 0:
            now["kind"] = rng.choice(["money", "gift"])
        case 1:
            now["express"] = rng.random() < 0.5
        case 2 | 3:
            now["amount"] = rng.choice([0, 12.5, 99.99, 600, 2000])
        case 4 if rows:
            rows.pop(rng.randrange(len(rows)))
        case 5 | 6:
            rows.append({"price": rng.choice([5, 120.25, 0.07]), "count": rng.randint(1, 9), "discount": 3.5})
        case 7 if rows:
            rows[rng.randrange(len(rows))][rng.choice(["price", "count"])] = rng.randint(1, 300)
        case _:
            now["note"] = rng.choice(["a", "Zoë", "x y"])
    return {key: value for key, value in now.items() if value not in ("", [], None)}


@pytest.mark.parametrize("seed", range(6))
def test_each_step_leads_where_the_server_goes_at_once(seed: int) -> None:
    rng = random.Random(seed)
    steps: list[dict[str, Any]] = [{"typed": {}}]
    for _ in range(60):
        steps.append({"typed": typed(rng, steps[-1]["typed"])})
    for step, outcome in zip(steps, browser(ORDER, steps)["outcomes"], strict=True):
        settled = record.settle(ORDER, step["typed"], CONTEXT)
        assert alike(outcome["values"], dict(settled.values)), step
        for place, state in settled.states.items():
            shown = outcome["states"][place]
            assert (shown["visible"], shown["readonly"], shown["required"]) == (
                state.visible,
                state.readonly,
                state.required,
            ), (place, step)
        assert set(outcome["states"]) == set(settled.states)
        assert [rule["message"] for rule in outcome["rules"]] == [warning.message for warning in settled.warnings]


def test_a_default_follows_until_a_person_types() -> None:
    steps = [
        {"typed": {"kind": "money", "amount": 10}},
        {"typed": {"kind": "money", "amount": 20}},
        {"typed": {"kind": "money", "amount": 20, "limit": 7}, "touched": ["limit"]},
        {"typed": {"kind": "money", "amount": 30, "limit": 7}, "touched": ["limit"]},
        {"typed": {"kind": "money", "amount": 30}, "touched": ["limit"]},
    ]
    limits = [outcome["values"].get("limit") for outcome in browser(ORDER, steps)["outcomes"]]
    assert limits == [20, 40, 7, 7, None]


def test_a_computed_value_is_fitted_to_its_field_as_on_the_server() -> None:
    made = form(
        {
            "paid": {"type": "boolean"},
            "copy": {"type": "boolean", "x-field": {"compute": {"and": [{"var": "paid"}, True]}}},
            "sum": {"type": "number", "x-field": {"compute": {"+": [0.1, 0.2]}}},
            "same": {"type": "boolean", "x-field": {"compute": {"==": [{"var": "sum"}, 0.3]}}},
        }
    )
    (outcome,) = browser(made, [{"typed": {}}])["outcomes"]
    assert outcome["values"] == record.settle(made, {}, CONTEXT).record == {"copy": False, "sum": 0.3, "same": True}


def test_what_is_white_space_is_the_same_on_both_sides() -> None:
    signs = ["\x1f", "\x85", "\u3000", "\u200b", "\ufeff", "\t\n"]
    made = form(
        {f"a{i}": {"type": "string", "x-field": {"compute": {"if": [True, sign]}}} for i, sign in enumerate(signs)}
    )
    (outcome,) = browser(made, [{"typed": {}}])["outcomes"]
    assert outcome["values"] == record.settle(made, {}, CONTEXT).record == {"a3": "\u200b", "a4": "\ufeff"}


def test_only_what_depends_on_a_change_is_reported() -> None:
    first = {"kind": "gift", "items": [{"price": 5, "count": 2}]}
    second = {"kind": "gift", "items": [{"price": 5, "count": 3}]}
    _, outcome = browser(ORDER, [{"typed": first}, {"typed": second}])["outcomes"]
    assert set(outcome["changed"]) == {"items/0/count", "items/0/sum", "total", "limit"}
    _, outcome = browser(ORDER, [{"typed": first}, {"typed": first}])["outcomes"]
    assert outcome["changed"] == []


def test_what_is_hidden_comes_back_as_it_was_typed() -> None:
    steps = [{"typed": {"kind": kind, "amount": 12.5}} for kind in ("money", "gift", "money")]
    assert [outcome["values"].get("amount") for outcome in browser(ORDER, steps)["outcomes"]] == [12.5, None, 12.5]


def test_a_change_in_a_form_of_200_fields_and_50_rules_takes_less_than_5_milliseconds() -> None:
    properties: dict[str, Any] = {f"n{i}": number(decimals=2) for i in range(150)}
    for i in range(50):
        before = {"var": f"n{i - 1}x"} if i % 10 else 0
        tree = {"+": [{"*": [{"var": f"n{i}"}, {"var": f"n{i + 50}"}]}, before]}
        properties[f"n{i}x"] = number(compute=tree, visibleWhen={">=": [{"var": f"n{i + 100}"}, 0]}, decimals=2)
    rules = [{"when": {">": [{"var": f"n{i}x"}, 10**9]}, "message": "Much.", "field": f"n{i}x"} for i in range(50)]
    large = form(properties, rules)
    values = {f"n{i}": i + 0.25 for i in range(150)}
    steps = [{"typed": values}, {"typed": {**values, "n10": 5}}]
    answer = browser(large, steps, repeat=200)
    assert len(answer["outcomes"][1]["changed"]) == 11
    assert statistics.median(answer["times"]) < 5
