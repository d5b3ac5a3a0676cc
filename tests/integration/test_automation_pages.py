"""The pages of automations, moves and replays: they open, say what is wrong where it was typed, and do what they say."""

import dataclasses
import json
import re
from typing import Any

import pytest
from builders import MEMBER, TEXT, World, form
from flask.testing import FlaskClient

from formloom.platform.app import create_app
from formloom.platform.models import Member, Person
from formloom.platform.passwords import hashed
from formloom.platform.services import automations, publishing, records
from formloom.platform.services import forms as form_service
from formloom.platform.work import Hands

BUTTON: dict[str, Any] = {"section": "All", "fields": ["name", "owner", {"button": "Stamp it", "automation": "stamp"}]}
STAMP = {"form": "deal", "on": {"button": True}, "do": [{"updateRecord": {"set": {"name": "stamped"}}}]}


@pytest.fixture
def office(world: World) -> World:
    deal = form("deal", {"name": TEXT, "owner": MEMBER}, title="{name}", layout=[BUTTON])
    world.app(forms=[deal], automations={"stamp": STAMP})
    return world


@pytest.fixture
def client(office: World) -> FlaskClient:
    """Rita Root, signed in."""
    app = create_app(dataclasses.replace(office.runtime.settings, face="formloom.web"), office.runtime)
    with office.runtime.writing() as db:
        member = db.get_one(Member, (office.workspace_id, "root"))
        person = db.get_one(Person, member.person_id)
        person.password_hash = hashed("a long enough password")
        email = person.email
    client = app.test_client()
    send(client, "/sign-in", page="/sign-in", email=email, password="a long enough password")
    return client


