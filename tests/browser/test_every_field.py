"""Every type of field on the desk and the phone, light and dark: to axe's liking, within the window, by keyboard alone."""

import base64
import re

import pytest
from browser.conftest import DESK, PHONE, Opener, axe, sideways, sign_in
from browser.every_field import LONG, package
from playwright.sync_api import FilePayload, Locator, Page, ViewportSize, expect

ADMIN = "zhou.xiaotong"
SECTIONS, TABS, STEPS = (f"/apps/every_field/every_{part}/new" for part in ("section", "tab", "step"))


def every(page: Page, address: str = SECTIONS) -> Page:
    """The form at `address`, empty, of an app that is installed where it is not there yet."""
    sign_in(page, ADMIN)
    answer = page.request.get("/design/every_field")
    if answer.status == 404:
        page.goto("/design")
        packed = FilePayload(name="every.zip", mimeType="application/zip", buffer=package())
        page.locator("input[type=file]").set_input_files(packed)
        page.locator("form[action$='/import'] button[type=submit]").click()
        page.wait_for_url("**/design/every_field")
    page.goto(address)
    afresh = page.get_by_role("button", name=re.compile("Start afresh|重新填写"))
    if afresh.is_visible():
        afresh.click()
    return page


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-field="{name}"]')


def unknown_icons(page: Page) -> list[str]:
    """Icons that the page names and the sprite has not: they would be drawn as nothing."""
    sprite = page.request.get(page.locator("use").first.get_attribute("href").partition("#")[0]).text()
    named = page.locator("use").evaluate_all(
        "(all) => [...new Set(all.map((use) => use.getAttribute('href').split('#')[1]))]"
    )
    return [name for name in named if f'id="{name}"' not in sprite]


@pytest.fixture(
    params=[(DESK, False), (DESK, True), (PHONE, False), (PHONE, True)],
    ids=["desk", "desk-dark", "phone", "phone-dark"],
)
def look(request: pytest.FixtureRequest, open_page: Opener) -> tuple[Page, ViewportSize]:
    viewport, dark = request.param
    return open_page(viewport=viewport, dark=dark), viewport


def test_every_field_is_drawn_within_the_window_and_to_axes_liking(look: tuple[Page, ViewportSize]) -> None:
    page, _ = look
    every(page)
    assert unknown_icons(page) == []
    assert axe(page) == []
    assert sideways(page) == 0


@pytest.mark.parametrize("address", [TABS, STEPS])
def test_tabs_and_steps_are_to_axes_liking(look: tuple[Page, ViewportSize], address: str) -> None:
    page, _ = look
    every(page, address)
    for part in page.locator(".fl-wizard button, .fl-formtabs button").all():
        part.click()
        assert axe(page) == []
        assert sideways(page) == 0


def test_a_record_with_everything_is_read_and_changed_within_the_window(look: tuple[Page, ViewportSize]) -> None:
    page, _ = look
    every(page)
    page.locator("#f-name").fill("W" * 100)
    page.locator("#f-notes").fill("Line one\nLine two")
    page.locator("#f-amount").fill("12")
    field(page, "likert").get_by_label("Food: Good").check()
    page.get_by_label(LONG).check()
    page.locator("#f-items-0-thing").fill("<script>alert(1)</script> =1+1 " + "x" * 60)
    page.locator("#f-items-0-note").fill("n" * 90)
    page.locator("#f-length").fill("2d 4h")
    page.get_by_role("button", name="Save", exact=False).last.click()
    page.wait_for_url(re.compile(r"/every_section/[^/]+$"))
    assert axe(page) == []
    assert sideways(page) == 0
    expect(page.locator("article").get_by_role("heading", name="In full")).to_be_visible()
    change = page.get_by_role("link", name="Change")
    expect(change).to_be_visible()
    change.click()
    expect(page.locator("#f-length")).to_have_value("2 d 4 h")
    assert axe(page) == []
    assert sideways(page) == 0


