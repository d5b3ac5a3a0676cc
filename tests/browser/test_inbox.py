"""The inbox: what waits, looking through it by mouse, keys and without script, and deciding from beside the list."""

import re
from itertools import count

import pytest
from browser.conftest import DESK, PHONE, Opener, axe, reward_of_amy, sideways, sign_in
from playwright.sync_api import Page, expect

AMOUNTS = count(1001)


def of_amy(page: Page, requests: int) -> int:
    """So many fresh requests of Amy's, each for another amount; they go to Li Lei first. Gives the last amount."""
    for _ in range(requests):
        reward_of_amy(page, kind="money", amount=(amount := next(AMOUNTS)), payroll="salary")
    return amount


@pytest.fixture
def li(page: Page) -> Page:
    """Li Lei's inbox, with three fresh requests of Amy's on top."""
    of_amy(page, 3)
    sign_in(page, "li.lei").goto("/inbox")
    return page


def amounts(page: Page) -> list[str]:
    """The amounts on the cards, from the top."""
    return [
        re.sub(r".*?([\d,]+\.\d\d).*", r"\1", text, flags=re.S)
        for text in page.locator("[data-card]").all_inner_texts()
    ]


def test_a_card_says_what_it_is_about_and_stands_beside_its_preview(li: Page) -> None:
    newest, *_ = amounts(li)
    expect(li.locator("[data-preview] h2").first).to_contain_text("Liu Yang")
    expect(li.locator("[data-preview]")).to_contain_text(newest)
    expect(li.locator("[data-preview] .fl-path .is-now")).to_contain_text("Li Lei")
    assert axe(li) == []


def test_cards_are_looked_through_with_j_and_k(li: Page) -> None:
    _, second, third, *_ = amounts(li)
    li.keyboard.press("j")
    expect(li.locator("[data-preview]")).to_contain_text(second)
    expect(li.locator(".fl-mail.is-on")).to_contain_text(second)
    li.keyboard.press("j")
    expect(li.locator("[data-preview]")).to_contain_text(third)
    li.keyboard.press("k")
    expect(li.locator("[data-preview]")).to_contain_text(second)
    assert axe(li) == []
    li.reload()
    expect(li.locator(".fl-mail.is-on")).to_contain_text(second)


def test_approving_by_keyboard_alone(li: Page) -> None:
    newest, *_ = amounts(li)
    li.keyboard.press("a")
    expect(li.locator("[data-approve]")).to_be_focused()
    li.keyboard.press("Enter")
    expect(li.locator(".fl-toasts")).to_contain_text("Approved")
    assert newest not in amounts(li)


def test_whoever_rejects_is_asked_why_before_anything_is_sent(li: Page) -> None:
    newest, *_ = amounts(li)
    li.keyboard.press("r")
    expect(li.locator("#decide-comment")).to_be_focused()
    expect(li.locator("#decide-error")).to_contain_text("Say why")
    assert axe(li) == []
    li.keyboard.type("Not within the frame.")
    li.locator("[data-reject]").click()
    expect(li.locator(".fl-toasts")).to_contain_text("Rejected")
    li.goto("/inbox?box=done")
    expect(li.locator("[data-card]").first).to_contain_text(newest)
    expect(li.locator("[data-card]").first).to_contain_text("Rejected")


def test_a_request_is_returned_to_whoever_submitted_it(li: Page, open_page: Opener) -> None:
    li.locator("#decide-comment").fill("Please name the project.")
    li.locator("[popovertarget=m-return]").click()
    li.locator("#m-return button").last.click()
    expect(li.locator(".fl-toasts")).to_contain_text("Returned")
    amy = sign_in(open_page(), "amy.chen")
    amy.goto("/inbox")
    expect(amy.locator("[data-card]").first).to_contain_text("Returned to you")
    amy.goto("/notifications")
    expect(amy.locator(".fl-list")).to_contain_text("Please name the project.")


def test_several_are_approved_at_once(li: Page) -> None:
    expect(li.locator("[data-batch-bar]")).to_be_hidden()
    first, second, *_ = amounts(li)
    li.keyboard.press("x")
    li.keyboard.press("j")
    li.keyboard.press("x")
    expect(li.locator("[data-selected]")).to_have_text("2 selected")
    assert axe(li) == []
    li.get_by_role("button", name="Approve 2").click()
    expect(li.locator(".fl-toasts")).to_contain_text("2 requests are approved")
    assert not {first, second} & set(amounts(li))


