"""A sheet of data becomes a form whose types are guessed from the data, and its rows become records."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
import xlsxwriter

from formloom.form_engine import definition, record
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.importers import convert


def workbook(*rows: list[Any]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("客户")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.close()
    return stream.getvalue()


def test_types_are_guessed_from_all_values() -> None:
    people = [
        ["Wang", 3, 1.5, date(2026, 11, 1), "wang@example.com", True],
        ["Li", 4, 2, date(2026, 11, 2), "li@example.com", False],
    ]
    result = convert("spreadsheet", workbook(["Name", "Count", "Price", "Day", "Mail", "Done"], *people), "people.xlsx")
    kinds = {key: field["x-field"]["type"] for key, field in result.form["properties"].items()}
    assert kinds == {
        "name": "text",
        "count": "integer",
        "price": "number",
        "day": "date",
        "mail": "email",
        "done": "switch",
    }
    assert result.rows[0] == {
        "name": "Wang",
        "count": 3,
        "price": 1.5,
        "day": "2026-11-01",
        "mail": "wang@example.com",
        "done": True,
    }


def test_chinese_heads_get_keys_by_their_sound_and_keep_their_titles() -> None:
    result = convert("spreadsheet", workbook(["客户名称", "合同金额"], ["禾盛仪器", 100.5]), "a.xlsx")
    assert result.form["properties"]["ke_hu_ming_cheng"]["title"] == "客户名称"
    assert result.form["title"] == "客户"


def test_repeated_words_become_options() -> None:
    rows = [[word] for word in ["open", "won", "lost"] * 4]
    field = convert("spreadsheet", workbook(["Stage"], *rows), "a.xlsx").form["properties"]["stage"]
    assert [option["const"] for option in field["oneOf"]] == ["lost", "open", "won"]


def test_a_column_that_does_not_agree_is_text_and_codes_keep_their_noughts() -> None:
    result = convert("spreadsheet", b"code,mixed\n007,1\n008,x\n", "a.csv")
    assert result.rows == [{"code": "007", "mixed": "1"}, {"code": "008", "mixed": "x"}]


def test_every_row_is_a_valid_record() -> None:
    data = "姓名;金额;日期\n王芳;1,200.50;2026/11/3\n李雷;3;2026-1-4\n".encode("gb18030")
    result = convert("spreadsheet", data, "a.csv")
    form = definition.load(result.form)
    context = record.Context(now=datetime(2026, 11, 24, tzinfo=UTC))
    assert all(record.settle(form, row, context).valid for row in result.rows)
    assert result.rows[0]["ri_qi"] == "2026-11-03"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"PK\x03\x04nothing", b"\xd0\xcf\x11\xe0x", b"\0\0", b"\xff\xfe\xff"])
def test_what_is_no_sheet_is_one_clear_error(data: bytes) -> None:
    with pytest.raises(DefinitionError):
        convert("spreadsheet", data, "a.xlsx")