def test_a_grid_of_marks_is_filled_in_with_the_keyboard(page: Page) -> None:
    every(page)
    first = field(page, "likert").get_by_label("Food: Bad")
    first.focus()
    box = first.bounding_box()
    assert box is not None
    assert 14 <= box["width"] == box["height"] <= 24
    page.keyboard.press("ArrowRight")
    expect(field(page, "likert").get_by_label("Food: Good")).to_be_checked()
    page.keyboard.press("Tab")
    expect(field(page, "likert").get_by_label("Room: Bad")).to_be_focused()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_answers_of_a_picker_in_a_table_are_not_cut_off(open_page: Opener, viewport: ViewportSize) -> None:
    page = every(open_page(viewport=viewport))
    box = page.get_by_role("combobox", name="Who, row 1")
    box.press_sequentially("amy", delay=10)
    option = page.get_by_role("option", name=re.compile("Amy Chen"))
    expect(option).to_be_in_viewport(ratio=1)
    covered = option.evaluate(
        "(o) => { const r = o.getBoundingClientRect(); return !o.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)) }"
    )
    assert not covered
    box.press("Enter")
    expect(field(page, "items/0/who").locator("[data-chosen]")).to_contain_text("Amy Chen")


def test_a_cascade_names_its_steps_and_stops_at_the_last(page: Page) -> None:
    every(page)
    page.get_by_label("Hall").select_option("North")
    line = field(page, "machine").get_by_label("Line", exact=True)
    expect(line).to_be_visible()
    page.get_by_label("Province").select_option(index=1)
    expect(field(page, "region").get_by_label("City")).to_be_visible()
    page.get_by_role("button", name="Save", exact=False).last.click()
    expect(field(page, "machine").locator(".fl-error")).to_have_text("Choose from each list, down to the last step.")


def test_what_is_wrong_behind_other_tabs_is_counted_and_marked(page: Page) -> None:
    every(page, TABS)
    page.get_by_role("tab", name="The rest").click()
    page.get_by_role("button", name="Save", exact=False).last.click()
    expect(page.locator("[data-summary]")).to_have_text("2 fields to correct, first: Name")
    expect(page.get_by_role("tab", name="Words (to correct)")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="Numbers (to correct)")).to_be_visible()


def test_steps_say_which_are_done_and_which_to_correct(page: Page) -> None:
    every(page, STEPS)
    page.get_by_role("button", name="Next step").click()
    expect(page.get_by_role("button", name="Words (to correct)")).to_have_attribute("aria-current", "step")
    page.locator("#f-name").fill("x")
    page.get_by_role("button", name="Next step").click()
    expect(page.get_by_role("button", name="Words (done)")).to_be_visible()
    expect(page.get_by_role("button", name="Back a step")).to_be_visible()


def test_one_signs_without_a_pen_by_choosing_a_picture(page: Page) -> None:
    every(page)
    box = field(page, "signed")
    expect(box.get_by_text("Or choose a picture of it")).to_be_visible()
    drawn = page.evaluate(
        "() => { const c = document.createElement('canvas'); c.width = c.height = 8; return c.toDataURL().split(',')[1] }"
    )

    box.locator("input[type=file]").set_input_files(
        FilePayload(name="mine.png", mimeType="image/png", buffer=base64.b64decode(drawn))
    )
    expect(box.locator("img.fl-thumb")).to_be_visible()


def test_a_signature_that_was_drawn_is_sent_with_the_form(page: Page) -> None:
    every(page)
    page.locator("#f-name").fill("Signed")
    page.locator("#f-amount").fill("1")
    canvas = field(page, "signed").locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90)
    page.mouse.up()
    page.get_by_role("button", name="Save", exact=False).last.click()
    page.wait_for_url(re.compile(r"/every_section/[^/]+$"))
    expect(page.get_by_role("img", name="Signature")).to_be_visible()


def test_a_slider_that_is_moved_says_its_unit(page: Page) -> None:
    every(page)
    expect(field(page, "chance").locator("output")).to_have_text("–")
    page.locator("#f-chance").press("ArrowRight")
    expect(field(page, "chance").locator("output")).to_have_text("1 %")


def test_links_that_no_longer_work_say_so_and_lead_on(open_page: Opener) -> None:
    page = open_page(viewport=PHONE, dark=True)
    for address, onward in (("/reset/whatever", "Ask for a new link"), ("/invite/whatever", "Sign in")):
        page.goto(address)
        expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
        expect(page.get_by_role("link", name=onward)).to_be_visible()
        assert axe(page) == []
        assert sideways(page) == 0


def test_the_language_can_be_changed_after_something_was_refused(page: Page) -> None:
    sign_in(page, ADMIN)
    page.goto("/profile")
    page.locator("#old").fill("wrong")
    page.locator("#new").fill("a completely new one")
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("#old-error")).to_be_visible()
    page.locator("[popovertarget=m-lang]").first.click()
    page.get_by_role("button", name="English", exact=True).click()
    expect(page).to_have_url(re.compile("/profile$"))
    expect(page.locator("#old")).to_be_visible()
