"""Pages of administration and the door: what is refused is said where it was asked for, and what was typed stays."""

import dataclasses
import re
from typing import Any

import pytest
from builders import TEXT, World, form
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from formloom.platform.app import create_app
from formloom.platform.models import Member
from formloom.platform.services import jobs


def signed_in(world: World, member: str = "root") -> FlaskClient:
    with world.admin.reading() as db:
        person = db.get_one(Member, (world.workspace_id, member)).person_id
    client = create_app(dataclasses.replace(world.runtime.settings, face="formloom.web"), world.runtime).test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{person}:{world.workspace_id}:0"
    return client


def words(text: str) -> str:
    """The page without its tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def send(client: FlaskClient, address: str, at: str, **fields: Any) -> TestResponse:
    """Post `fields` to `address`, with the token of the page `at`."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(at).text)
    assert token
    return client.post(address, data={**fields, "csrf_token": token[1]}, follow_redirects=True)


def test_an_invitation_to_what_is_gone_says_so_and_keeps_what_was_typed(world: World) -> None:
    admin = signed_in(world)
    asked = {"name": "Zhang Wei 张伟", "email": "zhang@example.com"}
    gone = send(admin, "/admin/members", "/admin/members", **asked, department_id="gone", role_ids=["gone"])
    assert gone.status_code == 422
    assert "There is no such department." in gone.text
    assert "There is no such role." in gone.text
    assert 'value="Zhang Wei 张伟"' in gone.text


def test_the_last_admin_is_told_on_the_page_why_they_stay(world: World) -> None:
    kept = send(signed_in(world), "/admin/members/root/off", "/admin/members")
    assert kept.status_code == 200
    assert "This is the last admin." in words(kept.text)


def test_a_new_password_is_asked_for_an_address(world: World) -> None:
    client = signed_in(world)
    for wrong in ("", "nobody"):
        asked = send(client, "/forgot", "/forgot", email=wrong)
        assert asked.status_code == 422
        assert "Enter an e-mail address such as amy@example.com." in words(asked.text)
    assert "a mail is on its way" in words(send(client, "/forgot", "/forgot", email="nobody@example.com").text)


def test_background_work_is_named_in_words_with_the_title_of_its_form(world: World) -> None:
    world.app(forms=[form("thing", {"name": TEXT}, title="{name}") | {"title": "Balances"}])
    with world.admin.writing() as db:
        for kind in jobs.KINDS:
            jobs.start(db, world.admin, kind, {"form_key": "thing"})
    page = signed_in(world).get("/admin/jobs").text
    named = re.findall(r'fl-medium">([^<]+): Balances<', page)
    assert len(named) == len(jobs.KINDS)
    assert not set(named) & set(jobs.KINDS)


def test_a_page_of_a_list_that_is_gone_leads_to_its_start(world: World) -> None:
    world.app(forms=[form("thing", {"name": TEXT})])
    world.add("thing", name="Balance")
    gone = words(signed_in(world).get("/apps/office/thing?after=zzz").text)
    assert "This page of the list is not there any more." in gone
    assert "To the start" in gone
    assert "Nothing here yet" not in gone


@pytest.mark.parametrize(
    ("shown_at", "saved_at", "fields"),
    [
        ("/admin/members?member=amy", "/admin/members/amy", {"email": "amy@example.com"}),
        ("/admin/departments?department=sales", "/admin/departments/sales", {}),
        ("/admin/roles?role=finance", "/admin/roles/finance", {}),
        ("/admin/workspace", "/admin/workspace", {"language": "en", "zone": "Asia/Shanghai", "hours": "09:00–18:00"}),
    ],
)
def test_what_another_tab_has_changed_is_not_overwritten(
    world: World, shown_at: str, saved_at: str, fields: dict[str, str]
) -> None:
    admin = signed_in(world)
    (shown,) = re.findall(r'name="over" value="(\w+)"', admin.get(shown_at).text)
    assert send(admin, saved_at, "/profile", name="Called First", over=shown, **fields).status_code == 200
    for _ in range(2):
        refused = send(admin, saved_at, "/profile", name="Called Second", over=shown, **fields)
        assert refused.status_code == 409
        assert "in another tab" in refused.text
        assert "Called Second" in refused.text
    assert "Called First" in admin.get(shown_at).text


def test_what_is_new_is_made_from_its_page(world: World) -> None:
    admin = signed_in(world)
    for one in ("department", "role"):
        page = admin.get(f"/admin/{one}s?{one}=new")
        assert page.status_code == 200
        (over,) = re.findall(r'name="over" value="(\w*)"', page.text)
        made = send(admin, f"/admin/{one}s/new", f"/admin/{one}s?{one}=new", name=f"Brand new {one}", over=over)
        assert f"Brand new {one}" in made.text
