"""The designer: blank apps and forms, the Definition page with its live check and preview, publishing, export and import."""

import json
from pathlib import Path

import pytest
from browser.conftest import DESK, PHONE, Opener, axe, sideways, sign_in
from playwright.sync_api import Page, expect

pytest_plugins = ("browser.fresh",)

LEAVE = {
    "$schema": "https://formloom.dev/schema/form/v1", "$id": "leave_request", "title": "Leave request", "type": "object",
    "properties": {"days": {"type": "integer", "title": "Days off", "minimum": 1}, "why": {"type": "string", "title": "Why"}},
    "required": ["days"],
}  # fmt: skip
FLOW = {
    "$schema": "https://formloom.dev/schema/workflow/v1", "form": "leave_request",
    "steps": [
        {"id": "manager", "type": "approval", "title": "Manager agrees", "assignees": [{"managerOf": {"initiator": True}}]},
        {"id": "long", "type": "branch", "title": "How long", "branches": [
            {"title": "More than a week", "when": {">": [{"var": "days"}, 5]},
             "steps": [{"id": "hr", "type": "approval", "title": "HR agrees", "assignees": [{"initiator": True}]}]},
            {"otherwise": True, "steps": []}]},
    ],
}  # fmt: skip
DEFINITION = "/design/leave/leave_request"


