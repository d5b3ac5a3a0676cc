"""Records: the table one sorts, filters, searches and deletes in; the page of one; deciding; files; pages for what went wrong."""

import re
from uuid import uuid4

import pytest
from browser.conftest import PHONE, Opener, axe, reward_of_amy, sideways, sign_in
from playwright.sync_api import Page, expect

TABLE = "/apps/crm/customer"
VISITS = "/apps/crm/follow_up"
REWARDS = "/apps/rewards/reward_request"


def names(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("main tbody th").all_inner_texts()]


def filed(page: Page, title: str) -> str:
    """A reward request of Amy's for an honour; the address of its record."""
    return f"{REWARDS}/{reward_of_amy(page, kind='honour', honour=title)}"


def test_a_table_is_sorted_searched_and_filtered_by_its_address(page: Page) -> None:
    sign_in(page, "zhou.xiaotong")
    page.goto(TABLE)
    first = names(page)[0]
    page.locator("thead").get_by_role("link", name=re.compile("^Name")).click()
    page.wait_for_url(re.compile("sort="))
    assert names(page) != []
    page.locator("main input[name=q]").fill(first[:6])
    page.locator("main input[name=q]").press("Enter")
    page.wait_for_url(re.compile("q="))
    assert first in names(page)
    page.goto(f"{TABLE}?ff=name&fo=contains&fv=zzzz-nothing")
    expect(page.locator("main")).to_contain_text("Nothing matches")
    page.get_by_role("link", name="Clear the filters").click()
    assert first in names(page) or names(page) != []


def test_a_list_is_filtered_by_the_name_of_somebody_which_is_suggested(page: Page) -> None:
    sign_in(page, "amy.chen")
    page.goto("/apps/crm/opportunity")
    page.locator("[data-filters] summary").click()
    page.get_by_label("Field of filter 1").select_option("owner")
    value = page.get_by_label("Value of filter 1")
    value.press_sequentially("amy")
    expect(page.locator("[data-filters] datalist option")).to_have_attribute("value", "Amy Chen")
    value.fill("Amy Chen")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("fv=Amy"))
    expect(page.locator(".fl-filterchip")).to_contain_text("Owner is Amy Chen")
    owners = page.locator("main tbody td[data-label=Owner]").all_inner_texts()
    assert owners
    assert all("Amy Chen" in owner for owner in owners)


def test_a_selected_record_is_deleted_and_restored(page: Page) -> None:
    sign_in(page, "zhou.xiaotong")
    page.goto(VISITS)
    first = page.locator("main tbody th a").first
    address = str(first.get_attribute("href"))
    page.locator("main tbody").get_by_role("checkbox").first.check()
    page.locator("main button[value=delete]").click()
    expect(page.locator("[data-toast]")).to_contain_text("1 record deleted")
    expect(page.locator(f"main tbody a[href='{address}']")).to_have_count(0)
    page.goto(f"{VISITS}/bin")
    page.locator("main tbody").get_by_role("checkbox").first.check()
    page.locator("main button[value=restore]").click()
    expect(page.locator("[data-toast]")).to_contain_text("1 record restored")
    page.goto(VISITS)
    expect(page.locator(f"main tbody a[href='{address}']").first).to_be_visible()


def test_a_record_that_others_point_at_stays_and_says_why(page: Page) -> None:
    sign_in(page, "zhou.xiaotong")
    page.goto(f"{TABLE}?sort=-name")
    page.locator("main tbody").get_by_role("checkbox").last.check()
    page.locator("main button[value=delete]").click()
    expect(page.locator("[data-toast]")).to_contain_text("point at it")


def test_a_change_that_came_too_late_overwrites_nothing(open_page: Opener) -> None:
    one, two, city = open_page(), open_page(), f"Wuxi {uuid4().hex[:6]}"
    for page in (one, two):
        sign_in(page, "zhou.xiaotong")
        page.goto(TABLE)
        page.locator("main tbody th a").first.click()
        page.wait_for_url(re.compile(r"/customer/[0-9a-f-]{36}$"))
        page.goto(page.url + "/edit")
    one.get_by_label("City").fill(city)
    one.locator("[data-send]").click()
    one.wait_for_url(re.compile(r"/customer/[0-9a-f-]{36}$"))
    two.get_by_label("City").fill("Nantong")
    two.locator("[data-send]").click()
    two.wait_for_load_state()
    expect(two.locator("main")).to_contain_text(city)
    expect(two.get_by_label("City")).to_have_value("Nantong")


def test_rejecting_takes_a_comment_and_one_key_approves(open_page: Opener) -> None:
    amy, li = open_page(), open_page()
    address = filed(amy, "Colleague of the year")
    sign_in(li, "li.lei")
    li.goto(address)
    assert axe(li) == []
    li.locator("aside button[name=':action'][value=reject]").click()
    li.wait_for_load_state()
    expect(li.locator("textarea[name=':comment']")).to_have_attribute("aria-invalid", "true")
    li.goto(address)
    li.locator("h1").click()
    li.keyboard.press("a")
    expect(li.locator("textarea[name=':comment']")).to_have_count(0)
    amy.goto(address)
    expect(amy.locator("main")).to_contain_text("Colleague of the year")


def test_a_comment_is_said_as_it_was_typed(page: Page) -> None:
    page.goto(filed(page, "A kind word"))
    page.locator("#say").fill("Well done <b>all</b> 👍")
    page.get_by_role("button", name="Post it").click()
    expect(page.locator("main")).to_contain_text("Well done <b>all</b> 👍")


def test_what_does_not_exist_is_said_in_a_whole_page(page: Page) -> None:
    sign_in(page, "amy.chen")
    answer = page.goto("/apps/rewards/no_such_form")
    assert answer is not None
    assert answer.status == 404
    assert axe(page) == []
    expect(page.locator("main a").first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_tables_and_records_are_clean_in_every_look(open_page: Opener, phone: bool, dark: bool) -> None:
    page = sign_in(open_page(dark=dark, **({"viewport": PHONE} if phone else {})), "zhou.xiaotong")
    for table in (TABLE, REWARDS, f"{TABLE}/bin"):
        page.goto(table)
        assert axe(page) == []
        assert sideways(page) == 0
    page.goto(REWARDS)
    page.locator("main tbody a").first.click()
    page.wait_for_url(re.compile(r"/reward_request/[0-9a-f-]{36}"))
    assert axe(page) == []
    assert sideways(page) == 0
