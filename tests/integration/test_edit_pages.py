"""Changing a record on its page: what somebody else saved meanwhile is never overwritten unseen."""

import re
from typing import Any

from builders import TEXT, World, form
from flask.testing import FlaskClient
from integration.test_inbox_pages import token
from integration.test_waiting_pages import signed_in, words

from formloom.platform.services import records

SHOP = form("shop", {"name": TEXT, "seats": {"type": "integer"}, "note": TEXT}, title="{name}")
OFFICE = "/apps/office/shop"


def opened(world: World) -> tuple[FlaskClient, str, dict[str, Any]]:
    """Amy's browser, the address where she changes a record, and what that page sends when she changed the note."""
    world.app(forms=[SHOP])
    ident = world.add("shop", name="North", note="old")
    client = signed_in(world, "amy")
    address = f"{OFFICE}/{ident}/edit"
    page = client.get(address).text
    return client, address, {"csrf_token": token(page), ":version": version(page), "name": "North", "note": "mine"}


def version(page: str) -> str:
    found = re.search(r'name=":version" value="(\d+)"', page)
    assert found
    return found[1]


def saved_meanwhile(world: World, address: str) -> None:
    records.update_record(world.admin, "shop", address.split("/")[-2], {"note": "theirs"}, version=1)


def test_a_page_that_comes_back_to_be_corrected_is_still_one_over_the_older_version(world: World) -> None:
    client, address, typed = opened(world)
    saved_meanwhile(world, address)
    wrong = client.post(address, data=typed | {"seats": "many"})
    assert (wrong.status_code, version(wrong.text)) == (422, "1")
    stale = client.post(address, data=typed | {":version": version(wrong.text)})
    assert stale.status_code == 409
    assert "theirs mine" in words(stale.text)
    assert client.post(address, data=typed | {":version": version(stale.text)}).status_code == 302


def test_a_draft_is_one_over_the_version_that_it_was_typed_over(world: World) -> None:
    client, address, typed = opened(world)
    kept = client.post(f"{address}/draft", data=typed)
    assert kept.status_code == 200, kept.text
    saved_meanwhile(world, address)
    again = client.get(address).text
    assert 'value="mine"' in again
    assert version(again) == "1"
    assert client.post(address, data=typed).status_code == 409


def test_a_version_that_is_none_is_an_old_one(world: World) -> None:
    client, address, typed = opened(world)
    for odd in ("", "x", "-1", "9" * 40, "²"):
        assert client.post(address, data=typed | {":version": odd}).status_code == 409, odd
