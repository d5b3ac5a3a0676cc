"""The door: who may come in, what stays typed, what is said to whom, and what each person sets for themselves."""

import re
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from browser.conftest import DESK, PHONE, Opener, Product, axe, sideways, sign_in
from browser.fresh import ADMIN, PASSWORD
from playwright.sync_api import Page, expect

pytest_plugins = ("browser.fresh",)

MAIL_WITHIN = 30


def enter(page: Page, email: str, password: str) -> None:
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


def test_a_wrong_password_keeps_the_address_and_says_so_at_the_field(page: Page) -> None:
    page.goto("/sign-in")
    enter(page, "amy.chen@hesheng.example", "wrong")
    expect(page.locator("#email")).to_have_value("amy.chen@hesheng.example")
    expect(page.locator("#password")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#password-error")).to_contain_text("don't fit together")
    assert axe(page) == []


def test_an_unknown_address_is_answered_like_a_wrong_password(page: Page) -> None:
    page.goto("/sign-in")
    enter(page, "nobody@hesheng.example", "wrong")
    expect(page.locator("#password-error")).to_contain_text("don't fit together")


def test_too_many_tries_are_refused_with_a_sentence(page: Page) -> None:
    page.goto("/sign-in")
    for _ in range(11):
        enter(page, "guessed@hesheng.example", "guess")
    expect(page.locator("#password-error")).not_to_contain_text("don't fit together")
    expect(page.locator("#email")).to_have_value("guessed@hesheng.example")


def test_signing_in_leads_to_the_page_that_was_asked_for(page: Page) -> None:
    page.goto("/inbox?box=done")
    assert "/sign-in" in page.url
    enter(page, "li.lei@hesheng.example", "hesheng-2026")
    assert page.url.endswith("/inbox?box=done")


def test_signing_in_never_leads_to_another_site(page: Page) -> None:
    page.goto("/sign-in?next=//evil.example/inbox")
    enter(page, "li.lei@hesheng.example", "hesheng-2026")
    assert "evil" not in page.url


def test_the_password_can_be_looked_at(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("#password", "secret")
    page.get_by_role("button", name="Show the password").click()
    expect(page.locator("#password")).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide the password").click()
    expect(page.locator("#password")).to_have_attribute("type", "password")


def test_everything_at_the_door_works_without_script(open_page: Opener) -> None:
    page = open_page(script=False)
    page.goto("/")
    enter(page, "amy.chen@hesheng.example", "hesheng-2026")
    expect(page.locator("h1")).to_contain_text("Amy Chen")
    page.goto("/profile")
    expect(page.locator("[data-show-password]").first).to_be_hidden()


def test_signing_out_ends_the_session(page: Page) -> None:
    sign_in(page, "amy.chen")
    page.goto("/")
    page.locator("[popovertarget=m-me]").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto("/inbox")
    assert "/sign-in" in page.url


@pytest.mark.parametrize("address", ["/sign-in", "/forgot", "/reset/whatever"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_door_is_for_everybody(open_page: Opener, address: str, viewport: dict[str, int], dark: bool) -> None:
    page = open_page(viewport=viewport, dark=dark)
    page.goto(address)
    assert axe(page) == []
    assert sideways(page) == 0


def test_the_door_speaks_the_browsers_language_until_another_is_chosen(open_page: Opener) -> None:
    page = open_page(language="zh-CN")
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("main button[type=submit]")).to_have_text("登录")
    page.locator("[popovertarget=m-lang]").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def newest_mail(product: Product, subject: str) -> str:
    """The text of the newest mail in the folder whose subject has this word; waits for the worker."""
    deadline = time.monotonic() + MAIL_WITHIN
    while time.monotonic() < deadline:
        for file in sorted(
            (product.folder / "var" / "mails").glob("*.eml"), key=lambda f: f.stat().st_mtime, reverse=True
        ):
            mail = message_from_bytes(file.read_bytes(), policy=default)
            if subject in mail["subject"]:
                body = mail.get_body(("plain",))
                assert body is not None
                return str(body.get_content())
        time.sleep(0.2)
    pytest.fail(f"no mail about {subject!r} within {MAIL_WITHIN} s: {list(Path(product.folder).rglob('*.eml'))}")


def test_the_first_run_makes_the_workspace_and_its_admin(visitor: Page) -> None:
    visitor.goto("/")
    visitor.wait_for_url("**/welcome")
    assert axe(visitor) == []
    visitor.fill("#workspace", "Hesheng 禾盛")
    visitor.fill("#name", "Zhou Xiaotong")
    visitor.fill("#email", ADMIN)
    visitor.fill("#password", "12345678")
    visitor.select_option("#zone", "Asia/Shanghai")
    visitor.click("main button[type=submit].btn-primary")
    expect(visitor.locator("#password-error")).to_be_visible()
    expect(visitor.locator("#password")).to_be_focused()  # not in the first field, where a fresh page begins
    expect(visitor.locator("#workspace")).to_have_value("Hesheng 禾盛")
    expect(visitor.locator("#zone")).to_have_value("Asia/Shanghai")
    visitor.fill("#password", PASSWORD)
    visitor.click("main button[type=submit].btn-primary")
    visitor.wait_for_url("**/gallery")
    expect(visitor.locator(".fl-side__space")).to_contain_text("Hesheng 禾盛")
    visitor.goto("/welcome")
    assert "/welcome" not in visitor.url


def test_somebody_invited_joins_forgets_the_password_and_chooses_another(admin: Page, fresh: Product) -> None:
    admin.goto("/admin/members?member=new")
    admin.fill("#name", "Amy Chen")
    admin.fill("#email", "amy@example.com")
    admin.get_by_role("button", name="Invite", exact=True).click()
    link = admin.locator("#link").input_value()
    assert link in newest_mail(fresh, "invites you")

    browser = admin.context.browser
    assert browser is not None
    amy = browser.new_context(base_url=fresh.address).new_page()
    amy.goto(link)
    expect(amy.locator("#email")).to_have_value("amy@example.com")
    amy.fill("#password", "another long one")
    amy.get_by_role("button", name="Join").click()
    expect(amy.locator("h1")).to_contain_text("Amy Chen")
    amy.goto(link)
    expect(amy.locator("main")).to_contain_text("used already")

    other = browser.new_context(base_url=fresh.address).new_page()
    other.goto("/forgot")
    other.fill("#email", "amy@example.com")
    other.click("main button[type=submit]")
    expect(other.locator(".fl-door__sheet")).to_contain_text("amy@example.com")
    found = re.search(r"http\S+/reset/\S+", newest_mail(fresh, "new password"))
    assert found
    other.goto(found.group())
    other.fill("#password", "the third long one")
    other.click("main button[type=submit]")
    expect(other.locator("h1")).to_contain_text("Amy Chen")
    amy.goto("/inbox")
    assert "/sign-in" in amy.url, "a new password ends every other session"


def test_forgetting_says_the_same_for_an_address_that_nobody_has(page: Page) -> None:
    page.goto("/forgot")
    page.fill("#email", "nobody@nowhere.example")
    page.click("main button[type=submit]")
    expect(page.locator(".fl-door__sheet")).to_contain_text("If nobody@nowhere.example has an account")


def test_a_person_changes_language_theme_and_name(admin: Page) -> None:
    admin.goto("/profile")
    assert axe(admin) == []
    admin.select_option("#language", "zh_Hans")
    admin.select_option("#theme", "dark")
    admin.locator("form[action='/profile'] button[type=submit]").click()
    expect(admin.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(admin.locator("html")).to_have_attribute("data-theme", "dark")
    expect(admin.locator("[data-toast]")).to_contain_text("个人资料已保存")  # in the language of its page
    assert axe(admin) == []
    admin.select_option("#language", "en")
    admin.select_option("#theme", "auto")
    admin.locator("form[action='/profile'] button[type=submit]").click()
    expect(admin.locator("html")).to_have_attribute("lang", "en")


def test_a_wrong_old_password_changes_nothing_and_is_said_at_its_field(admin: Page) -> None:
    admin.goto("/profile")
    admin.fill("#old", "wrong")
    admin.fill("#new", "a completely new one")
    admin.get_by_role("button", name="Change the password").click()
    expect(admin.locator("#old-error")).to_be_visible()


def test_a_token_is_shown_once_and_can_be_revoked(admin: Page) -> None:
    admin.goto("/profile")
    admin.fill("#token_name", "Warehouse")
    admin.get_by_role("button", name="Make a token").click()
    token = admin.locator("#secret").input_value()
    headers = {"Authorization": f"Bearer {token}"}
    assert admin.request.get("/api/v1/apps", headers=headers).status == 200
    admin.goto("/profile")
    assert token not in admin.content()
    admin.get_by_role("button", name="Revoke Warehouse").click()
    admin.locator("dialog[open]").get_by_role("button", name="Revoke", exact=True).click()
    expect(admin.get_by_role("status").first).to_contain_text("of no use")
    admin.context.clear_cookies()
    assert admin.request.get("/api/v1/apps", headers=headers).status == 401


def test_somebody_else_decides_while_one_is_away(page: Page) -> None:
    sign_in(page, "zhao.min")
    page.goto("/profile")
    page.select_option("#delegate_id", label="Li Lei 李雷")
    page.fill("#ends_at", "2031-01-01T09:00")
    page.get_by_role("button", name="Let them decide").click()
    expect(page.locator("#away")).to_contain_text("Li Lei 李雷 decides for you")
    page.get_by_role("button", name="End now").click()
    expect(page.locator("#away")).not_to_contain_text("decides for you")
