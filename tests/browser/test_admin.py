"""Administration: departments, roles, members, invitations, people from a spreadsheet, the workspace; for admins only."""

from pathlib import Path

import pytest
from browser.conftest import DESK, PHONE, Opener, axe, sideways, sign_in
from playwright.sync_api import Page, expect

pytest_plugins = ("browser.fresh",)

PAGES = (
    "/admin/members", "/admin/members?member=new", "/admin/departments", "/admin/departments?department=new",
    "/admin/roles", "/admin/roles?role=new", "/admin/members/import", "/admin/workspace", "/admin/outbox", "/admin/jobs",
)  # fmt: skip
GOOD = """name,email,department,manager,roles,head
Wang Fang 王芳,wang@example.com,Sales,,Director,yes
Li Lei 李雷,li@example.com,Sales / North team,,"Finance, Team head",yes
Amy Chen,amy@example.com,Sales / North team,,Rep,
"""
BAD = """name,email,department,manager
Wang Fang,wang@example.com,Sales,
,nobody,Sales,
Amy,amy@example.com,Sales,ghost@example.com
"""


def upload(page: Page, text: str, folder: Path) -> None:
    file = folder / "people.csv"
    file.write_text(text, "utf-8")
    page.goto("/admin/members/import")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="See what would happen").click()
    page.wait_for_load_state()


def test_a_spreadsheet_with_mistakes_changes_nothing_and_names_each_row(admin: Page, tmp_path: Path) -> None:
    upload(admin, BAD, tmp_path)
    expect(admin.locator("tr.is-bad")).to_have_count(2)
    expect(admin.locator("main")).to_contain_text("2 rows have to be corrected")
    expect(admin.locator("tr.is-bad").last).to_contain_text("ghost@example.com")
    assert admin.get_by_role("button", name="Import 3 people").count() == 0
    assert axe(admin) == []
    admin.goto("/admin/members")
    assert "Wang Fang" not in admin.locator("main").inner_text()


def test_what_is_no_spreadsheet_is_refused_with_a_sentence(admin: Page, tmp_path: Path) -> None:
    upload(admin, "just some words", tmp_path)
    expect(admin.locator("#file-error")).to_contain_text("name")
    assert axe(admin) == []


def test_people_come_in_with_their_departments_heads_and_roles(admin: Page, tmp_path: Path) -> None:
    upload(admin, GOOD, tmp_path)
    expect(admin.locator("tbody tr")).to_have_count(3)
    admin.get_by_role("button", name="Import 3 people").click()
    expect(admin.locator(".fl-toasts")).to_contain_text("3 members are imported")
    admin.locator(".fl-tree").get_by_role("link", name="North team").click()
    expect(admin.locator("#list-title")).to_have_text("North team")
    expect(admin.locator(".fl-pane__head").first).to_contain_text("head: Li Lei 李雷")
    expect(admin.locator("tbody tr")).to_have_count(2)
    admin.goto("/admin/members?text=wang")
    expect(admin.locator("tbody tr")).to_have_count(1)
    admin.goto("/admin/roles")
    expect(admin.locator("main")).to_contain_text("Team head")


def test_a_department_is_made_moved_renamed_in_two_languages_and_deleted(admin: Page) -> None:
    admin.goto("/admin/departments?department=new")
    admin.fill("#name", "Logistics")
    admin.locator("summary").click()
    admin.fill("#name_zh_Hans", "物流部")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#panel-title")).to_have_text("Logistics")
    admin.get_by_role("link", name="One below").click()
    admin.fill("#name", "Warehouse")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#parent_id option:checked")).to_have_text("Logistics")
    admin.get_by_role("link", name="Logistics").click()
    admin.get_by_role("button", name="Delete…").click()
    admin.locator("dialog[open]").get_by_role("button", name="Delete").click()
    expect(admin.locator(".fl-toasts")).to_contain_text("stand below this one")
    admin.get_by_role("link", name="Warehouse").click()
    admin.get_by_role("button", name="Delete…").click()
    assert axe(admin) == []
    admin.locator("dialog[open]").get_by_role("button", name="Delete").click()
    expect(admin.locator(".fl-toasts")).to_contain_text("The department is deleted")
    assert "Warehouse" not in admin.locator("main").inner_text()


def test_a_department_cannot_stand_below_itself(admin: Page) -> None:
    for name, below in (("Upper", ""), ("Lower", "Upper")):
        admin.goto("/admin/departments?department=new")
        admin.fill("#name", name)
        if below:
            admin.select_option("#parent_id", label=below)
        admin.get_by_role("button", name="Save").click()
    admin.get_by_role("link", name="Upper").click()
    admin.select_option("#parent_id", label="Upper / Lower")
    admin.fill("#name", "Upper, renamed")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#parent_id-error")).to_be_visible()
    expect(admin.locator("#name")).to_have_value("Upper, renamed")


