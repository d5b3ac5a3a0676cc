"""The inbox as pages: many decisions at once each stand on what the card showed, and a notification never leads nowhere."""

import re

from builders import World
from flask.testing import FlaskClient
from office import PURCHASE, install
from integration.test_waiting_pages import LI, signed_in, words

from formloom.platform.services import inbox, notifications, records


def requests_of(world: World, *subjects: str, member: str = "li") -> FlaskClient:
    """Li's browser, with a request for each subject waiting for Li."""
    install(world, {"purchase": (PURCHASE, {"form": "purchase", "steps": [LI]})})
    for subject in subjects:
        records.create_record(world.caller("amy"), "purchase", {"subject": subject, "amount": 8000})
    return signed_in(world, member)


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_batch_decides_only_what_is_as_its_card_showed_it(world: World) -> None:
    client = requests_of(world, "Laptops", "Chairs")
    page = client.get("/inbox").text
    shown = dict(re.findall(r'name="(content:[^"]+)" value="([^"]+)"', page))
    tasks = {row.title: str(row.task_id) for row in inbox.todo(world.caller("li")).rows}
    assert set(shown) == {f"content:{task}" for task in tasks.values()}
    shown[f"content:{tasks['Chairs']}"] = "what it was before somebody changed it"
    asked = {"action": "approve", "task": list(tasks.values()), "csrf_token": token(page), **shown}
    answer = client.post("/inbox/batch", data=asked, follow_redirects=True)
    assert "1 request is approved." in words(answer.text)
    assert [row.title for row in inbox.todo(world.caller("li")).rows] == ["Chairs"]
