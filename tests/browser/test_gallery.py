"""The gallery: finding a template, looking at it filled with samples, installing it; for admins only."""

import pytest
from browser.conftest import DESK, PHONE, Opener, axe, sideways, sign_in
from playwright.sync_api import Page, expect

pytest_plugins = ("browser.fresh",)


def cards(page: Page) -> list[str]:
    return page.locator(".fl-tpl h2").all_inner_texts()


def test_templates_are_found_by_word_category_and_approval(admin: Page) -> None:
    admin.goto("/gallery")
    assert axe(admin) == []
    everything = cards(admin)
    assert {"CRM", "Reward approval", "Training sign-up", "KPI tracking"} <= set(everything)
    admin.get_by_label("Search templates").fill("seats")
    admin.get_by_label("Search templates").press("Enter")
    assert cards(admin) == ["Training sign-up"]
    admin.goto("/gallery?category=rewards")
    assert cards(admin) == ["Reward approval"]
    admin.goto("/gallery?text=unicorns")
    expect(admin.locator("main")).to_contain_text("No template fits")
    assert axe(admin) == []


def test_a_template_is_looked_at_filled_with_its_samples(admin: Page) -> None:
    admin.goto("/gallery")
    admin.get_by_role("link", name="Reward approval").click()
    expect(admin.locator("h1")).to_have_text("Reward approval")
    form = admin.locator("section", has=admin.locator("#form-reward_request"))
    expect(form.locator(".fl-sheet")).to_contain_text("Amy Chen")
    expect(form.locator(".fl-flow")).to_contain_text("Manager approves")
    expect(form.locator(".fl-flow")).to_contain_text("Total <= 5000")
    assert form.locator(".fl-lines tbody tr").count() > 2
    expect(form.locator(".fl-sheet")).to_have_attribute("inert", "")
    assert axe(admin) == []


def test_an_app_is_installed_and_ready_to_be_used(admin: Page) -> None:
    admin.goto("/gallery/training")
    admin.get_by_label("With sample people, records and history").check()
    admin.get_by_role("button", name="Install").click()
    admin.wait_for_url("**/apps/training/**")
    expect(admin.locator(".fl-toasts")).to_contain_text("Training sign-up is installed")
    expect(admin.locator("tbody tr").first).to_be_visible()
    admin.goto("/gallery?show=installed")
    assert cards(admin) == ["Training sign-up"]
    admin.goto("/")
    expect(admin.locator("#start")).to_contain_text("Sign-up")


def test_an_app_is_installed_without_samples(admin: Page) -> None:
    admin.goto("/gallery/rewards")
    admin.get_by_label("With sample people, records and history").uncheck()
    admin.get_by_role("button", name="Install").click()
    admin.wait_for_url("**/apps/rewards/**")
    assert admin.locator("tbody tr").count() == 0


def test_a_template_that_there_is_not_is_a_page_that_says_so(admin: Page) -> None:
    answer = admin.goto("/gallery/unicorns")
    assert answer is not None
    assert answer.status == 404
    expect(admin.locator("main")).to_contain_text("There is no such template")


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("address", ["/gallery", "/gallery/crm", "/gallery/kpi"])
def test_the_gallery_is_for_everybody(open_page: Opener, address: str, language: str) -> None:
    for viewport, dark in ((DESK, True), (PHONE, False)):
        page = sign_in(open_page(viewport=viewport, dark=dark, language=language), "zhou.xiaotong", language=language)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
        assert axe(page) == []
        assert sideways(page) == 0


def test_only_admins_see_the_gallery(page: Page) -> None:
    sign_in(page, "amy.chen")
    for address in ("/gallery", "/gallery/crm"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 403
    assert axe(page) == []
