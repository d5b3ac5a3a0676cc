"""Records from a filled-in spreadsheet: the template, the look ahead, the import; on the desk and on a phone, in both languages."""

import io
from pathlib import Path
from uuid import uuid4

from browser.conftest import PHONE, Opener, axe, sideways, sign_in
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

TABLE = "/apps/crm/product"
PRODUCT: dict[str, object] = {"Category": "Balances", "Unit": "set", "List price": 1200.5, "On sale": "Yes"}


def template(page: Page) -> bytes:
    """The template that the page gives away."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Template", exact=True).click()
    return Path(waiting.value.path()).read_bytes()


def filled(data: bytes, *rows: dict[str, object]) -> bytes:
    """The template with rows, each value below the head that begins with its key."""
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    heads = [str(cell.value).removesuffix(" *") for cell in sheet[1]]
    for number, row in enumerate(rows, start=2):
        for head, value in row.items():
            sheet.cell(number, heads.index(head) + 1, value)  # type: ignore[arg-type]
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def choose(page: Page, data: bytes) -> None:
    page.locator("#file").set_input_files(
        {"name": "filled.xlsx", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.locator("form:has(#file) button[type=submit]").click()
    page.locator("#rows").wait_for()


def test_a_filled_template_is_looked_at_and_its_good_rows_are_imported(page: Page) -> None:
    sign_in(page, "zhou.xiaotong")
    page.goto(TABLE)
    page.get_by_role("link", name="Import from a spreadsheet").click()
    name, code = f"Probe {uuid4().hex[:8]}", f"PR-{uuid4().hex[:6].upper()}"
    data = filled(
        template(page),
        PRODUCT | {"Name": name, "Article number": code},
        PRODUCT | {"Name": "Wrong", "Article number": f"{code}X", "List price": "much"},
    )
    choose(page, data)
    bad = page.locator("tr.is-bad")
    expect(bad).to_have_count(1)
    expect(bad).to_contain_text("List price (")
    expect(page.locator("main")).to_contain_text("1 row can’t be imported as it is.")
    assert axe(page) == []
    page.get_by_role("button", name="Import 1 record").click()
    expect(page.locator("[data-toast]").first).to_contain_text("1 record is imported.")
    page.goto(f"{TABLE}?q={name.replace(' ', '+')}")
    expect(page.locator("main tbody")).to_contain_text(name)


def test_a_file_that_is_no_table_is_told_at_its_field(page: Page) -> None:
    sign_in(page, "zhou.xiaotong")
    page.goto(f"{TABLE}/import")
    page.locator("#file").set_input_files(
        {"name": "a.xlsx", "mimeType": "application/octet-stream", "buffer": b"\x00\x01"}
    )
    with page.expect_response(lambda answer: answer.status == 422):
        page.locator("form:has(#file) button[type=submit]").click()
    expect(page.locator("#file-error")).to_be_visible()
    assert axe(page) == []


def test_the_page_fits_a_phone_and_speaks_chinese(open_page: Opener) -> None:
    page = sign_in(open_page(viewport=PHONE), "zhou.xiaotong")
    page.goto(f"{TABLE}/import")
    switch_to(page, "简体中文")
    expect(page.locator("h1")).to_have_text("从电子表格导入记录")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        choose(page, "名称,没有的列\n甲,乙\n".encode())
        expect(page.locator("main")).to_contain_text("本表单没有此可填字段")
        expect(page.locator("tr.is-bad")).to_have_count(1)
        assert sideways(page) == 0
        assert axe(page) == []
    switch_to(page, "English")


def switch_to(page: Page, language: str) -> None:
    """Choose the language in the menu of a phone; it is kept for the account."""
    page.locator("[popovertarget=m-me]").click()
    page.locator("#m-me [popovertarget=m-lang]").click()
    page.locator("#m-lang").get_by_role("button", name=language).click()
    page.wait_for_load_state()
