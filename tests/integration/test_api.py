"""The REST API: who gets in, what it answers, that one workspace never reaches another's, and that nothing crashes it."""

import dataclasses
import json
import re
from typing import Any

import jsonschema
import pytest
from builders import World, new_world
from flask import Flask
from flask.testing import FlaskClient
from office import purchases
from werkzeug.test import TestResponse

from formloom.platform.app import create_app
from formloom.platform.models import Member
from formloom.platform.runtime import Runtime
from formloom.platform.services import inbox, processes, records, tokens

LAPTOPS = {"subject": "Laptops", "amount": 8000}


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return create_app(dataclasses.replace(runtime.settings, face="bare_face"), runtime)


class Client:
    """A program that calls the API as a member, with a token."""

    def __init__(self, app: Flask, world: World, member: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {tokens.create_token(world.caller(member), 'test')}"}

    def __call__(self, verb: str, path: str, status: int = 200, **more: Any) -> Any:
        answer: TestResponse = self.client.open(f"/api/v1{path}", method=verb, headers=self.headers, **more)
        assert answer.status_code == status, answer.text
        if status >= 400:
            assert answer.content_type == "application/problem+json"
        return answer.json


def office(app: Flask, world: World, member: str = "amy") -> Client:
    purchases(world)
    return Client(app, world, member)


def test_nobody_gets_in_without_a_token_or_a_session(app: Flask, world: World) -> None:
    client = app.test_client()
    for headers in ({}, {"Authorization": "Bearer fl_wrong"}, {"Authorization": "Basic YTpi"}, {"Authorization": "x"}):
        answer = client.get("/api/v1/apps", headers=headers)
        assert answer.status_code == 401
        assert answer.json is not None
        assert answer.json["title"] == "Please sign in"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_may_read_and_writes_only_with_its_csrf_token(app: Flask, world: World) -> None:
    purchases(world)
    client = browser(app, world)
    assert client.get("/api/v1/apps").status_code == 200
    body = {"values": LAPTOPS}
    assert client.post("/api/v1/forms/purchase/records", json=body).status_code == 400
    token = {"X-CSRFToken": client.get("/token").text}
    assert client.post("/api/v1/forms/purchase/records", json=body, headers=token).status_code == 201


def browser(app: Flask, world: World) -> FlaskClient:
    with world.admin.reading() as db:
        person = db.get_one(Member, (world.workspace_id, "amy")).person_id
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{person}:{world.workspace_id}:0"
    return client


def test_a_program_finds_its_way_from_workspace_to_form(app: Flask, world: World) -> None:
    call = office(app, world)
    assert call("GET", "/workspaces") == [{"id": world.workspace_id, "name": "Hesheng", "member_id": "amy"}]
    assert [each["key"] for each in call("GET", "/apps")] == ["office"]
    assert call("GET", "/apps/office")["name"] == "Office"
    assert [each["key"] for each in call("GET", "/forms")] == ["ledger", "purchase"]
    form = call("GET", "/forms/purchase")
    assert (form["title"], form["version"], form["workflow_version"], form["may_add"]) == ("Purchase", 1, 1, True)
    assert list(call("GET", "/forms/purchase/definition")["properties"])[:2] == ["subject", "amount"]
    assert call("GET", "/forms/purchase/workflow")["steps"][0]["id"] == "manager"
    schema = call("GET", "/forms/purchase/schema")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "x-form" not in schema
    call("GET", "/forms/ledger/workflow", 404)


def test_a_record_is_created_read_and_listed(app: Flask, world: World) -> None:
    call = office(app, world)
    made = call("POST", "/forms/purchase/records", 201, json={"values": LAPTOPS, "submission_key": "k1"})
    again = call("POST", "/forms/purchase/records", 201, json={"values": LAPTOPS, "submission_key": "k1"})
    assert again["id"] == made["id"]
    record = call("GET", f"/forms/purchase/records/{made['id']}")
    assert (record["values"], record["status"], record["title"]) == (LAPTOPS, "running", "Laptops")
    assert re.fullmatch(r"2026-11-24T09:00:00\+00:00", record["created_at"])
    assert call("GET", f"/requests/{made['process_id']}")["waiting_for"] == ["Waits for 李雷."]


def test_lists_are_filtered_sorted_and_paged_by_key(app: Flask, world: World) -> None:
    call = office(app, world)
    for number in range(5):
        call("POST", "/forms/ledger/records", 201, json={"values": {"what": f"No {number}", "amount": number}})
    seen, after = [], None
    while True:
        query = {"filter": "amount:ge:1", "sort": "-amount", "limit": 2} | ({"after": after} if after else {})
        page = call("GET", "/forms/ledger/records", query_string=query)
        seen += [item["values"]["amount"] for item in page["items"]]
        after = page["after"]
        if after is None:
            break
    assert seen == [4, 3, 2, 1]
    assert call("GET", "/forms/ledger/records", query_string={"text": "no 3"})["items"][0]["title"] == "No 3"


@pytest.mark.parametrize(
    "query",
    [{"filter": "nothing:eq:1"}, {"filter": "amount"}, {"filter": "amount:like:1"}, {"filter": "amount:ge:much"},
     {"sort": "nothing"}, {"after": "nonsense"}, {"limit": 0}, {"limit": "many"}, {"limit": 100000}, {"unknown": 1}],
)  # fmt: skip
def test_a_list_that_cannot_be_asked_for_says_why(app: Flask, world: World, query: dict[str, Any]) -> None:
    call = office(app, world)
    call("POST", "/forms/ledger/records", 201, json={"values": {"what": "Chairs", "amount": 1}})
    problem = call("GET", "/forms/ledger/records", 422, query_string=query)
    assert problem["detail"]


def test_a_change_needs_the_version_it_was_made_on(app: Flask, world: World) -> None:
    call = office(app, world)
    made = call("POST", "/forms/ledger/records", 201, json={"values": {"what": "Chairs", "amount": 1}})
    path = f"/forms/ledger/records/{made['id']}"
    changed = call("PATCH", path, json={"values": {"amount": 2}, "version": made["version"]})
    assert changed["version"] > made["version"]
    stale = call("PATCH", path, 409, json={"values": {"amount": 3}, "version": made["version"]})
    assert stale["errors"] == [{"pointer": "/amount", "message": "Amount"}]
    emptied = call("PATCH", path, json={"values": {"amount": None}, "version": changed["version"]})
    assert call("GET", path)["values"] == {"what": "Chairs"}
    assert emptied["version"] > changed["version"]


def test_every_error_of_a_record_is_told_at_its_field(app: Flask, world: World) -> None:
    call = office(app, world)
    values = {"amount": -1, "buyer": "ghost", "paid_on": "yesterday", "nothing": 1}
    problem = call("POST", "/forms/purchase/records", 422, json={"values": values})
    assert {error["pointer"] for error in problem["errors"]} >= {"/subject", "/amount", "/paid_on", "/nothing"}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 422), (b"{", 400), (b"[]", 422), (b"null", 422), (b'{"values": 5}', 422), (b'{"values": {"amount": NaN, "subject": "x"}}', 400),
     (b'{"values": {"amount": 1e400, "subject": "x"}}', 422), (b'{"values": {"subject": "a\\u0000b", "amount": 1}}', 422),
     (b'{"values": {"subject": "\\ud800", "amount": 1}}', 422), (b'{"values": {}, "unknown": 1}', 422),
     (b'{"values": ' + b'{"a":' * 20000 + b"1" + b"}" * 20000 + b"}", 400),
     (b'{"values": {"subject": "' + b"x" * 1_100_000 + b'"}}', 413),
     (b'{"values": {"amount": ' + b"9" * 5000 + b"}}", 422),
     (b'{"values": {"subject": "x", "amount": 1}, "submission_key": "\\u0000"}', 422), (b"\xff\xfe", 400)],
)  # fmt: skip
def test_a_hostile_body_is_answered_not_crashed_on(app: Flask, world: World, body: bytes, status: int) -> None:
    call = office(app, world)
    problem = call("POST", "/forms/purchase/records", status, data=body, content_type="application/json")
    assert problem["title"]


