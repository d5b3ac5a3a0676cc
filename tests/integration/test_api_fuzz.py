"""The API under random requests: no crash, every refusal a problem document, every answer as the OpenAPI document says."""

import dataclasses
import re
from typing import Any
from urllib.parse import quote

import jsonschema
from builders import World
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import purchases

from formloom.platform.app import create_app
from formloom.platform.services import inbox, records, tokens

WORDS = st.sampled_from(
    ["subject", "amount", "buyer", "paid_on", "items", "values", "version", "action", "approve", "return", "initiator", "amy",
     "2026-11-24", "purchase", "ledger", "office", "eq", "in", "between", "amount:ge:1", "-amount", "", "null", "\u0000", "0"]
)  # fmt: skip
TEXTS = WORDS | st.text(max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
BODIES = VALUES | st.fixed_dictionaries(
    {},
    optional={
        "values": VALUES,
        "version": SCALARS,
        "action": SCALARS,
        "comment": SCALARS,
        "target": SCALARS,
        "content_hash": SCALARS,
        "submission_key": SCALARS,
        "confirmed": SCALARS,
    },
)
QUERIES = st.dictionaries(
    st.sampled_from(["filter", "sort", "text", "after", "limit", "only", "form", "nothing"]), TEXTS, max_size=3
)
ASKED = settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def client_of(world: World) -> tuple[FlaskClient, dict[str, str], dict[str, str]]:
    """An application with records and an open task, what fills its addresses, and the headers of a caller."""
    purchases(world)
    saved = records.create_record(world.caller("amy"), "purchase", {"subject": "Laptops", "amount": 8000})
    records.create_record(world.caller("amy"), "ledger", {"what": "Chairs"})
    ids = {"app_key": "office", "form_key": "purchase", "record_id": saved.id, "process_id": saved.process_id or ""}
    ids["task_id"] = inbox.todo(world.caller("li")).rows[0].task_id or ""
    app = create_app(dataclasses.replace(world.runtime.settings, face="bare_face"), world.runtime)
    return app.test_client(), ids, {"Authorization": f"Bearer {tokens.create_token(world.caller('li'), 'fuzz')}"}


def test_random_requests_are_answered_as_the_document_says(world: World) -> None:
    client, ids, headers = client_of(world)
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    operations = [
        (path, verb, operation["responses"])
        for path, entry in document["paths"].items()
        for verb, operation in entry.items()
        if verb != "parameters"
    ]

    @ASKED
    @given(st.sampled_from(operations), st.booleans(), TEXTS, QUERIES, BODIES)
    def ask(operation: Any, known: bool, odd: str, query: dict[str, str], body: Any) -> None:
        path, verb, responses = operation
        unknown = quote(odd.strip("/.") or "x", safe="")
        filled = re.sub(r"{(\w+)}", lambda match: ids[match[1]] if known else unknown, path)
        sent = {} if verb == "get" else {"json": body}
        answer = client.open(filled, method=verb, headers=headers, query_string=query, **sent)
        check(document, responses, answer)

    ask()


def check(document: dict[str, Any], responses: dict[str, Any], answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
        schema = {"$ref": "#/components/schemas/ProblemDocument"}
    else:
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json)
