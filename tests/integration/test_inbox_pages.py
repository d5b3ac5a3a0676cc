"""The inbox as pages: each of many decisions stands on what its card showed; a notification never leads nowhere."""

import re
from typing import Any

from builders import World
from flask.testing import FlaskClient
from integration.test_waiting_pages import LI, signed_in, words
from office import PURCHASE, install

from formloom.platform.services import inbox, notifications, records


def requests_of(world: World, *subjects: str, member: str = "li", form: Any = PURCHASE, step: Any = LI) -> FlaskClient:
    """A member's browser, with a request for each subject waiting for Li."""
    install(world, {"purchase": (form, {"form": "purchase", "steps": [step]})})
    for subject in subjects:
        values = {"subject": subject, "amount": 8000}
        records.create_record(world.caller("amy"), "purchase", values, confirmed=True)
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
    assert "“Chairs”: The request has changed since you opened it." in words(answer.text)
    assert [row.title for row in inbox.todo(world.caller("li")).rows] == ["Chairs"]


MUCH = {"when": {">": [{"var": "amount"}, 5000]}, "severity": "warning", "field": "amount", "message": "That is much."}


def test_a_warning_is_confirmed_by_who_approves(world: World) -> None:
    """An approver who fills something in is not stopped by what the form only warns of."""
    form = {**PURCHASE, "x-form": {**PURCHASE["x-form"], "rules": [MUCH]}}
    client = requests_of(world, "Laptops", form=form, step={**LI, "fields": {"answer": "edit"}})
    [row] = inbox.todo(world.caller("li")).rows
    page = client.get(f"/tasks/{row.task_id}").text
    said = {":action": "approve", ":comment": "Fine by me.", "answer": "In May", "csrf_token": token(page)}
    asked = client.post(f"/tasks/{row.task_id}", data=said)
    assert asked.status_code == 422
    assert "Please confirm before this is sent: That is much." in words(asked.text)
    assert "Fine by me." in asked.text
    assert "In May" in asked.text
    assert client.post(f"/tasks/{row.task_id}", data={**said, ":confirmed": "1"}).status_code == 302
    assert inbox.todo(world.caller("li")).rows == ()


def test_a_notification_leads_to_its_record_or_says_why_not(world: World) -> None:
    """Bob is told by a notify step, which gives nobody a right to the record; Li is told of a task."""
    tell = {"id": "tell", "type": "notify", "to": [{"member": "bob"}, {"member": "li"}], "message": "It is asked for."}
    bob = requests_of(world, "Laptops", member="bob", step={"id": "both", "type": "parallel", "branches": [
        {"title": "Tell", "steps": [tell]}, {"title": "Ask", "steps": [LI]},
    ]})  # fmt: skip
    [row] = notifications.notifications(world.caller("bob")).rows
    answer = bob.get(f"/notifications/{row.id}")
    assert answer.status_code == 200
    assert "its record is not open to you now" in words(answer.text)
    assert f'href="/notifications/{row.id}"' in bob.get("/notifications").text
    li = signed_in(world, "li")
    assert li.get(f"/notifications/{row.id}").status_code == 404
    links = {one.id: one.link for one in notifications.notifications(world.caller("li")).rows}
    assert {link.split("/")[1] for link in links.values()} == {"apps", "tasks"}
    assert {ident: li.get(f"/notifications/{ident}").location for ident in links} == links


def test_a_task_that_was_decided_meanwhile_says_so_and_keeps_what_was_typed(world: World) -> None:
    """The second of two tabs: it has no decision any more, and what was said with it goes on in the discussion."""
    client = requests_of(world, "Laptops")
    [row] = inbox.todo(world.caller("li")).rows
    said = {":action": "approve", ":comment": "", "csrf_token": token(client.get(f"/tasks/{row.task_id}").text)}
    assert client.post(f"/tasks/{row.task_id}", data=said).status_code == 302
    second = client.post(f"/tasks/{row.task_id}", data={**said, ":comment": "Typed for long."})
    assert second.status_code == 409
    assert 'class="fl-note fl-note--bad" role="alert"' in second.text
    assert ">Typed for long.</textarea>" in second.text


def test_words_to_a_card_that_is_gone_do_not_slip_to_the_next(world: World) -> None:
    client = requests_of(world, "Laptops", "Chairs")
    page = client.get("/inbox").text
    gone = inbox.todo(world.caller("li")).rows[0].task_id
    said = {"action": "approve", "comment": "", "csrf_token": token(page)}
    assert client.post(f"/inbox/decide/{gone}", data=said).status_code == 302
    second = client.post(f"/inbox/decide/{gone}", data={**said, "comment": "No chairs, please."})
    assert second.status_code == 409
    _, _, box = second.text.partition('id="decide-comment"')
    assert box.partition(">")[2].startswith("</textarea>")  # the next card's box is empty
    assert second.text.count("No chairs, please.") == 1  # the message that says why gives it back
    assert "You had written: “No chairs, please.”" in second.text
    assert 'aria-invalid="true"' not in second.text


def test_a_module_of_a_page_is_told_what_is_wrong_in_a_problem_document(world: World) -> None:
    client = requests_of(world, "Laptops")
    sent = {"csrf_token": token(client.get("/inbox").text), "form": "purchase", "field": "files"}
    page = client.post("/files", data=sent)
    assert (page.status_code, page.mimetype) == (422, "text/html")
    told = client.post("/files", data=sent, headers={"Accept": "application/json"})
    assert (told.status_code, told.mimetype) == (422, "application/problem+json")
    assert told.get_json(force=True)["detail"] == "Choose a file."