def test_a_body_that_is_no_json_is_refused(app: Flask, world: World) -> None:
    call = office(app, world)
    for more in ({"data": {"values": "x"}}, {"data": b'{"values": {}}', "content_type": "text/plain"}):
        problem = call("POST", "/forms/purchase/records", 415, **more)
        assert "application/json" in problem["detail"]
    whole = call("POST", "/forms/purchase/records", 422, json=[])
    assert [each["pointer"] for each in whole["errors"]] == [""]


def test_a_task_is_listed_looked_at_and_decided(app: Flask, world: World) -> None:
    saved = submit(world)
    li = Client(app, world, "li")
    (task,) = li("GET", "/tasks")["items"]
    assert (task["title"], task["step"], task["record_id"]) == ("Laptops", "Manager approves", saved.id)
    detail = li("GET", f"/tasks/{task['id']}")
    assert detail["actions"][:3] == ["approve", "reject", "return"]
    assert detail["targets"] == [{"step": "initiator", "title": None}]
    assert detail["fields"]["*"] == "read"
    body = {"action": "approve", "comment": "Fine.", "content_hash": detail["content_hash"]}
    answer = li("POST", f"/tasks/{task['id']}/decision", json=body)
    assert answer["status"] == "running"
    assert answer["waiting_for"] == ["Waits for 李雷."]
    refused = li("POST", f"/tasks/{task['id']}/decision", 409, json=body)
    assert (refused["title"], refused["detail"]) == ("Not possible now", "Already decided by 李雷: approved.")


