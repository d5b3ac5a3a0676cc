"""A template filled in away from the browser comes back as records: what is read, what is told, what is made."""

import io
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter
from builders import TEXT, World, form, link, select, table
from openpyxl import load_workbook

from formloom.platform.errors import InputInvalid, NotAllowed
from formloom.platform.services import record_import, records
from formloom.platform.services.record_import import RecordImport

CUSTOMER = form("customer", {"name": TEXT}, title="{name}")
ORDER = form(
    "order",
    {
        "code": {"type": "string", "title": "Code", "x-field": {"type": "text", "unique": True}},
        "number": {"type": "string", "title": "Number", "x-field": {"type": "serial", "pattern": "OR-{0000}"}},
        "amount": {"type": "number", "title": "Amount", "maximum": 5000, "x-field": {"type": "money", "currency": "CNY"}},
        "kind": {**select("money", "gift"), "title": "Kind"},
        "owner": {"type": "string", "title": "Owner", "x-field": {"type": "member"}},
        "day": {"type": "string", "format": "date", "title": "Day"},
        "at": {"type": "string", "format": "date-time", "title": "At"},
        "customer": {**link("customer"), "title": "Customer"},
        "source": {"type": "string", "title": "Source", "default": "sheet"},
        "items": {**table({"what": {"type": "string", "title": "What"}, "count": {"type": "integer", "title": "Count"}}), "title": "Items"},
    },
    required=["code"],
    title="{code}",
    rules=[{"when": {">": [{"var": "amount"}, 4000]}, "field": "amount", "severity": "warning", "message": "That is much."}],
    translations={"zh_Hans": {"": "订单", "code": "编码", "amount": "金额", "kind": "类型", "kind/money": "奖金", "items": "明细"}},
)  # fmt: skip


MOMENT = datetime(2026, 11, 3, 9, 30)  # noqa: DTZ001 - a sheet knows no zone


@pytest.fixture
def office(world: World) -> World:
    world.app(forms=[ORDER, CUSTOMER])
    return world


def filled(template: bytes, rows: dict[str, list[list[Any]]]) -> bytes:
    """The template with rows of cells written below the heads of its sheets."""
    book = load_workbook(io.BytesIO(template))
    for name, lines in rows.items():
        for line in lines:
            book[name].append(line)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def sheet(*rows: list[Any], name: str = "Orders") -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, tuple):
                    page.write_formula(at, column, cell[0], None, cell[1])
                elif isinstance(cell, str):
                    page.write_string(at, column, cell)
                elif cell is not None:
                    page.write(at, column, cell)
    return target.getvalue()


def told(found: RecordImport) -> list[tuple[int, str, str, str]]:
    return [(each.place.row, each.place.sheet, f"{each.place.column}{each.place.row}", each.message)
            for row in found.rows for each in row.problems]  # fmt: skip


def stored(world: World) -> dict[str, dict[str, Any]]:
    rows = records.records(world.admin, "order", records.Query(limit=100)).rows
    return {str(row.values["code"]): dict(row.values) for row in rows}


def test_a_filled_template_is_told_and_then_imported(office: World) -> None:
    amy = office.caller("amy")
    office.add("customer", by="amy", name="Hesheng")
    data = filled(
        record_import.template(amy, "order"),
        {
            "Order": [
                [1, "007", 1234.5, "money", "王芳", date(2026, 11, 3), MOMENT, "Hesheng", None],
                [2, "008", "1,000.25", "gift", "Amy Chen", "2026/11/4", "2026-11-04 10:00", None, "hand"],
            ],
            "Items": [[1, "Pen", 3], [2, "Cup", 1], [1, "Ink", 2]],
        },
    )
    looked = record_import.look(amy, "order", data)
    assert [(row.title, row.good) for row in looked.rows] == [("007", True), ("008", True)]
    assert stored(office) == {}
    made = record_import.import_records(amy, "order", data, key="k")
    assert made.good == 2
    first, second = stored(office)["007"], stored(office)["008"]
    assert (first["amount"], first["kind"], first["owner"], first["day"]) == (1234.5, "money", "wang", "2026-11-03")
    assert first["at"] == "2026-11-03T01:30:00Z"
    assert first["source"] == "sheet"
    assert [(row["what"], row["count"]) for row in first["items"]] == [("Pen", 3), ("Ink", 2)]
    assert (second["amount"], second["owner"], second["source"]) == (1000.25, "amy", "hand")
    assert {first["number"], second["number"]} == {"OR-0001", "OR-0002"}