def send(client: FlaskClient, to: str, *, page: str = "/profile", **typed: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(to, data={**typed, "csrf_token": token[1]})


@pytest.mark.parametrize("path", ["/design/office/automations", "/design/office/automations/stamp", "/admin/automations", "/admin/automations?status=done", "/design/office/deal/versions", "/design/office/deal/replay", "/design/office"])  # fmt: skip
def test_each_page_opens(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:500]
    assert "<h1" in answer.text
    assert " style=" not in answer.text


def test_what_is_wrong_keeps_what_was_typed(client: FlaskClient, office: World) -> None:
    wrong = json.dumps({**STAMP, "on": {"buton": True}})
    answer = send(client, "/design/office/automations/stamp", document=wrong)
    assert answer.status_code == 422
    assert "buton" in answer.text
    assert automations.automation(office.admin, "office", "stamp") == STAMP
    assert send(client, "/design/office/automations/stamp", document="{").status_code == 422
    good = send(client, "/design/office/automations/stamp", document=json.dumps({**STAMP, "title": "Other"}))
    assert good.status_code == 302


def test_an_automation_that_another_tab_has_changed_is_not_overwritten(client: FlaskClient, office: World) -> None:
    address = "/design/office/automations/stamp"
    (shown,) = re.findall(r'name="over" value="(\w+)"', client.get(address).text)
    first, second = (json.dumps({**STAMP, "title": title}) for title in ("First", "Second"))
    assert send(client, address, document=first, over=shown).status_code == 302
    for _ in range(2):
        answer = send(client, address, document=second, over=shown)
        assert answer.status_code == 409
        assert "in another tab" in answer.text
        assert "Second" in answer.text
        assert f'name="over" value="{shown}"' in answer.text
    assert automations.automation(office.admin, "office", "stamp")["title"] == "First"


def test_an_automation_is_begun_and_deleted(client: FlaskClient, office: World) -> None:
    assert send(client, "/design/office/automations", title="", key="Bad!", form="deal").status_code == 422
    assert send(client, "/design/office/automations", title="Tell", key="tell", form="deal").status_code == 302
    assert send(client, "/design/office/automations", title="Tell", key="tell", form="deal").status_code == 409
    assert send(client, "/design/office/automations/tell/delete").status_code == 302
    assert [row.key for row in automations.automations(office.admin, "office")] == ["stamp"]


def test_a_button_stands_on_the_record_and_is_pressed(client: FlaskClient, office: World) -> None:
    ident = office.add("deal", name="Deal")
    assert "Stamp it" in client.get(f"/apps/office/deal/{ident}").text
    fresh = client.get("/apps/office/deal/new").text
    assert re.search(r'<button [^>]*disabled[^>]*aria-describedby="layout-0-2-why"', fresh)
    assert "once the record is saved" in fresh
    assert send(client, f"/apps/office/deal/{ident}/press/stamp").status_code == 302
    assert records.record(office.admin, "deal", ident).row.values["name"] == "stamped"
    log = client.get("/admin/automations?status=done").text
    assert "What happened" in log


def test_a_run_that_failed_is_tried_again_from_the_log(client: FlaskClient, office: World) -> None:
    wanted = {"updateRecord": {"form": "deal", "where": {"name": "wanted"}, "set": {"name": "found"}}}
    automations.save_automation(office.admin, "office", "stamp", json.dumps({**STAMP, "on": {"created": True}, "do": [wanted]}))  # fmt: skip
    office.add("deal", name="First")
    page = client.get("/admin/automations").text
    found = re.search(r"/admin/automations/([^/]+)/retry", page)
    assert found
    assert send(client, f"/admin/automations/{found[1]}/retry").status_code == 302
    assert automations.in_need(office.admin) >= 1


def test_requests_under_way_are_moved_from_the_versions_page(client: FlaskClient, office: World) -> None:
    for steps in (["one"], ["one", "two"]):
        made = [{"id": id, "type": "approval", "assignees": [{"member": "li"}]} for id in steps]
        form_service.save_draft(office.admin, "deal", "workflow", {"form": "deal", "steps": made})
        publishing.publish(office.admin, "deal")
        office.add("deal", name="Deal")
    page = client.get("/design/office/deal/versions").text
    assert "Move 1 running request" in page
    assert send(client, "/design/office/deal/move").status_code == 302
    assert "data-job=" in client.get("/design/office/deal/versions").text, "its progress stands on the page"
    assert client.get("/admin/jobs").status_code == 200
    Hands(office.runtime, at_once=2).sweep("job")
    after = client.get("/design/office/deal/versions").text
    assert "The last move took 1 request along." in after
    assert "Take 1 move back" in after
    assert "Each would go the same way" in client.get("/design/office/deal/replay").text


def test_one_request_is_moved_and_taken_back_from_its_own_page(client: FlaskClient, office: World) -> None:
    made: list[str] = []
    for steps in (["one"], ["one", "two"], ["two"]):
        flow = [{"id": id, "type": "approval", "assignees": [{"member": "li"}]} for id in steps]
        form_service.save_draft(office.admin, "deal", "workflow", {"form": "deal", "steps": flow})
        publishing.publish(office.admin, "deal")
        made.append(office.add("deal", name=f"Deal {len(made)}")) if len(made) < 2 else None
        if len(made) == 2 and steps[0] == "one":
            first = f"/apps/office/deal/{made[0]}"
            process = records.record(office.admin, "deal", made[0]).process_id
            assert "Move to version 2" in client.get(first).text
            assert send(client, f"/requests/{process}/move").headers["Location"] == first
            assert "It was moved to version 2" in client.get(first).text
            assert "Move to version 2" not in client.get(f"/apps/office/deal/{made[1]}").text
            assert send(client, f"/requests/{process}/move-back").status_code == 302
            assert "It runs under version 1 of its workflow; the newest is version 2." in client.get(first).text
            send(client, f"/requests/{process}/move-back")
            assert "the move can’t be taken back any more" in client.get(first).text
    page = client.get(f"/apps/office/deal/{made[0]}").text
    assert "It can’t be moved:" in page
    assert "Move to version 3" not in page


def test_the_draft_of_a_workflow_is_proven_for_its_page(client: FlaskClient, office: World) -> None:
    def proven(*steps: Any) -> Any:
        form_service.save_draft(office.admin, "deal", "workflow", {"form": "deal", "steps": list(steps)})
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/profile").text)
        assert token
        return client.post("/design/office/deal/workflow/prove", headers={"X-CSRFToken": token[1]}).json

    agree = {"id": "agree", "type": "approval", "title": "Agree", "assignees": [{"field": "owner"}]}
    named = {"id": "named", "type": "branch", "title": "Who", "branches": [{"when": {"==": [{"var": "name"}, "x"]}, "steps": [agree]}]}  # fmt: skip
    assert (proven()["begun"], proven({**agree, "assignees": [{"field": "owne"}]})["begun"]) == (False, False)
    answer = proven(named)
    gap = next(found for found in answer["findings"] if found["severity"] == "error")
    assert (gap["step"], gap["pointer"]) == ("Who", "/steps/0")
    assert "matches no branch" in gap["message"]
    assert "is-wrong" in answer["preview"]
    assert (answer["begun"], answer["decided"]) == (True, True)
