"""Filling in a form: what follows at once, what is kept, what is wrong, tables, pickers, files; keyboard, phone, no script."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser.conftest import PHONE, Opener, axe, sideways, sign_in
from playwright.sync_api import Locator, Page, Route, expect

REQUEST = "/apps/rewards/reward_request/new"
OPPORTUNITY = "/apps/crm/opportunity/new"
REASON = "Won the renewal of a large customer after two visits on site."


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-field="{name}"]')


def pick(page: Page, name: str, text: str) -> None:
    box = field(page, name).get_by_role("combobox")
    box.press_sequentially(text, delay=10)
    box.press("Enter")
    field(page, name).locator("[data-chosen]").wait_for()


def opened(page: Page, address: str = REQUEST, who: str = "amy.chen") -> Page:
    sign_in(page, who)
    page.goto(address)
    if page.get_by_role("button", name=re.compile("Start afresh|重新填写")).count():
        page.get_by_role("button", name=re.compile("Start afresh|重新填写")).click()
    return page


def kept(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text(re.compile("Draft saved|草稿已保存"))


def paste(page: Page, cell: Locator, text: str) -> None:
    cell.click()
    page.evaluate(
        """(text) => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })) }""",
        text,
    )


def test_fields_come_and_go_and_sums_follow_while_one_types(page: Page) -> None:
    opened(page)
    expect(field(page, "amount")).to_be_hidden()
    page.get_by_label("Money").check()
    expect(field(page, "amount")).to_be_visible()
    page.get_by_label("Amount").fill("6000")
    page.get_by_label("Amount").blur()
    expect(page.get_by_label("Amount")).to_have_value("6,000.00")
    expect(page.locator("#f-total")).to_have_text("6,000.00 CNY")
    page.get_by_label("Honour").check()
    expect(field(page, "amount")).to_be_hidden()
    expect(field(page, "total")).to_be_hidden()


def test_an_answer_to_an_older_text_is_nobody_to_take(page: Page) -> None:
    """Everybody is asked for when the field is entered; that answer comes only when a name was typed, and Enter pressed."""
    held: list[Route] = []
    page.route(re.compile(r"/pick/members\?q=$"), lambda route: held.append(route))
    page.clock.install()
    opened(page)
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))  # what was typed is not asked for before time goes on
    box = field(page, "nominee").get_by_role("combobox")
    with page.expect_request("**/pick/members?q="):
        box.focus()
    box.fill("liu yang")
    with page.expect_response("**/pick/members?q="):
        held[0].continue_()
    page.evaluate("fetch('/healthz').then((answer) => answer.text())")  # what came before it is dealt with
    box.press("Enter")
    expect(field(page, "nominee").locator("[data-chosen]")).to_have_count(0)
    page.clock.resume()
    expect(field(page, "nominee").locator("[data-chosen]")).to_contain_text("Liu Yang")


def test_the_path_that_is_to_come_follows_the_amount(page: Page) -> None:
    opened(page)
    pick(page, "nominee", "liu yang")
    page.get_by_label("Money").check()
    page.get_by_label("Amount").fill("3000")
    page.get_by_label("Amount").blur()
    ahead = page.locator("[data-ahead]")
    expect(ahead).to_contain_text("Li Lei")
    expect(ahead).not_to_contain_text("HR approves")
    page.get_by_label("Amount").fill("9000")
    page.get_by_label("Amount").blur()
    expect(ahead).to_contain_text("HR approves")


def test_what_is_wrong_is_said_once_one_has_left_the_field(page: Page) -> None:
    opened(page)
    page.get_by_label("Reason").fill("Good.")
    expect(field(page, "reason").locator(".fl-error")).to_have_count(0)
    page.get_by_label("Reason").blur()
    error = field(page, "reason").locator(".fl-error")
    expect(error).to_contain_text("20")
    expect(page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    assert page.get_by_label("Reason").get_attribute("aria-describedby") == error.get_attribute("id")
    expect(page.locator("[data-summary]")).to_contain_text("1 field to correct: Reason")
    page.get_by_label("Reason").fill(REASON)
    page.get_by_label("Reason").blur()
    expect(error).to_have_count(0)
    expect(page.locator("[data-summary]")).to_be_hidden()


def test_sending_too_early_says_everything_that_is_missing_and_leads_to_the_first(page: Page) -> None:
    opened(page)
    page.get_by_label("Reason").fill(REASON)
    page.locator("[data-send]").click()
    page.wait_for_load_state()
    expect(field(page, "nominee").locator(".fl-error")).to_be_visible()
    expect(field(page, "kind").locator(".fl-error")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value(REASON)
    assert axe(page) == []
    page.locator("[data-summary]").click()
    expect(page.locator("#f-nominee")).to_be_focused()


def test_a_closed_tab_loses_nothing(page: Page) -> None:
    opened(page)
    page.get_by_label("Gift", exact=True).first.check()
    page.locator('[name="items/0/gift"]').fill("Book")
    pick(page, "nominee", "liu yang")
    kept(page)
    page.goto("/inbox")
    page.goto(REQUEST)
    expect(page.locator('[name="items/0/gift"]')).to_have_value("Book")
    expect(field(page, "nominee")).to_contain_text("Liu Yang")
    page.get_by_role("button", name="Start afresh").click()
    expect(field(page, "nominee")).not_to_contain_text("Liu Yang")


def test_whoever_was_signed_out_meanwhile_is_told_that_nothing_is_kept_any_more(page: Page) -> None:
    opened(page)
    page.get_by_label("Reason").fill(REASON)
    kept(page)
    page.context.clear_cookies()
    page.get_by_label("Reason").fill(f"{REASON} And more.")
    expect(page.locator("[data-saved]")).to_contain_text("you are signed out")
    sign_in(page, "amy.chen")
    page.goto(REQUEST)
    expect(page.get_by_label("Reason")).to_have_value(REASON)


def test_rows_are_pasted_from_a_spreadsheet_moved_through_and_removed(page: Page) -> None:
    opened(page)
    page.get_by_label("Gift", exact=True).first.check()
    paste(page, page.locator('[name="items/0/gift"]'), 'Dinner\t200\t6\n"Reader, 8""\nblack"\t999\t1\n')
    expect(page.locator('[name="items/1/gift"]')).to_have_value('Reader, 8" black')
    expect(page.locator("[data-sum]")).to_have_text("2,199.00 CNY")
    expect(page.locator("#f-total")).to_have_text("2,199.00 CNY")
    page.locator('[name="items/1/gift"]').press("Enter")
    expect(page.locator('[name="items/2/gift"]')).to_be_focused()
    page.locator('[name="items/2/gift"]').press("ArrowUp")
    expect(page.locator('[name="items/1/gift"]')).to_be_focused()
    page.get_by_label("Remove row 1").click()
    expect(page.locator('[name="items/0/gift"]')).to_have_value('Reader, 8" black')
    expect(page.locator("#f-total")).to_have_text("999.00 CNY")
    expect(page.get_by_label("Gift, row 1")).to_have_value('Reader, 8" black')


def test_a_person_is_picked_by_keyboard_alone_and_taken_back(page: Page) -> None:
    opened(page)
    box = page.locator("#f-nominee")
    with page.expect_response(lambda answer: answer.url.endswith("q=l")):
        box.press_sequentially("l", delay=10)
    field(page, "nominee").get_by_role("option").nth(1).wait_for()
    first = box.get_attribute("aria-activedescendant")
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") != first
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.fill("")
    pick(page, "nominee", "liu yang")
    expect(field(page, "nominee")).to_contain_text("Liu Yang")
    box.press("Backspace")
    expect(field(page, "nominee").locator("[data-chosen]")).to_have_count(0)


def test_a_file_is_uploaded_at_once_and_one_of_a_wrong_kind_is_refused_in_words(page: Page) -> None:
    opened(page)
    chooser = field(page, "files").locator("input[type=file]")
    chooser.set_input_files({"name": "contract 合同.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
    entry = field(page, "files").locator(".fl-file")
    expect(entry.get_by_role("link")).to_have_text("contract 合同.pdf")
    chooser.set_input_files({"name": "virus.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"})
    expect(field(page, "files").locator(".fl-file.is-wrong")).to_contain_text("virus.exe")
    expect(field(page, "files").locator(".fl-file.is-wrong")).to_contain_text("no file of a kind that is taken here")
    with page.expect_download() as download:
        entry.get_by_role("link").first.click()
    assert download.value.suggested_filename == "contract 合同.pdf"
    entry.first.get_by_role("button").click()
    expect(entry.get_by_role("link")).to_have_count(0)


def test_ctrl_enter_sends_the_form_and_twice_makes_one_record(page: Page) -> None:
    opened(page)
    pick(page, "nominee", "liu yang")
    page.get_by_label("Honour").check()
    page.get_by_label("Title or certificate").fill("Colleague of the month")
    page.get_by_label("When it was done").fill("2026-11-20")
    page.get_by_label("Reason").fill(REASON)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/reward_request/[0-9a-f-]{36}$"))
    expect(page.locator("h1")).to_contain_text("Liu Yang")
    expect(page.locator("[data-toast]")).to_contain_text("Submitted")
    page.go_back()
    page.goto(REQUEST)
    expect(page.get_by_label("Reason")).to_have_value("")


def test_without_script_the_form_is_filled_and_sent_just_the_same(open_page: Opener) -> None:
    page = opened(open_page(script=False))
    page.get_by_label("Gift", exact=True).first.check()
    page.get_by_role("button", name="Show the fields").click()
    page.locator('[name="items/0/gift"]').fill("Book")
    page.locator('[name="items/0/price"]').fill("80")
    page.locator('[name="items/0/count"]').fill("2")
    page.get_by_role("button", name="Add a row").click()
    page.locator('[name="items/1/gift"]').fill("Pen")
    page.get_by_label("Remove row 2").click()
    page.locator("#f-nominee").fill("liu yang")
    field(page, "nominee").get_by_role("button", name="Search").click()
    field(page, "nominee").get_by_role("radio").first.check()
    page.get_by_label("When it was done").fill("2026-11-20")
    page.get_by_label("Reason").fill("Good.")
    page.locator("[data-send]").click()
    expect(field(page, "reason").locator(".fl-error")).to_be_visible()
    expect(page.locator('[name="items/0/gift"]')).to_have_value("Book")
    expect(field(page, "nominee")).to_contain_text("Liu Yang")
    page.get_by_label("Reason").fill(REASON)
    page.locator("[data-send]").click()
    expect(page.locator("h1")).to_contain_text("Liu Yang")
    expect(page.locator("main")).to_contain_text("160.00 CNY")


def test_a_date_or_number_that_cannot_be_read_is_said_and_stays_as_typed(open_page: Opener) -> None:
    page = opened(open_page(script=False))
    page.get_by_label("Gift", exact=True).first.check()
    page.get_by_role("button", name="Show the fields").click()
    page.locator('[name="items/0/price"]').fill("a lot")
    page.locator("[data-send]").click()
    expect(page.locator('[name="items/0/price"]')).to_have_value("a lot")
    expect(page.locator("td.is-wrong").first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "address", [REQUEST, OPPORTUNITY, "/apps/training/training_signup/new", "/apps/kpi/kpi_goal/new"]
)
def test_form_pages_are_clean_in_every_look(open_page: Opener, address: str, phone: bool, dark: bool) -> None:
    page = opened(open_page(dark=dark, **({"viewport": PHONE} if phone else {})), address, "li.lei")
    assert axe(page) == []
    assert sideways(page) == 0


def test_a_form_page_weighs_at_most_100_kilobytes_of_script_and_style(page: Page) -> None:
    opened(page)
    page.wait_for_load_state("networkidle")
    weights = page.evaluate(
        """performance.getEntriesByType('resource').filter((each) => /\\.(js|css)$/.test(each.name)).map((each) => each.encodedBodySize)"""
    )
    assert 30_000 < sum(weights) < 100_000


def test_the_page_says_the_readers_language(open_page: Opener, tmp_path: Path) -> None:
    page = opened(open_page(language="zh-CN"), who="wang.fang")
    if page.locator("html").get_attribute("lang") != "zh-Hans":
        page.goto("/profile")
        page.locator("select[name=language]").select_option("zh_Hans")
        page.locator("form:has(select[name=language]) button[type=submit]").first.click()
        page.goto(REQUEST)
    expect(page.locator("h1")).to_have_text("奖励申请")
    page.locator("[data-send]").click()
    expect(field(page, "nominee").locator(".fl-error")).to_contain_text("被提名人")
    assert axe(page) == []