def test_each_mistake_is_told_at_its_cell_and_the_good_rows_are_imported(office: World) -> None:
    amy = office.caller("amy")
    data = filled(
        record_import.template(amy, "order"),
        {
            "Order": [
                [1, "A", 9000, None, None, None],
                [2, None, 1, "money", None, None],
                [3, "B", "much", "car", "Nobody", "31.31.2026"],
                [4, "C", 4500, None, None, None],
                [5, "c", None, None, None, None],
            ],
            "Items": [[4, "Pen", 1.5], [9, "Cup", 1]],
        },
    )
    looked = record_import.look(amy, "order", data)
    lines = told(looked)
    assert ("Order", "C2", "Amount must be at most 5,000.00.") in [line[1:] for line in lines]
    assert ("Order", "B3", "Code is required.") in [line[1:] for line in lines]
    assert {line[2] for line in lines if line[0] == 4} == {"C4", "D4", "E4", "F4"}
    assert ("Items", "C2") in [line[1:3] for line in lines]
    assert [each.place.sheet for each in looked.notes] == ["Items"]
    assert [row.good for row in looked.rows] == [False, False, False, False, True]
    made = record_import.import_records(amy, "order", data, key="k")
    assert made.good == 1
    assert list(stored(office)) == ["c"]


def test_a_value_that_must_be_unique_may_stand_in_the_file_once(office: World) -> None:
    data = sheet(["Code"], ["A"], ["ａ"], ["B"])
    looked = record_import.look(office.caller("amy"), "order", data)
    assert [row.good for row in looked.rows] == [True, False, True]
    assert told(looked)[0][:3] == (3, "Orders", "A3")


def test_a_warning_is_shown_and_importing_confirms_it(office: World) -> None:
    data = sheet(["Code", "Amount"], ["A", 4500])
    [row] = record_import.look(office.caller("amy"), "order", data).rows
    assert row.good
    assert [each.message for each in row.warnings] == ["That is much."]
    assert record_import.import_records(office.caller("amy"), "order", data, key="k").good == 1


def test_formulas_count_by_their_value_and_text_that_looks_like_one_stays_text(office: World) -> None:
    data = sheet(["编码", "金额", "类型"], ["=1+1", ("=100*2", 200), "奖金"], ["0012", None, "money"])
    assert record_import.import_records(office.caller("amy"), "order", data, key="k").good == 2
    assert stored(office)["=1+1"]["amount"] == 200
    assert stored(office)["0012"]["kind"] == stored(office)["=1+1"]["kind"] == "money"


def test_sending_the_page_twice_makes_no_record_twice(office: World) -> None:
    data = sheet(["Code"], ["A"], ["B"])
    for _ in range(2):
        assert record_import.import_records(office.caller("amy"), "order", data, key="same").good == 2
    assert len(stored(office)) == 2


def test_a_name_that_two_members_have_is_told(office: World) -> None:
    from formloom.platform.services import people

    people.save_member(office.admin, None, name="Amy Chen", email="amy2@example.com", department_id="north")
    looked = record_import.look(
        office.caller("amy"), "order", sheet(["Code", "Owner"], ["A", "Amy Chen"], ["B", "amy2@example.com"])
    )
    assert [row.good for row in looked.rows] == [False, True]
    assert "Several" in told(looked)[0][3]


def test_a_workflow_starts_for_each_record(world: World) -> None:
    flow = {"form": "ask", "steps": [{"id": "ok", "type": "approval", "assignees": [{"role": "finance"}]}],
            "start": {"fields": {"note": "hidden", "*": "edit"}}}  # fmt: skip
    world.app(forms=[form("ask", {"what": TEXT, "note": TEXT})], workflows={"ask": flow})
    amy = world.caller("amy")
    book = load_workbook(io.BytesIO(record_import.template(amy, "ask")))
    assert [cell.value for cell in book.worksheets[0][1]] == ["#", "what"]
    assert record_import.import_records(amy, "ask", sheet(["what"], ["A"], ["B"]), key="k").good == 2
    rows = records.records(world.admin, "ask").rows
    assert [row.status for row in rows] == ["running", "running"]
    assert all(records.record(world.admin, "ask", row.id).process_id for row in rows)
    looked = record_import.look(amy, "ask", sheet(["what", "note"], ["A", "x"]))
    assert told(looked)[0][:3] == (2, "Orders", "B2")


def test_who_may_not_add_may_not_import(world: World) -> None:
    world.app(forms=[ORDER, CUSTOMER], permissions={"order": {"add": [{"role": "finance"}]}})
    for call in (record_import.look, record_import.import_records):
        with pytest.raises(NotAllowed):
            call(world.caller("amy"), "order", sheet(["Code"], ["A"]))
    with pytest.raises(NotAllowed):
        record_import.template(world.caller("amy"), "order")


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04x", b"\0\1", sheet(["Nothing", "of it"], ["A", "B"]), sheet(["Code"])]
)
def test_a_file_of_which_nothing_can_be_made_is_one_sentence(office: World, data: bytes) -> None:
    with pytest.raises(InputInvalid) as wrong:
        record_import.look(office.caller("amy"), "order", data)
    assert str(wrong.value)


def test_more_rows_than_anybody_waits_for_are_refused(office: World) -> None:
    rows = "Code\n" + "".join(f"c{number}\n" for number in range(1001))
    with pytest.raises(InputInvalid, match="1000"):
        record_import.look(office.caller("amy"), "order", rows.encode())
