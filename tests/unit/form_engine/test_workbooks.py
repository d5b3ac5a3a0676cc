"""Cells are read with what they show: percents, money, moments and errors; and no file takes more room than there is."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from formloom.form_engine import definition
from formloom.form_engine.cells import Amount, Fault, Share
from formloom.form_engine.filled import read_filled
from formloom.form_engine.looks.number_formats import Look, look_of
from formloom.form_engine.sheets import xlsx_template
from formloom.form_engine.workbooks import NoWorkbook, sheets_of

OLD = Path(__file__).parents[2] / "vectors" / "sheets" / "looks.xls"
ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>
 <table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"""
MIME = "application/vnd.oasis.opendocument.spreadsheet"


def book(*cells: tuple[Any, str]) -> bytes:
    """A workbook with a column of (value, number format)."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as made:
        page = made.add_worksheet("S")
        for row, (value, code) in enumerate(cells):
            look = made.add_format({"num_format": code})
            if isinstance(value, str) and value.startswith("#"):
                page.write_formula(row, 0, "=NA()", look, value)
            else:
                page.write(row, 0, value, look)
    return target.getvalue()


def column(data: bytes) -> list[Any]:
    return [row[0] for row in sheets_of(data)[0].rows]


def ods(rows: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("mimetype", MIME)
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
        packed.writestr("content.xml", ODS.format(rows=rows))
    return target.getvalue()


def ods_cell(kind: str, attributes: str, text: str = "") -> str:
    return f'<table:table-cell office:value-type="{kind}" {attributes}><text:p>{text}</text:p></table:table-cell>'


@pytest.mark.parametrize(
    ("code", "look"),
    [
        ("0%", Look(percent=True)),
        ("0.00%;[Red]-0.00%", Look(percent=True)),
        ('0"%"', None),
        ("0\\%", None),
        ("[$¥-804]#,##0.00", Look(currencies=("CNY", "JPY"))),
        ("[$¥-411]#,##0", Look(currencies=("JPY", "CNY"))),
        ("[$CNY] #,##0.00", Look(currencies=("CNY",))),
        ("#,##0.00\\ [$€-407]", Look(currencies=("EUR",))),
        ('_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ', Look(currencies=("CNY", "JPY"))),
        ('"HK$"#,##0.00', Look(currencies=("HKD",))),
        ('#,##0.00"元"', Look(currencies=("CNY", "TWD", "HKD"))),
        ('#,##0.00"万元"', None),
        ('"TOP" 0', None),
        ("yyyy-mm-dd hh:mm", Look(moment=True)),
        ("yyyy-mm-dd", None),
        ("0.00E+00", None),
        ("General", None),
        ('"unclosed', None),
        ("", None),
    ],
)
def test_a_number_format_says_percent_money_moment_or_nothing(code: str, look: Look | None) -> None:
    assert look_of(code) == look


def test_cells_come_as_what_they_show() -> None:
    cells = column(
        book((0.125, "0.0%"), (99.5, '"¥"#,##0.00'), (45000, "yyyy-mm-dd hh:mm"), (45000, "yyyy-mm-dd"), (0.5, "hh:mm"),
             (1.25, "[h]:mm"), (0.5, "0.00"), ("#N/A", "0%"), ("#DIV/0!", "General"))
    )  # fmt: skip
    assert [type(cell) for cell in cells] == [Share, Amount, datetime, date, time, timedelta, float, Fault, Fault]
    assert cells[0].percent == 12.5
    assert cells[1].currencies[0] == "CNY"
    assert cells[2] == datetime(2023, 3, 15)  # noqa: DTZ001 - a sheet knows no zone
    assert cells[7:] == ["#N/A", "#DIV/0!"]


def test_an_old_workbook_is_read_the_same_way() -> None:
    rows = sheets_of(OLD.read_bytes())[0].rows
    assert [type(cell) for cell in rows[2]] == [str, Share, Amount, datetime, Fault]
    assert (rows[1][1].percent, rows[2][4]) == (12.5, "#N/A")


def test_an_open_document_is_read_the_same_way() -> None:
    cells = [
        ods_cell("percentage", 'office:value="0.125"', "12.5%"),
        ods_cell("currency", 'office:value="5" office:currency="EUR"'),
        ods_cell("date", 'office:date-value="2026-11-24"'),
        ods_cell("string", 'calcext:value-type="error" office:string-value=""', "#DIV/0!"),
    ]
    row = "<table:table-row>" + "".join(cells) + "</table:table-row>"
    found = sheets_of(ods(row))[0].rows[0]
    assert [type(cell) for cell in found] == [Share, Amount, date, Fault]
    assert (found[1].currencies, found[3]) == (("EUR",), "#DIV/0!")


def test_an_error_in_a_text_file_is_none_of_its_texts() -> None:
    rows = sheets_of(b"a,b\n#N/A,#hash\n")[0].rows
    assert [type(cell) for cell in rows[1]] == [Fault, str]


def test_two_cells_far_apart_are_refused_before_the_room_between_them_is_made() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as made:
        page = made.add_worksheet()
        page.write(0, 0, "a")
        page.write(1_048_575, 16_383, 1)
    with pytest.raises(NoWorkbook, match="1,048,576 rows"):
        sheets_of(target.getvalue())


def test_a_cell_written_once_for_millions_is_refused() -> None:
    cell = ods_cell("float", 'office:value="1" table:number-columns-repeated="16384"')
    with pytest.raises(NoWorkbook, match="too much"):
        sheets_of(ods(f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'))


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
@pytest.mark.parametrize("content", [b"", b"<a", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_a_workbook_whose_parts_are_broken_is_one_sentence(part: str, content: bytes) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book((1, "0")))) as whole, zipfile.ZipFile(target, "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, content if name == part else whole.read(name))
    with pytest.raises(NoWorkbook):
        sheets_of(target.getvalue())


def test_a_binary_workbook_is_asked_for_as_xlsx() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr(
            "_rels/.rels",
            '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        )
        packed.writestr("xl/workbook.bin", b"\0")
    with pytest.raises(NoWorkbook, match="xlsb"):
        sheets_of(target.getvalue())


class TestFilled:
    FORM = definition.load(
        {
            "$schema": "https://formloom.dev/schema/form/v1",
            "title": "Rates",
            "type": "object",
            "properties": {
                "rate": {"type": "number", "title": "Rate", "x-field": {"type": "percent"}},
                "price": {"type": "number", "title": "Price", "x-field": {"type": "money", "currency": "EUR"}},
                "plain": {"type": "number", "title": "Plain"},
                "words": {"type": "string", "title": "Words"},
            },
        }
    )

    def read(self, *cells: tuple[Any, str]) -> Any:
        target = io.BytesIO()
        with xlsxwriter.Workbook(target) as made:
            page = made.add_worksheet()
            page.write_row(0, 0, ["Rate", "Price", "Plain", "Words"])
            for at, (value, code) in enumerate(cells):
                page.write(1, at, value, made.add_format({"num_format": code}))
            page.write_formula(2, 0, "=NA()", None, "#N/A")
        return read_filled(self.FORM, sheets_of(target.getvalue()))

    def test_the_template_asks_for_percents_as_the_sheet_program_writes_them(self) -> None:
        with zipfile.ZipFile(io.BytesIO(xlsx_template(self.FORM))) as packed:
            assert 'formatCode="#,##0.00%"' in packed.read("xl/styles.xml").decode()

    def test_a_percent_is_what_the_cell_shows_in_every_field(self) -> None:
        rows = self.read((0.125, "0.00%"), (5, "0"), (0.125, "0.0%"), (0.125, "0.0%")).rows
        assert rows[0].values == {"rate": 12.5, "price": 5, "plain": 0.125, "words": "12.5%"}
        assert self.read((12.5, "0.00")).rows[0].values == {"rate": 12.5}

    def test_an_error_and_another_currency_are_told_at_their_cells(self) -> None:
        rows = self.read((0.1, "0%"), (5, '"US$"0.00')).rows
        assert [(each.place.column, each.message) for row in rows for each in row.problems] == [
            ("B", "This cell is an amount in USD, but the field is in EUR."),
            ("A", "This cell holds the error #N/A in place of a value."),
        ]


def test_an_old_workbook_whose_sectors_go_in_a_circle_is_one_sentence() -> None:
    data = bytearray(OLD.read_bytes())
    fat = 512 + int.from_bytes(data[76:80], "little") * 512
    data[fat : fat + 8] = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
    with pytest.raises(NoWorkbook, match="damaged"):
        sheets_of(bytes(data))


@pytest.mark.parametrize("length", [4, 100, 512, 600, 2000])
def test_an_old_workbook_that_is_cut_off_is_one_sentence(length: int) -> None:
    with pytest.raises(NoWorkbook):
        sheets_of(OLD.read_bytes()[:length])


def test_a_day_that_no_calendar_has_is_one_sentence() -> None:
    with pytest.raises(NoWorkbook, match="no calendar"):
        sheets_of(book((1e15, "[h]:mm")))