def test_what_was_decided_in_another_tab_is_said_and_nothing_is_lost(li: Page) -> None:
    other = li.context.new_page()
    other.goto("/inbox")
    li.locator("[data-approve]").click()
    expect(li.locator(".fl-toasts")).to_contain_text("Approved")
    other.locator("#decide-comment").fill("Well earned.")
    other.locator("[data-approve]").click()
    expect(other.locator(".fl-toasts")).to_contain_text("Already decided by Li Lei")
    expect(other.locator(".fl-toasts")).to_contain_text("You had written: “Well earned.”")
    expect(other.locator("#decide-comment")).to_have_value("")


def test_without_script_the_first_card_is_shown_and_decided(open_page: Opener) -> None:
    page = open_page(script=False)
    amount = of_amy(page, 1)
    sign_in(page, "li.lei").goto("/inbox")
    expect(page.locator("[data-preview]")).to_contain_text(f"{amount:,}.00")
    page.locator("[data-reject]").click()
    expect(page.locator("#decide-error")).to_contain_text("Say why")
    page.locator("#decide-comment").fill("Not now.")
    page.locator("[data-reject]").click()
    expect(page.locator(".fl-toasts")).to_contain_text("Rejected")


def test_filters_narrow_the_box_and_say_so_when_nothing_fits(li: Page) -> None:
    li.get_by_role("link", name="Urged").click()
    assert "only=urged" in li.url
    li.goto("/inbox?text=nothing-like-this")
    expect(li.locator("main")).to_contain_text("Nothing fits")
    li.get_by_role("link", name="Show everything").click()
    assert len(amounts(li)) >= 3


@pytest.mark.parametrize("box", ["todo", "started", "done", "copied"])
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_every_box_is_for_everybody(open_page: Opener, box: str, language: str) -> None:
    for viewport, dark in ((DESK, False), (PHONE, True)):
        page = sign_in(open_page(viewport=viewport, dark=dark, language=language), "wang.fang", language=language)
        page.goto(f"/inbox?box={box}")
        assert axe(page) == []
        assert sideways(page) == 0


def test_on_a_phone_a_card_leads_to_its_own_page(open_page: Opener) -> None:
    page = sign_in(open_page(viewport=PHONE), "wang.fang")
    page.goto("/inbox")
    page.locator("[data-card] a").first.click()
    page.wait_for_url("**/tasks/**")


def test_home_shows_what_waits_what_is_under_way_and_the_way_back(open_page: Opener) -> None:
    page = sign_in(open_page(), "wang.fang")
    page.goto("/apps/crm/customer")
    page.goto("/")
    expect(page.locator("h1")).to_contain_text("Wang Fang")
    expect(page.locator("section[aria-labelledby=h-todo] li").first).to_be_visible()
    expect(page.locator("section[aria-labelledby=h-mine] .fl-steps").first).to_be_visible()
    expect(page.locator("section[aria-labelledby=h-recent] a").first).to_have_attribute("href", "/apps/crm/customer")
    assert axe(page) == []


def test_a_notification_is_read_once_it_is_followed(page: Page) -> None:
    of_amy(page, 2)
    li = sign_in(page, "li.lei")
    li.goto("/notifications")
    expect(li.locator(".is-unread").first).to_be_visible()
    assert axe(li) == []
    before = li.locator(".is-unread").count()
    li.locator(".is-unread a").first.click()
    li.wait_for_url("**/tasks/**")
    li.goto("/notifications")
    expect(li.locator(".is-unread")).to_have_count(before - 1)
    li.get_by_role("button", name="Mark all as read").click()
    expect(li.locator(".is-unread")).to_have_count(0)


def test_the_bell_shows_the_last_notifications_beside_the_page(open_page: Opener) -> None:
    page = sign_in(open_page(), "wang.fang")
    page.goto("/")
    page.locator("[data-bell]").click()
    expect(page.locator("#m-bell a").first).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#m-bell")).to_be_hidden()
    plain = sign_in(open_page(script=False), "wang.fang")
    plain.goto("/")
    plain.locator("[data-bell]").click()
    plain.wait_for_url("**/notifications")


def test_a_comment_is_posted_with_the_keys_that_send(li: Page) -> None:
    """On the page of a task, whose own keys decide: only the comment is sent."""
    li.goto(str(li.locator("[data-card] a").first.get_attribute("href")))
    li.locator("#say").fill("Which project was it?")
    li.locator("#say").press("Control+Enter")
    expect(li.locator("#talk .fl-prose").last).to_have_text("Which project was it?")
    expect(li.locator("#say")).to_have_value("")
    expect(li.locator("[data-decision]")).to_be_visible()
