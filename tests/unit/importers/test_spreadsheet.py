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


class TestLooks:
    """What a cell's format says becomes the field's type."""

    def sheet(self, *columns: tuple[str, list[tuple[Any, str]]]) -> bytes:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            page = book.add_worksheet("S")
            for number, (head, cells) in enumerate(columns):
                page.write(0, number, head)
                for row, (value, code) in enumerate(cells, start=1):
                    look = book.add_format({"num_format": code})
                    if isinstance(value, str) and value.startswith("#"):
                        page.write_formula(row, number, "=NA()", look, value)
                    else:
                        page.write(row, number, value, look)
        return stream.getvalue()

    def test_percents_money_moments_and_lengths_become_such_fields(self) -> None:
        result = convert(
            "spreadsheet",
            self.sheet(
                ("Share", [(0.125, "0.0%"), (1 / 3, "0%")]),
                ("Price", [(12.5, '"¥"#,##0.00'), (3, "[$¥-804]0")]),
                ("Yen", [(1200, "[$JPY] #,##0"), (3.25, "[$JPY] 0.00")]),
                ("Seen", [(45000, "yyyy-mm-dd hh:mm"), (45001, "yyyy-mm-dd hh:mm")]),
                ("Took", [(1.25, "[h]:mm"), (0.5, "[h]:mm")]),
            ),
            "a.xlsx",
        )
        settings = {key: field["x-field"] for key, field in result.form["properties"].items()}
        assert settings == {
            "share": {"type": "percent", "decimals": 8},
            "price": {"type": "money", "currency": "CNY"},
            "yen": {"type": "money", "currency": "JPY"},
            "seen": {"type": "datetime"},
            "took": {"type": "duration"},
        }
        assert result.rows == [
            {"share": 12.5, "price": 12.5, "yen": 1200, "seen": "2023-03-15T00:00:00Z", "took": "PT30H"},
            {"share": 33.33333333, "price": 3, "yen": 3, "seen": "2023-03-16T00:00:00Z", "took": "PT12H"},
        ]
        told = {line["source"]: line["message"] for line in result.report}
        assert told["Share"] == "Numbers with more than 8 decimals were rounded."
        assert told["Yen"] == "Numbers with more than 0 decimals were rounded."
        assert "time zone" in told["Seen"]
        form = definition.load(result.form)
        context = record.Context(now=datetime(2026, 11, 24, tzinfo=UTC))
        assert all(record.settle(form, row, context).valid for row in result.rows)

    def test_errors_are_blank_and_named_with_their_cells(self) -> None:
        data = self.sheet(("N", [(1, "0"), ("#DIV/0!", "0"), (3, "0")]), ("M", [("#N/A", "0")]))
        result = convert("spreadsheet", data, "a.xlsx")
        assert result.rows == [{"n": 1}, {"n": 3}]
        assert [(line["source"], line["message"].split(": ")[1]) for line in result.report] == [
            ("N", "A3 #DIV/0!"),
            ("M", "B2 #N/A"),
        ]

    def test_columns_whose_cells_disagree_stay_numbers_and_say_so(self) -> None:
        data = self.sheet(("P", [(0.5, "0%"), (2, "0")]), ("C", [(1, "[$EUR] 0"), (2, "[$USD] 0")]))
        result = convert("spreadsheet", data, "a.xlsx")
        assert result.rows == [{"p": 0.5, "c": 1}, {"p": 2, "c": 2}]
        assert [line["source"] for line in result.report] == ["P", "C"]
        assert "EUR, USD" in result.report[1]["message"]
