"""An admin corrects a request that can't go on, on its own page (meaning.md section 4: a blocked branch)."""

import dataclasses
import re
from typing import Any

import pytest
from builders import World
from flask.testing import FlaskClient
from office import purchases

from formloom.platform.app import create_app
from formloom.platform.models import Member, Person
from formloom.platform.passwords import hashed
from formloom.platform.services import processes, records

PASSWORD = "a long enough password"
FLOW: dict[str, Any] = {
    "form": "purchase",
    "steps": [
        {"id": "size", "type": "branch", "branches": [{"when": {"<": [{"var": "amount"}, 100]}, "steps": []}]},
        {"id": "one", "type": "approval", "assignees": [{"member": "li"}]},
    ],
}


def signed_in(world: World, member: str) -> FlaskClient:
    app = create_app(dataclasses.replace(world.runtime.settings, face="formloom.web"), world.runtime)
    with world.runtime.writing() as db:
        person = db.get_one(Person, db.get_one(Member, (world.workspace_id, member)).person_id)
        person.password_hash, email = hashed(PASSWORD), person.email
    client = app.test_client()
    send(client, "/sign-in", page="/sign-in", email=email, password=PASSWORD)
    return client


def send(client: FlaskClient, to: str, *, page: str, **typed: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(to, data={**typed, "csrf_token": token[1]})


@pytest.fixture
def stuck(world: World) -> records.Saved:
    """Amy's request, for whose amount there is no branch."""
    purchases(world, FLOW)
    return records.create_record(world.caller("amy"), "purchase", {"subject": "Laptops", "amount": 8000})


def test_an_admin_corrects_it_and_it_goes_on(world: World, stuck: records.Saved) -> None:
    admin, page = signed_in(world, "root"), f"/apps/office/purchase/{stuck.id}"
    assert f'href="{page}/correct"' in admin.get(page).text
    assert re.search(r'name="amount"[^>]*value="8,?000', admin.get(f"{page}/correct").text)
    done = send(admin, f"{page}/correct", page=f"{page}/correct", subject="Laptops", amount="80")
    assert (done.status_code, done.location) == (302, page)
    processes.retry(world.admin, stuck.process_id or "", "size")
    assert records.record(world.admin, "purchase", stuck.id).row.values["amount"] == 80


def test_what_is_wrong_is_shown_where_it_is_wrong(world: World, stuck: records.Saved) -> None:
    admin, page = signed_in(world, "root"), f"/apps/office/purchase/{stuck.id}/correct"
    assert send(admin, page, page=page, subject="Laptops", amount="-1").status_code == 422


def test_nobody_else_may(world: World, stuck: records.Saved) -> None:
    amy, page = signed_in(world, "amy"), f"/apps/office/purchase/{stuck.id}"
    assert amy.get(f"{page}/correct").status_code == 403
    assert "/correct" not in amy.get(page).text
    processes.terminate(world.admin, stuck.process_id or "")
    assert signed_in(world, "root").get(f"{page}/correct").status_code == 403