def test_whose_task_it_is_comes_before_what_is_sent_with_it(app: Flask, world: World) -> None:
    """403 for whoever sees the request but does not have the task; 409 only for whoever had it."""
    saved = submit(world)
    task, amy = inbox.todo(world.caller("li")).rows[0].task_id, Client(app, world, "amy")
    for body in ({"action": "approve"}, {"action": "approve", "values": {"amount": "x"}}, {"action": "return"}):
        refused = amy("POST", f"/tasks/{task}/decision", 403, json=body)
        assert (refused["title"], refused["detail"]) == ("Not yours to do", "This is the task of 李雷.")
        assert "errors" not in refused
    processes.decide(world.caller("li"), task or "", "approve")
    amy("POST", f"/tasks/{task}/decision", 409, json={"action": "approve"})
    assert amy("GET", f"/requests/{saved.process_id}")["status"] == "running"


def submit(world: World) -> records.Saved:
    purchases(world)
    return records.create_record(world.caller("amy"), "purchase", LAPTOPS)


def test_a_decision_fills_in_what_the_step_asks_for(app: Flask, world: World) -> None:
    submit(world)
    li = Client(app, world, "li")
    for _ in range(2):
        processes.decide(world.caller("li"), inbox.todo(world.caller("li")).rows[0].task_id or "", "approve")
    (task,) = li("GET", "/tasks")["items"]
    problem = li("POST", f"/tasks/{task['id']}/decision", 422, json={"action": "done"})
    assert [error["pointer"] for error in problem["errors"]] == ["/paid_on"]
    done = {"action": "done", "values": {"paid_on": "2026-11-24"}}
    assert li("POST", f"/tasks/{task['id']}/decision", json=done)["status"] == "approved"


def test_a_decision_over_changed_content_names_what_changed(app: Flask, world: World) -> None:
    saved = submit(world)
    li = Client(app, world, "li")
    (task,) = li("GET", "/tasks")["items"]
    shown = li("GET", f"/tasks/{task['id']}")["content_hash"]
    processes.correct(world.admin, saved.process_id or "", {"amount": 9000})
    body = {"action": "approve", "content_hash": shown}
    problem = li("POST", f"/tasks/{task['id']}/decision", 409, json=body)
    assert problem["errors"] == [{"pointer": "/amount", "message": "Amount"}]
    assert problem["title"] == "Something changed meanwhile"


def test_permissions_hold_at_this_door_too(app: Flask, world: World) -> None:
    saved = submit(world)
    bob = Client(app, world, "bob")
    task = inbox.todo(world.caller("li")).rows[0].task_id
    bob("GET", f"/forms/purchase/records/{saved.id}", 404)
    bob("GET", f"/requests/{saved.process_id}", 404)
    bob("GET", f"/tasks/{task}", 404)
    bob("POST", f"/tasks/{task}/decision", 404, json={"action": "approve"})
    assert bob("GET", "/forms/purchase/records")["items"] == []
    bob("PATCH", f"/forms/purchase/records/{saved.id}", 404, json={"values": {"amount": 1}, "version": 1})