def write(page: Page, text: str) -> None:
    """Put a whole text into the editor, as pasting does."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text("Draft saved")


@pytest.fixture
def designer(admin: Page) -> Page:
    """The admin of a fresh workspace in which an app *Leave* has a form *Leave request*, made by hand."""
    admin.goto("/design")
    if not admin.get_by_role("link", name="Leave", exact=True).count():
        admin.fill("#name", "Leave")
        admin.locator("input[name=accent][value=teal]").check(force=True)
        admin.get_by_role("button", name="Create the app").click()
        admin.wait_for_url("**/design/leave")
        admin.fill("#title", "Leave request")
        expect(admin.locator("#key")).to_have_value("leave_request")
        admin.get_by_role("button", name="Create the form").click()
    admin.goto(DEFINITION)
    return admin


@pytest.fixture
def published(designer: Page) -> Page:
    """The same, with the form published, on the page of its definition."""
    designer.goto(f"{DEFINITION}/versions")
    if not designer.get_by_text("In use").count():
        designer.goto(DEFINITION)
        write(designer, json.dumps(LEAVE, indent=2))
        saved(designer)
        designer.locator("[data-publish]").click()
        designer.get_by_role("button", name="Publish", exact=True).click()
        designer.wait_for_url("**/versions")
    designer.goto(DEFINITION)
    return designer


def test_a_form_is_written_checked_and_seen_while_one_types(designer: Page) -> None:
    write(designer, json.dumps(LEAVE, indent=2))
    saved(designer)
    expect(designer.locator("[data-preview]")).to_contain_text("Days off")
    expect(designer.locator("[data-summary]")).to_have_text("No problems")
    assert axe(designer) == []
    designer.reload()
    expect(designer.locator("[data-preview]")).to_contain_text("Days off")


def test_an_error_stands_at_its_line_and_leads_there(designer: Page) -> None:
    wrong = json.loads(json.dumps(LEAVE))
    wrong["properties"]["days"]["x-field"] = {"typ": "integer"}
    text = json.dumps(wrong, indent=2)
    write(designer, text)
    saved(designer)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if '"typ"' in each)
    problem = designer.locator("[data-problems] button").first
    expect(problem).to_contain_text("type")
    expect(problem).to_contain_text(f"line {line}")
    expect(designer.locator(".cm-lint-marker-error").first).to_be_visible()
    expect(designer.locator("[data-preview]")).to_contain_text("No preview yet")
    assert axe(designer) == []
    problem.click()
    expect(designer.locator(".cm-content")).to_be_focused()
    expect(designer.locator(".cm-activeLine")).to_contain_text('"typ"')


def test_text_that_is_no_json_yet_is_not_lost_by_closing_the_tab(designer: Page) -> None:
    write(designer, '{"title": "Half a thou')
    expect(designer.locator("[data-saved]")).to_contain_text("Kept in this browser")
    expect(designer.locator("[data-problems]")).to_contain_text("no JSON")
    designer.goto("/design")
    designer.goto(DEFINITION)
    designer.get_by_role("button", name="Bring it back").click()
    expect(designer.locator(".cm-content")).to_contain_text("Half a thou")
    designer.locator("[data-undo]").click()
    expect(designer.locator(".cm-content")).not_to_contain_text("Half a thou")
    designer.locator("[data-redo]").click()
    expect(designer.locator(".cm-content")).to_contain_text("Half a thou")
    write(designer, json.dumps(LEAVE, indent=2))
    saved(designer)


def test_of_two_tabs_the_second_does_not_overwrite_what_the_first_saved(designer: Page) -> None:
    second = designer.context.new_page()
    second.goto(DEFINITION)
    write(designer, json.dumps({**LEAVE, "title": "First tab"}, indent=2))
    saved(designer)
    write(second, json.dumps({**LEAVE, "title": "Second tab"}, indent=2))
    expect(second.locator("[data-elsewhere]")).to_contain_text("changed in another tab, or by somebody else")
    second.get_by_role("link", name="Load it again").click()
    expect(second.locator(".cm-content")).to_contain_text("First tab")
    second.get_by_role("button", name="Bring it back").click()
    expect(second.locator(".cm-content")).to_contain_text("Second tab")
    saved(second)
    write(second, json.dumps(LEAVE, indent=2))
    saved(second)


def test_a_form_changes_for_nobody_until_it_is_published(designer: Page) -> None:
    designer.goto("/design/leave")
    designer.fill("#title", "Trip request")
    designer.get_by_role("button", name="Create the form").click()
    write(designer, json.dumps(LEAVE | {"$id": "trip_request", "title": "Trip request"}, indent=2))
    saved(designer)
    designer.goto("/apps/leave/trip_request/new")
    expect(designer.locator("main")).to_contain_text("There is no")
    designer.goto("/design/leave/trip_request")
    designer.locator("[data-publish]").click()
    expect(designer.locator(".fl-plan")).to_contain_text("The field Days off is added")
    expect(designer.locator(".fl-plan")).not_to_contain_text("record")
    assert axe(designer) == []
    designer.get_by_role("button", name="Publish", exact=True).click()
    designer.wait_for_url("**/versions")
    expect(designer.locator("section[aria-labelledby=h-form]")).to_contain_text("In use")
    assert axe(designer) == []
    designer.goto("/apps/leave/trip_request/new")
    expect(designer.locator("main")).to_contain_text("Days off")


def test_a_workflow_is_seen_as_a_tree_and_its_mistakes_at_their_steps(designer: Page) -> None:
    write(designer, json.dumps(LEAVE, indent=2))
    saved(designer)
    designer.goto(f"{DEFINITION}?tab=workflow")
    wrong = json.loads(json.dumps(FLOW))
    wrong["steps"][0]["assignees"] = [{"role": "nobody_knows"}]
    write(designer, json.dumps(wrong, indent=2))
    saved(designer)
    expect(designer.locator(".fl-step.is-wrong")).to_contain_text("Manager agrees")
    designer.locator("[data-publish]").click()
    expect(designer.locator("main")).to_contain_text("Correct the errors first")
    assert designer.get_by_role("button", name="Publish", exact=True).count() == 0
    designer.goto(f"{DEFINITION}?tab=workflow")
    write(designer, json.dumps(FLOW, indent=2))
    saved(designer)
    expect(designer.locator(".fl-step.is-wrong")).to_have_count(0)
    expect(designer.locator(".fl-flow")).to_contain_text("Days off > 5")
    expect(designer.locator(".fl-flow")).to_contain_text("Otherwise")
    assert axe(designer) == []


def test_a_workflow_is_proven_while_one_types(designer: Page) -> None:
    write(designer, json.dumps(LEAVE, indent=2))
    saved(designer)
    designer.goto(f"{DEFINITION}?tab=workflow")
    gap = json.loads(json.dumps(FLOW))
    del gap["steps"][1]["branches"][1]
    write(designer, json.dumps(gap, indent=2))
    saved(designer)
    finding = designer.locator(".fl-problem--error")
    expect(finding).to_contain_text("How long: A request with", timeout=30_000)
    expect(finding).to_contain_text("matches no branch")
    expect(designer.locator("[data-proof]")).to_have_text("Proven: see what was found")
    expect(designer.locator(".fl-step.is-wrong")).to_contain_text("How long")
    assert axe(designer) == []
    finding.click()
    line = designer.evaluate("getSelection().anchorNode.parentElement.closest('.cm-line').textContent")
    assert line.strip() in ("{", '"id": "long",')
    write(designer, json.dumps(gap, indent=2)[:-1])
    expect(finding).to_contain_text("From here on this is no JSON.", timeout=10_000)
    expect(designer.locator("[data-proof]")).to_have_text("")
    with designer.expect_request("**/workflow/prove"):
        write(designer, json.dumps(FLOW, indent=2))
    expect(designer.locator("[data-proof]")).to_have_text("Proven: see what was found", timeout=30_000)
    expect(designer.locator(".fl-problem--error")).to_have_count(0)


def test_a_published_version_can_be_read_and_not_changed(published: Page) -> None:
    published.goto(f"{DEFINITION}/form/versions/1")
    expect(published.locator(".cm-content")).to_contain_text('"Days off"')
    expect(published.locator(".cm-content")).to_have_attribute("aria-readonly", "true")
    before = published.locator(".cm-content").inner_text()
    published.locator(".cm-content").click()
    published.keyboard.type("nonsense")
    assert published.locator(".cm-content").inner_text() == before
    assert axe(published) == []


def test_a_draft_can_be_thrown_away(published: Page) -> None:
    write(published, json.dumps(LEAVE | {"title": "Another title"}, indent=2))
    saved(published)
    published.locator("[data-publish]").click()
    published.get_by_role("button", name="Throw away the draft of the form").click()
    expect(published.locator(".cm-content")).not_to_contain_text("Another title")


def test_an_app_goes_out_as_a_zip_and_comes_back_the_same(designer: Page, tmp_path: Path) -> None:
    designer.goto("/design/leave")
    with designer.expect_download() as waiting:
        designer.get_by_role("link", name="Export").click()
    file = tmp_path / "leave.zip"
    waiting.value.save_as(file)
    designer.goto("/design")
    designer.set_input_files("#file", file)
    designer.get_by_role("button", name="Import", exact=True).click()
    expect(designer.locator("#file-error")).to_be_visible()
    assert axe(designer) == []
    (tmp_path / "broken.zip").write_bytes(b"no zip at all")
    designer.set_input_files("#file", tmp_path / "broken.zip")
    designer.get_by_role("button", name="Import", exact=True).click()
    expect(designer.locator("#file-error")).to_be_visible()


def test_deleting_an_app_asks_for_its_name_and_can_be_undone(designer: Page) -> None:
    designer.goto("/design/leave")
    designer.fill("#name_typed", "Leaf")
    designer.get_by_role("button", name="Delete the app").click()
    expect(designer.locator("#name_typed-error")).to_contain_text("Leave")
    designer.fill("#name_typed", "Leave")
    designer.get_by_role("button", name="Delete the app").click()
    expect(designer.locator(".fl-toasts")).to_contain_text("30 days")
    designer.get_by_role("button", name="Undo").click()
    designer.wait_for_url("**/design/leave")
    expect(designer.locator(".fl-forms")).to_contain_text("Leave request")


def test_a_key_that_is_taken_keeps_what_was_typed(designer: Page) -> None:
    designer.goto("/design/leave")
    designer.fill("#title", "Leave request again")
    designer.fill("#key", "leave_request")
    designer.get_by_role("button", name="Create the form").click()
    expect(designer.locator("#key-error")).to_be_visible()
    expect(designer.locator("#title")).to_have_value("Leave request again")


def test_without_script_the_same_is_checked_by_a_button(open_page: Opener) -> None:
    page = sign_in(open_page(script=False), "zhou.xiaotong")
    page.goto("/design/rewards/reward_criterion")
    text = page.locator("textarea[name=document]").input_value()
    page.locator("textarea[name=document]").fill(text.replace('"title"', '"titel"', 1) + "\n")
    page.get_by_role("button", name="Save and check").click()
    expect(page.locator("[data-problems]")).to_contain_text("line")
    page.locator("textarea[name=document]").fill(text[:-2])
    page.get_by_role("button", name="Save and check").click()
    expect(page.locator("[data-problems]")).to_contain_text("no JSON")
    expect(page.locator("textarea[name=document]")).to_have_value(text[:-2])
    page.locator("textarea[name=document]").fill(text)
    page.get_by_role("button", name="Save and check").click()
    expect(page.locator("[data-preview] .fl-sheet")).to_be_visible()


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
@pytest.mark.parametrize(
    "address",
    ["/design", "/design/rewards", "/design/rewards/reward_request", "/design/crm/discount_request?tab=workflow",
     "/design/rewards/reward_request/versions", "/design/rewards/reward_request/publish"],
)  # fmt: skip
def test_the_designer_is_for_every_admin(open_page: Opener, address: str, language: str) -> None:
    for viewport, dark in ((DESK, True), (PHONE, False)):
        page = sign_in(open_page(viewport=viewport, dark=dark, language=language), "zhou.xiaotong", language=language)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
        assert axe(page) == []
        assert sideways(page) == 0


def test_the_designer_is_for_admins_only(page: Page) -> None:
    sign_in(page, "amy.chen")
    for address in ("/design", "/design/rewards", "/design/rewards/reward_request", "/design/rewards.zip"):
        answer = page.request.get(address)
        assert answer.status == 403, address
    page.goto("/")
    token = page.locator("input[name=csrf_token]").first.input_value()
    sent = page.request.post(
        "/design/rewards/reward_request/form/check", data={"text": "{}"}, headers={"X-CSRFToken": token}
    )
    assert sent.status == 403
