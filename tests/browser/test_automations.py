"""Automations as admins see them: the list, the editor, the log of what ran; and requests under other versions."""

import json
import time

import pytest
from browser.conftest import DESK, PHONE, Opener, axe, sideways, sign_in
from playwright.sync_api import Page, ViewportSize, expect

CALL = {
    "$schema": "https://formloom.dev/schema/automation/v1", "form": "product", "title": "Tell the warehouse",
    "on": {"created": True}, "do": [{"webhook": {"url": "http://127.0.0.1:9/hook"}}],
}  # fmt: skip
AUTOMATION = "/design/crm/automations/tell_the_warehouse"
VERSIONS = "/design/rewards/reward_request/versions"
PAGES = ("/design/crm/automations", AUTOMATION, "/admin/automations", "/admin/automations?status=done", VERSIONS,
         "/design/rewards/reward_request/replay")  # fmt: skip
LOOKS = pytest.mark.parametrize(
    ("viewport", "dark", "language"),
    [(DESK, False, "en-GB"), (DESK, True, "zh-CN"), (PHONE, True, "en-GB"), (PHONE, False, "zh-CN")],
    ids=["desk", "desk dark zh", "phone dark", "phone zh"],
)


def write(page: Page, document: object) -> None:
    """Put a whole definition into the editor, as pasting does."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(json.dumps(document, indent=2))


def speak(page: Page, language: str) -> None:
    """Let the member be spoken to in a language, by the menu of every page."""
    with page.expect_navigation():
        page.evaluate(f"document.querySelector('#m-lang [value={language}]').click()")


@pytest.fixture
def admin(page: Page) -> Page:
    """An admin of the sample company, whose automation *Tell the warehouse* calls an address that is refused."""
    sign_in(page, "zhou.xiaotong")
    page.goto("/design/crm/automations")
    if not page.get_by_role("link", name="Tell the warehouse").count():
        page.fill("#title", "Tell the warehouse")
        page.select_option("#form", "product")
        page.get_by_role("button", name="Create the automation").click()
        page.wait_for_url(f"**{AUTOMATION}")
        write(page, CALL)
        expect(page.locator("[data-summary]")).to_have_text("No problems")
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_load_state()
    return page


def test_an_error_of_an_automation_leads_to_its_line_and_is_not_saved(admin: Page) -> None:
    admin.goto(AUTOMATION)
    write(admin, {**CALL, "form": "produkt"})
    problem = admin.locator(".fl-problem--error").first
    expect(problem).to_contain_text("produkt")
    problem.click()
    expect(admin.locator(".cm-content")).to_be_focused()
    assert axe(admin) == []
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.locator(".fl-problem--error").first).to_contain_text("produkt")
    admin.goto(AUTOMATION)
    expect(admin.locator(".cm-content")).to_contain_text('"product"')


def test_a_call_that_was_refused_stands_in_the_log_and_is_tried_again(admin: Page) -> None:
    admin.goto("/apps/crm/product/new")
    for name, typed in (("code", f"ZZ-{time.time_ns() % 10**8}"), ("name", "Crate"), ("list_price", "12")):
        admin.locator(f"[name={name}]").fill(typed)
    admin.locator("select[name=category]").select_option("software")
    admin.locator("main button[type=submit]").last.click()
    admin.wait_for_url(lambda address: not address.endswith("/new"))
    row = admin.locator("tr", has_text="Crate")
    for _ in range(60):
        admin.goto("/admin/automations")
        if row.count():
            break
        admin.wait_for_timeout(500)
    expect(row.first).to_contain_text("Failed")
    expect(row.first).to_contain_text("inside a private network")
    row.first.locator("summary").click()
    expect(row.first.locator("ol")).to_contain_text("a call was asked for")
    assert axe(admin) == []
    row.first.get_by_role("button", name="Try again").click()
    admin.wait_for_load_state()
    expect(admin.locator(".fl-toasts")).to_be_visible()


def test_all_requests_under_way_are_moved_with_progress_and_taken_back(admin: Page) -> None:
    admin.goto("/design/rewards/reward_request?tab=workflow")
    text = admin.locator("#document").input_value()
    document = json.loads(text)
    steps = [step for step in document["steps"] if step["id"] != "told"]
    told = {"id": "told", "type": "notify", "title": f"Told {time.time_ns()}", "to": [{"initiator": True}]}
    document["steps"] = [*steps, told]
    write(admin, document)
    expect(admin.locator("[data-saved]")).to_have_text("Draft saved")
    admin.goto("/design/rewards/reward_request/replay")
    expect(admin.locator("main")).to_contain_text("run again, with the people of today")
    admin.goto("/design/rewards/reward_request/publish")
    admin.get_by_role("button", name="Publish", exact=True).click()
    admin.wait_for_url(f"**{VERSIONS}")
    admin.get_by_role("button", name="to this version").click()
    expect(admin.locator("[role=status]").filter(has_text="The last move took")).to_be_visible(timeout=60_000)
    assert axe(admin) == []
    admin.get_by_role("button", name="back").click()
    expect(admin.locator("main")).to_contain_text("stay there unless you move")


@LOOKS
def test_the_pages_are_for_everybody(
    admin: Page, open_page: Opener, viewport: ViewportSize, dark: bool, language: str
) -> None:
    page = sign_in(open_page(viewport=viewport, dark=dark, language=language), "zhou.xiaotong")
    page.goto("/")
    if language == "zh-CN":
        speak(page, "zh_Hans")
    for address in PAGES:
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if language == "zh-CN" else "en")
        expect(page.locator("h1").first).to_be_attached()
        assert axe(page) == [], address
        assert sideways(page) <= 0, address
