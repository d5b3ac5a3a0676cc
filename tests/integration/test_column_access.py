"""A step that lets one fill in a single column of a sub-table, and hides another: from the page to what is stored."""

import dataclasses
import re
from typing import Any

import pytest
from builders import TEXT, World, form, table
from flask.testing import FlaskClient

from formloom.form_engine.errors import RecordInvalid
from formloom.platform.app import create_app
from formloom.platform.models import Member, Person
from formloom.platform.passwords import hashed
from formloom.platform.services import inbox, processes, records

COLUMNS: dict[str, Any] = {
    "what": {**TEXT, "title": "What"},
    "price": {"type": "number", "title": "Price"},
    "secret": {"type": "string", "title": "Secret"},
}
FLOW: dict[str, Any] = {
    "form": "order",
    "start": {"fields": {"items.price": "hidden"}},
    "steps": [{"id": "price", "type": "fill", "assignees": [{"role": "finance"}],
               "fields": {"items.price": "required", "items.secret": "hidden"}}],
}  # fmt: skip


@pytest.fixture
def order(world: World) -> str:
    fields = {"subject": TEXT, "items": {**table(COLUMNS), "title": "Items"}}
    world.app(forms=[form("order", fields, title="{subject}")], workflows={"order": FLOW})
    rows = [{"what": "Pen", "secret": "hush-hush"}, {"what": "Cup"}]
    return records.create_record(world.caller("amy"), "order", {"subject": "Office", "items": rows}).id


@pytest.fixture
def client(world: World) -> FlaskClient:
    """李雷, signed in."""
    app = create_app(dataclasses.replace(world.runtime.settings, face="formloom.web"), world.runtime)
    with world.runtime.writing() as db:
        person = db.get_one(Person, db.get_one(Member, (world.workspace_id, "li")).person_id)
        person.password_hash = hashed("a long enough password")
        email = person.email
    made = app.test_client()
    send(made, "/sign-in", page="/sign-in", email=email, password="a long enough password")
    return made


def send(client: FlaskClient, to: str, *, page: str, **typed: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(to, data={**typed, "csrf_token": token[1]})


def stored(world: World, record_id: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = records.record(world.admin, "order", record_id).row.values["items"]
    return rows


def task_of(world: World) -> str:
    (row,) = inbox.todo(world.caller("li")).rows
    return row.task_id or ""


def test_what_the_start_hides_cannot_be_sent(world: World, order: str) -> None:
    with pytest.raises(RecordInvalid) as wrong:
        records.create_record(world.caller("amy"), "order", {"items": [{"what": "Pen", "price": 1}]})
    assert [problem.pointer for problem in wrong.value.errors] == ["/items/0/price"]


def test_the_step_asks_for_its_column_and_keeps_the_others(world: World, order: str) -> None:
    first, second = (row["_row"] for row in stored(world, order))
    li, task = world.caller("li"), task_of(world)
    with pytest.raises(RecordInvalid) as wrong:
        processes.decide(li, task, "done", values={"items": [{"_row": first, "price": 3}]})
    assert [problem.pointer for problem in wrong.value.errors] == ["/items/1/price"]
    with pytest.raises(RecordInvalid) as wrong:
        processes.decide(li, task, "done", values={"items": [{"_row": first, "price": 3, "secret": "x"}]})
    assert "/items/0/secret" in [problem.pointer for problem in wrong.value.errors]
    processes.decide(li, task, "done", values={"items": [{"_row": first, "price": 3}, {"_row": second, "price": 4}]})
    assert stored(world, order) == [
        {"_row": first, "what": "Pen", "price": 3, "secret": "hush-hush"},
        {"_row": second, "what": "Cup", "price": 4},
    ]


def test_the_page_of_the_task_draws_only_the_cells_that_are_to_be_filled_in(
    world: World, order: str, client: FlaskClient
) -> None:
    task = task_of(world)
    page = client.get(f"/tasks/{task}").text
    assert "hush-hush" not in page
    assert 'name="items/0/price"' in page
    assert 'name="items/0/what"' not in page
    assert "data-add" not in page
    assert "data-remove" not in page
    rows = {f"items/{index}/_row": row["_row"] for index, row in enumerate(stored(world, order))}
    hidden = dict(re.findall(r'<input type="hidden" name="(:[a-z]+)" value="([^"]*)"', page))
    answer = send(
        client, f"/tasks/{task}", page=f"/tasks/{task}",
        **hidden, **rows, **{":action": "done", "items/0/price": "3", "items/1/price": "4.5"},
    )  # fmt: skip
    assert answer.status_code in (302, 303), answer.text
    assert [row.get("price") for row in stored(world, order)] == [3, 4.5]
    assert stored(world, order)[0]["secret"] == "hush-hush"