def test_every_address_asked_with_a_second_workspaces_ids_finds_nothing(app: Flask, runtime: Runtime) -> None:
    ours, theirs = new_world(runtime), new_world(runtime, name="Other")
    saved = submit(theirs)
    task = inbox.todo(theirs.caller("li")).rows[0].task_id
    ids = {
        "app_key": "office",
        "form_key": "purchase",
        "record_id": saved.id,
        "process_id": saved.process_id,
        "task_id": task,
    }
    bodies = {"POST": {"values": LAPTOPS, "action": "approve"}, "PATCH": {"values": {"amount": 1}, "version": 1}}
    asked = 0
    for admin in ("root", "li"):
        call = Client(app, ours, admin)
        for rule in app.url_map.iter_rules():
            if not rule.rule.startswith("/api/v1/") or not rule.arguments:
                continue
            path = re.sub(r"<(\w+)>", lambda match: str(ids[match[1]]), rule.rule).removeprefix("/api/v1")
            for verb in rule.methods & {"GET", "POST", "PATCH", "PUT", "DELETE"}:
                body = {key: value for key, value in bodies.get(verb, {}).items() if _takes(path, key)}
                call(verb, path, 404, **({"json": body} if body else {}))
                asked += 1
    assert asked >= 20


def _takes(path: str, key: str) -> bool:
    return key in (("action",) if path.endswith("/decision") else ("values", "version"))


def test_a_record_of_another_form_is_not_found_under_this_one(app: Flask, world: World) -> None:
    saved = submit(world)
    Client(app, world, "root")("GET", f"/forms/ledger/records/{saved.id}", 404)


def test_the_openapi_document_is_3_1_and_names_every_address(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    assert document["openapi"] == "3.1.0"
    routes = {
        re.sub(r"<(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint.partition(".")[0] not in ("api_docs", "api-docs")
    }
    assert set(document["paths"]) == routes
    operations = [
        operation for path in document["paths"].values() for verb, operation in path.items() if verb != "parameters"
    ]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert "default" in operation["responses"]
    for error in document["components"]["responses"].values():
        assert list(error["content"]) == ["application/problem+json"]
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert set(document["components"]["schemas"]) == used


def test_the_docs_page_needs_no_script_and_nothing_from_elsewhere(app: Flask) -> None:
    page = app.test_client().get("/api/v1/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "//" not in re.sub(r"https?://\S+\.example", "", page.text.replace("</", ""))
    assert "/api/v1/forms/{form_key}/records" in page.text
    for target in re.findall(r'href="#([^"]+)"', page.text):
        assert f'id="{target}"' in page.text, target
    assert app.test_client().get("/api/v1/docs.css").mimetype == "text/css"


def test_the_docs_page_speaks_the_readers_language(app: Flask) -> None:
    """All but what is as programs read it: names, types, what schemas say of their properties."""
    english, chinese = (
        app.test_client().get("/api/v1/docs", headers={"Accept-Language": lang}).text for lang in ("en", "zh-CN")
    )
    assert english.startswith('<!doctype html>\n<html lang="en">')
    assert '<html lang="zh-Hans">' in chinese
    said = [
        [
            re.sub("<[^>]*>?", "", text).strip()
            for text in re.findall(r"<(?:p>.*?</p|caption>.*?</caption|th scope=\"col\">.*?</th)", page)
        ]
        for page in (english, chinese)
    ]
    names = re.compile(r"^(← Formloom|\d+: \w*|)$")  # the way back, and a status with its schema
    assert [text for text in said[1] if not re.search("[一-鿿]", text) and not names.match(text)] == []
    assert len(said[0]) == len(said[1])
    document = app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": "zh-CN"}).json
    assert document == app.test_client().get("/api/v1/openapi.json").json


def test_answers_fit_the_schemas_of_the_document(app: Flask, world: World) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    saved = submit(world)
    li = Client(app, world, "li")
    task = inbox.todo(world.caller("li")).rows[0].task_id
    paths = {
        "/workspaces": {}, "/apps": {}, "/apps/{app_key}": {"app_key": "office"}, "/forms": {}, "/forms/{form_key}": {},
        "/forms/{form_key}/records": {}, "/forms/{form_key}/records/{record_id}": {"record_id": saved.id}, "/tasks": {},
        "/tasks/{task_id}": {"task_id": task}, "/requests/{process_id}": {"process_id": saved.process_id},
    }  # fmt: skip
    for path, ids in paths.items():
        answer = li("GET", path.format(**({"form_key": "purchase"} | ids)))
        schema = document["paths"][f"/api/v1{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(
            json.loads(json.dumps(answer))
        )