def test_a_role_is_made_and_deleted(admin: Page) -> None:
    admin.goto("/admin/roles?role=new")
    admin.fill("#name", "Legal")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator(".fl-list")).to_contain_text("Legal")
    admin.get_by_role("button", name="Delete…").click()
    admin.locator("dialog[open]").get_by_role("button", name="Delete").click()
    expect(admin.locator(".fl-toasts")).to_contain_text("The role is deleted")


def test_a_member_is_invited_changed_switched_off_and_on(admin: Page) -> None:
    admin.goto("/admin/members")
    admin.get_by_role("link", name="Invite", exact=True).click()
    admin.fill("#name", "Emma Zhang")
    admin.fill("#email", "not an address")
    admin.locator("#email").evaluate("field => field.type = 'text'")
    admin.get_by_role("button", name="Invite", exact=True).click()
    expect(admin.locator("#email-error")).to_be_visible()
    expect(admin.locator("#name")).to_have_value("Emma Zhang")
    admin.fill("#email", "emma@example.com")
    admin.get_by_role("button", name="Invite", exact=True).click()
    assert "/invite/" in admin.locator("#link").input_value()
    assert axe(admin) == []

    admin.goto("/admin/members?text=emma")
    admin.get_by_role("link", name="Emma Zhang").click()
    expect(admin.locator(".fl-pane--member")).to_contain_text("Has no account yet")
    admin.fill("#name", "Emma Zhang-Li")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#panel-title")).to_have_text("Emma Zhang-Li")
    admin.get_by_role("button", name="Switch off…").click()
    expect(admin.locator("dialog[open]")).to_contain_text("What they did and decided stays")
    assert axe(admin) == []
    admin.locator("dialog[open]").get_by_role("button", name="Switch off").click()
    expect(admin.locator(".fl-toasts")).to_contain_text("switched off")
    admin.get_by_role("button", name="Undo").click()
    expect(admin.locator(".fl-toasts")).to_contain_text("switched on again")
    expect(admin.locator("#panel-title")).to_have_text("Emma Zhang-Li")


def test_the_last_admin_stays_one(admin: Page) -> None:
    admin.goto("/admin/members?text=zhou@example.com")
    admin.get_by_role("link", name="Zhou Xiaotong").click()
    admin.locator("input[name=admin]").uncheck()
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator(".fl-pane--member")).to_contain_text("This is the last admin")


def test_the_workspace_gets_another_name_and_refuses_hours_that_are_none(admin: Page) -> None:
    admin.goto("/admin/workspace")
    admin.fill("#name", "Hesheng Instruments")
    admin.fill("#hours", "from nine to five")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator("#hours-error")).to_be_visible()
    expect(admin.locator("#hours")).to_have_value("from nine to five")
    admin.fill("#hours", "09:00–12:00, 13:00–17:30")
    admin.select_option("#country", "CN")
    admin.get_by_role("button", name="Save").click()
    expect(admin.locator(".fl-side__space")).to_contain_text("Hesheng Instruments")
    expect(admin.locator("#hours")).to_have_value("09:00–12:00, 13:00–17:30")


def test_administration_works_without_script(open_page: Opener) -> None:
    page = sign_in(open_page(script=False), "zhou.xiaotong")
    page.goto("/admin/roles?role=new")
    page.fill("#name", "Night shift")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".fl-list")).to_contain_text("Night shift")
    page.get_by_role("button", name="Delete…").click()
    assert "Night shift" not in page.locator("main").inner_text()


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("address", PAGES)
def test_administration_is_for_every_admin(open_page: Opener, address: str, language: str) -> None:
    for viewport, dark in ((DESK, True), (PHONE, False)):
        page = sign_in(open_page(viewport=viewport, dark=dark, language=language), "zhou.xiaotong", language=language)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
        assert axe(page) == []
        assert sideways(page) == 0


def test_administration_is_for_admins_only(page: Page) -> None:
    sign_in(page, "amy.chen")
    for address in PAGES:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 403, address
    token = page.locator("input[name=csrf_token]").first.input_value()
    for address in ("/admin/members", "/admin/roles/new", "/admin/departments/new", "/admin/workspace"):
        sent = page.request.post(address, form={"csrf_token": token, "name": "Mine", "email": "me@example.com"})
        assert sent.status == 403, address
