"""Whatever a request waits for, its page says what, since when, until when and who can move it; and why it went its way."""

import dataclasses
import re
from typing import Any

import pytest
from builders import World
from flask.testing import FlaskClient
from office import PURCHASE, install

from formloom.platform.app import create_app
from formloom.platform.models import Member, Person
from formloom.platform.passwords import hashed
from formloom.platform.services import processes, records
from formloom.platform.services.requests import request
from formloom.platform.work import Hands

LI = {"id": "one", "type": "approval", "title": "One", "assignees": [{"member": "li"}]}
NOBODY = {**LI, "title": "Nobody’s", "assignees": [{"role": "nobody"}], "whenEmpty": "block"}
HOOK = {"id": "ask", "type": "action", "title": "Ask", "do": {"webhook": {"url": "https://example.com/hook"}}}
INNER = {**PURCHASE, "$id": "inner", "title": "Inner"}


def wait(**more: Any) -> dict[str, Any]:
    return {"id": "pause", "type": "wait", "title": "Pause", **more}


def page(world: World, *steps: dict[str, Any], **values: Any) -> tuple[FlaskClient, str, str]:
    """An admin, and the page of a request with these steps; and its process."""
    flow = {"form": "purchase", "steps": list(steps)}
    install(world, {"purchase": (PURCHASE, flow), "inner": (INNER, {"form": "inner", "steps": [LI]})})
    saved = records.create_record(world.caller("amy"), "purchase", {"subject": "Laptops", "amount": 8000} | values)
    process = records.record(world.admin, "purchase", saved.id).process_id
    return signed_in(world), f"/apps/office/purchase/{saved.id}", str(process)


def signed_in(world: World, member: str = "root") -> FlaskClient:
    app = create_app(dataclasses.replace(world.runtime.settings, face="formloom.web"), world.runtime)
    with world.runtime.writing() as db:
        person = db.get_one(Person, db.get_one(Member, (world.workspace_id, member)).person_id)
        person.password_hash, email = hashed("a long enough password"), person.email
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    client.post("/sign-in", data={"email": email, "password": "a long enough password", "csrf_token": token[1]})
    return client


def words(text: str) -> str:
    """The page without its tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_task_of_somebody_who_has_left_waits_for_an_admin(world: World) -> None:
    client, address, _ = page(world, LI)
    with world.admin.writing() as db:
        db.get_one(Member, (world.workspace_id, "li")).active = False
    world.runtime.database.kept.clear()
    found = words(client.get(address).text)
    assert "Waits for 李雷, who left. An administrator can give the task to somebody else." in found
    assert "Rita Root can move it on" in found


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (LI, "李雷 waiting"),
        (wait(**{"for": "P1D"}), "Pause. Waits for a time to pass. Since today 17:00 · until Wed 25 Nov, 17:00 · it goes on by itself; an admin can help"),
        (wait(until={"field": "paid_on"}), "Pause. Waits for the date in “Paid on”."),
        (wait(until={"changed": ["answer"]}), "Pause. Waits for a change of Answer. Since today 17:00 · it goes on by itself"),
        (HOOK, "Ask. Waits for the answer of example.com. Since today 17:00"),
        (NOBODY, "Nobody’s. Nobody was found who could do this. An administrator can add people, then retry, or jump to another step. Since today 17:00 · Rita Root can move it on"),
        ({"id": "sub", "type": "subprocess", "title": "Sub", "form": "inner", "set": {"subject": {"var": "subject"}, "amount": 1}},
         "Sub. Waits for requests that this one has started. Since today 17:00 · it goes on by itself; an admin can help Laptops"),
    ],
)  # fmt: skip
def test_the_page_says_what_is_waited_for(world: World, step: dict[str, Any], said: str) -> None:
    client, address, _ = page(world, step, paid_on="2026-12-24")
    text = words(client.get(address).text)
    assert said in text, text[text.find("Approval path") :]


def test_an_action_that_failed_says_why_and_who_can_help(world: World) -> None:
    client, address, _ = page(world, {**HOOK, "do": {"webhook": {"url": "http://127.0.0.1:9/"}}})
    Hands(world.runtime, at_once=2).sweep("outbox")
    assert "The action failed: 127.0.0.1 is an address inside a private network" in words(client.get(address).text)
    assert "Rita Root can move it on" in words(client.get(address).text)


def test_a_request_that_came_back_says_with_whom_it_is_and_since_when(world: World) -> None:
    client, address, process = page(world, LI)
    [mine] = request(world.caller("li"), process).mine
    processes.decide(world.caller("li"), mine.task.id, "return", target="initiator", comment="Why?")
    text = words(client.get(address).text)
    path = text[text.find("Approval path") :]  # what lies ahead comes after where the request stands
    assert path.find("李雷 returned it") < path.find("Back with Amy Chen") < path.find("4 One 李雷")
    assert (
        "The request came back: its initiator submits it again or withdraws it. Since today 17:00 · Amy Chen can move it on"
        in text
    )


def test_the_path_says_in_words_why_a_branch_was_taken(world: World) -> None:
    large = {"title": "Large", "when": {">": [{"var": "amount"}, 5000]}, "steps": [LI]}
    size = {"id": "size", "type": "branch", "branches": [large, {"title": "Small", "otherwise": True, "steps": []}]}
    client, address, _ = page(world, size)
    text = words(client.get(address).text)
    assert "“Large”, because Amount 8,000.00 CNY &gt; 5,000.00 CNY." in text, text[text.find("Approval path") :]
    assert "amount &gt;" not in text
