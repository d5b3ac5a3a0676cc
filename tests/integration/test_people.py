"""Members, departments, roles and their import, on real databases."""

import io

import pytest
import xlsxwriter
from builders import World, new_world

from formloom.platform.errors import Conflict, InputInvalid, NotAllowed, NotFound
from formloom.platform.models import Member
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import accounts, departments, people, people_import, roles, workspaces


def tree(world: World) -> list[tuple[int, str, str]]:
    return [(row.depth, row.name, row.head_name) for row in departments.departments(world.admin)]


def sheet(*rows: list[object]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return target.getvalue()


def test_departments_are_a_tree_with_heads(world: World) -> None:
    assert tree(world) == [(0, "Sales", "王芳"), (1, "North team", "李雷"), (0, "Office", "Rita Root")]
    south = departments.save_department(world.admin, None, name="South team", parent_id="sales", head_id="bob")
    assert (1, "South team", "Bob Stone") in tree(world)
    departments.save_department(world.admin, south, name="South", parent_id=None, head_id=None)
    assert (0, "South", "") in tree(world)


def test_a_department_cannot_stand_below_itself(world: World) -> None:
    with pytest.raises(InputInvalid) as wrong:
        departments.save_department(world.admin, "sales", name="Sales", parent_id="north", head_id="wang")
    assert set(wrong.value.errors) == {"parent_id"}
    with pytest.raises(InputInvalid):
        departments.save_department(world.admin, "sales", name="Sales", parent_id="sales")


def test_a_department_with_people_or_departments_in_it_stays(world: World) -> None:
    with pytest.raises(Conflict):
        departments.delete_department(world.admin, "north")
    top = departments.save_department(world.admin, None, name="Top")
    below = departments.save_department(world.admin, None, name="Below", parent_id=top)
    with pytest.raises(Conflict):
        departments.delete_department(world.admin, top)
    departments.delete_department(world.admin, below)
    departments.delete_department(world.admin, top)
    assert "Top" not in [name for _, name, _ in tree(world)]


def test_the_directory_follows_every_change_at_once(world: World) -> None:
    assert people.directory(world.admin).manager("amy") == "li"
    departments.save_department(world.admin, "north", name="North team", parent_id="sales", head_id="bob")
    assert people.directory(world.admin).manager("amy") == "bob"
    people.save_member(
        world.admin, "bob", name="Bob Stone", email="bob@example.com", department_id="sales", active=False
    )
    assert people.directory(world.admin).manager("amy") == "wang"
    assert "bob" not in people.directory(world.admin).members()


def test_roles_are_given_taken_and_kept_while_held(world: World) -> None:
    buyer = roles.save_role(world.admin, None, name="Buyer")
    people.save_member(
        world.admin, "bob", name="Bob Stone", email="bob@example.com", department_id="sales", role_ids=[buyer]
    )
    assert people.directory(world.admin).in_role(buyer) == ("bob",)
    with pytest.raises(Conflict):
        roles.delete_role(world.admin, buyer)
    people.save_member(world.admin, "bob", name="Bob Stone", email="bob@example.com", department_id="sales")
    roles.delete_role(world.admin, buyer)
    assert buyer not in [row.id for row in roles.roles(world.admin)]


def test_departments_side_by_side_and_roles_are_told_apart_by_their_names(world: World) -> None:
    names = {"zh_Hans": "南区"}
    south = departments.save_department(world.admin, None, name="South", parent_id="sales", translations=names)
    departments.save_department(world.admin, south, name="South ", parent_id="sales", translations=names)
    departments.save_department(world.admin, None, name="South", parent_id="office")
    for name, translations, wrong in (("ｓｏｕｔｈ", {}, "name"), ("S", {"zh_Hans": "南区"}, "name_zh_Hans")):
        with pytest.raises(InputInvalid) as refused:
            departments.save_department(world.admin, None, name=name, parent_id="sales", translations=translations)
        assert refused.value.errors == {
            wrong: f"“{translations.get('zh_Hans', name)}” is there already. Choose another name."
        }
    roles.save_role(world.admin, "finance", name="Finance", translations={"zh_Hans": "财务"})
    for name, translations, wrong in (
        ("FINANCE", {}, "name"),
        ("财务", {}, "name"),
        ("M", {"en": "Finance"}, "name_en"),
    ):
        with pytest.raises(InputInvalid) as refused:
            roles.save_role(world.admin, None, name=name, translations=translations)
        assert set(refused.value.errors) == {wrong}
    with pytest.raises(InputInvalid) as refused:
        roles.save_role(world.admin, None, name="N", translations={"en": "x" * 201})
    assert set(refused.value.errors) == {"name_en"}


def test_nobody_is_their_own_manager_through_others(world: World) -> None:
    def manager(member: str, manager: str | None, **more: object) -> None:
        row = people.member(world.admin, member)
        kept = {"name": row.name, "email": row.email, "department_id": row.department_id}
        people.save_member(world.admin, member, **kept, manager_id=manager, **more)  # type: ignore[arg-type]

    with pytest.raises(InputInvalid) as wrong:  # who heads amy's department is her manager already
        manager("li", "amy")
    assert wrong.value.errors == {"manager_id": "That would make a ring of managers: 李雷 → Amy Chen → 李雷."}
    manager("amy", "bob")
    manager("li", "amy")
    with pytest.raises(InputInvalid) as wrong:
        manager("bob", "li")
    assert wrong.value.errors["manager_id"].endswith(": Bob Stone → 李雷 → Amy Chen → Bob Stone.")
    with world.admin.writing() as db:  # one that was made before this was refused
        db.get_one(Member, (world.workspace_id, "bob")).manager_id = "li"
    manager("bob", "li", active=False)
    manager("bob", None)


def test_members_are_found_by_name_address_department_and_role(world: World) -> None:
    def found(**asked: object) -> list[str]:
        return [row.id for row in people.members(world.admin, **asked).rows]  # type: ignore[arg-type]

    assert found(text="chen") == ["amy"]
    assert found(text="李") == ["li"]
    assert found(text="%") == []
    assert set(found(department_id="sales")) == {"wang", "bob"}
    assert found(role_id="finance") == ["li"]
    assert len(found()) == 5


def test_lists_of_members_are_paged_by_key(world: World) -> None:
    seen: list[str] = []
    after: str | None = None
    while True:
        page = people.members(world.admin, after=after, limit=2)
        seen += [row.id for row in page.rows]
        after = page.after
        if after is None:
            break
    assert sorted(seen) == ["amy", "bob", "li", "root", "wang"]


def test_only_admins_change_people(world: World) -> None:
    amy = world.caller("amy")
    for attempt in (
        lambda: people.save_member(amy, None, name="Eve", email="eve@example.com"),
        lambda: departments.save_department(amy, None, name="Eve's"),
        lambda: departments.delete_department(amy, "north"),
        lambda: roles.save_role(amy, None, name="Queen"),
        lambda: roles.delete_role(amy, "hr"),
        lambda: people_import.import_people(amy, b"", dry_run=True),
        lambda: workspaces.save_workspace(amy, name="Mine", language="en", zone="UTC"),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_the_last_admin_can_neither_leave_nor_step_down(runtime: Runtime) -> None:
    made = accounts.create_workspace(
        runtime,
        workspace="Hesheng",
        name="Rita",
        email="rita@example.com",
        password="correct horse battery",
        language="en",
        zone="UTC",
    )
    admin = admin_of(runtime, made)
    for changes in ({"admin": False}, {"admin": True, "active": False}):
        with pytest.raises(Conflict):
            people.save_member(admin, made.member_id, name="Rita", email="rita@example.com", **changes)


def admin_of(runtime: Runtime, made: accounts.SignedIn) -> Caller:
    return caller_for(runtime, made.workspace_id, made.member_id)


def test_what_points_nowhere_is_refused_at_its_field(world: World) -> None:
    with pytest.raises(InputInvalid) as wrong:
        people.save_member(
            world.admin,
            "amy",
            name="",
            email="no address",
            department_id="moon",
            manager_id="amy",
            role_ids=["queen"],
        )
    assert set(wrong.value.errors) == {"name", "email", "department_id", "manager_id", "role_ids"}


def test_two_members_cannot_have_one_address(world: World) -> None:
    taken = people.member(world.admin, "bob").email
    with pytest.raises(Conflict):
        people.save_member(world.admin, "amy", name="Amy Chen", email=taken.upper())


def test_one_workspace_never_sees_the_people_of_another(runtime: Runtime) -> None:
    ours, theirs = new_world(runtime), new_world(runtime, name="Other")
    stranger = people.save_member(theirs.admin, None, name="Stranger", email="stranger@example.com")
    department = departments.save_department(theirs.admin, None, name="Secret")
    role = roles.save_role(theirs.admin, None, name="Spy")
    assert stranger not in [row.id for row in people.members(ours.admin).rows]
    for attempt in (
        lambda: people.member(ours.admin, stranger),
        lambda: people.save_member(ours.admin, stranger, name="Mine", email="mine@example.com"),
        lambda: departments.delete_department(ours.admin, department),
        lambda: departments.save_department(ours.admin, department, name="Mine"),
        lambda: roles.delete_role(ours.admin, role),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(InputInvalid):
        people.save_member(ours.admin, "amy", name="Amy", email="amy@example.com", department_id=department)


PEOPLE = (
    ["Name", "Email", "Department", "Manager", "Roles", "Head"],
    ["周敏", "min@example.com", "Sales / South team", "wang@example.com", "Buyer, Finance", "yes"],
    ["Amy Chen", "amy@example.com", "Sales/South team", "min@example.com", "", ""],
)


def test_a_spreadsheet_of_people_is_imported_whole(world: World) -> None:
    people.save_member(
        world.admin, "amy", name="Amy Chen", email="amy@example.com", department_id="north", role_ids=["hr"]
    )
    people.save_member(world.admin, "wang", name="王芳", email="wang@example.com", department_id="sales")
    data = sheet(*[list(row) for row in PEOPLE])
    plan = people_import.import_people(world.admin, data, dry_run=True)
    assert plan.errors == ()
    assert [(row.number, row.change) for row in plan.rows] == [(2, "added"), (3, "changed")]
    assert people.member_by_email(world.admin, "min@example.com") is None
    people_import.import_people(world.admin, data, dry_run=False)
    min_ = people.member_by_email(world.admin, "min@example.com")
    amy = people.member(world.admin, "amy")
    assert min_ is not None
    assert (min_.department, sorted(min_.roles), min_.manager_id) == ("South team", ["Buyer", "Finance"], "wang")
    assert (amy.manager_id, amy.department, amy.role_ids) == (min_.id, "South team", ("hr",))
    assert (1, "South team", "周敏") in tree(world)


def test_the_same_import_twice_changes_nothing_more(world: World) -> None:
    people.save_member(world.admin, "wang", name="王芳", email="wang@example.com", department_id="sales")
    data = sheet(*[list(row) for row in PEOPLE])
    people_import.import_people(world.admin, data, dry_run=False)
    before = (tree(world), [row.id for row in people.members(world.admin).rows])
    people_import.import_people(world.admin, data, dry_run=False)
    assert before == (tree(world), [row.id for row in people.members(world.admin).rows])


def test_people_are_read_as_every_other_spreadsheet_is(world: World) -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        page = made.add_worksheet()
        page.write_row(2, 1, ["Name", "Email", "Department"])
        page.write_row(4, 1, ["周敏", "min@example.com"])
        page.write_formula(4, 3, "=NA()", None, "#N/A")
    plan = people_import.import_people(world.admin, book.getvalue(), dry_run=True)
    assert [(error.number, error.message) for error in plan.errors] == [
        (5, "This cell holds the error #N/A in place of a value.")
    ]
    text = "姓名;邮箱\r\n周敏;min@example.com\r\n".encode("utf-16")
    assert [row.number for row in people_import.import_people(world.admin, text, dry_run=True).rows] == [2]


def test_every_mistake_of_an_import_is_told_with_its_row_and_nothing_is_done(world: World) -> None:
    text = "姓名,邮箱,部门,上级,负责人\n,x@example.com,,,\nA,no address,,,\nB,b@example.com,,ghost@example.com,\nC,b@example.com,,,是\n"
    result = people_import.import_people(world.admin, text.encode("gb18030"), dry_run=False)
    assert [error.number for error in result.errors] == [2, 3, 4, 5, 5]
    assert people.member_by_email(world.admin, "b@example.com") is None


def test_departments_and_roles_are_known_by_any_of_their_names(world: World) -> None:
    departments.save_department(
        world.admin, "north", name="North team", parent_id="sales", head_id="li", translations={"zh_Hans": "北区"}
    )
    roles.save_role(world.admin, "hr", name="Human resources", translations={"zh_Hans": "人力资源"})
    before = ([row.id for row in departments.departments(world.admin)], [row.id for row in roles.roles(world.admin)])
    text = "姓名,邮箱,部门,角色\n周敏,min@example.com,SALES/北区,人力资源、finance\n"
    people_import.import_people(world.admin, text.encode(), dry_run=False)
    found = people.member_by_email(world.admin, "min@example.com")
    assert found is not None
    assert (found.department_id, sorted(found.role_ids)) == ("north", ["finance", "hr"])
    assert before == (
        [row.id for row in departments.departments(world.admin)],
        [row.id for row in roles.roles(world.admin)],
    )


def test_an_import_names_the_ring_of_managers_it_would_make(world: World) -> None:
    people.save_member(world.admin, "amy", name="Amy Chen", email="amy@example.com", manager_id="bob")
    people.save_member(world.admin, "bob", name="Bob Stone", email="bob@example.com")
    text = (
        "Name,Email,Manager\nBob Stone,bob@example.com,x@example.com\nX,x@example.com,amy@example.com\n"
        "Y,y@example.com,x@example.com\nZ,z@example.com,z@example.com\n"
    )
    result = people_import.import_people(world.admin, text.encode(), dry_run=False)
    ring = "That would make a ring of managers: amy@example.com → bob@example.com → x@example.com → amy@example.com."
    assert [(error.number, error.message) for error in result.errors] == [
        (2, ring), (3, ring), (5, "Nobody is their own manager."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data", [b"no spreadsheet", b"PK\x03\x04broken", b"colour,size\nred,3\n", b"", b"\xff\xfe\xfd\x00"]
)
def test_a_file_that_is_no_list_of_people_is_refused_in_a_sentence(world: World, data: bytes) -> None:
    with pytest.raises(InputInvalid) as wrong:
        people_import.import_people(world.admin, data, dry_run=True)
    assert set(wrong.value.errors) == {"file"}


def test_the_workspace_has_a_zone_holidays_and_hours(world: World) -> None:
    workspaces.save_workspace(
        world.admin, name="Hesheng", language="zh_Hans", zone="Asia/Shanghai", country="CN", hours=[["08:30", "12:00"]]
    )
    found = workspaces.workspace(world.admin)
    assert (found.language, found.country, found.hours) == ("zh_Hans", "CN", (("08:30", "12:00"),))
    with pytest.raises(InputInvalid) as wrong:
        workspaces.save_workspace(
            world.admin, name="", language="xx", zone="x", country="ZZ", hours=[["12:00", "08:00"]]
        )
    assert set(wrong.value.errors) == {"name", "language", "zone", "country", "hours"}
