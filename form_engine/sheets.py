"""A form as a spreadsheet to be filled in away from the browser, and as the header line of a CSV file.

The first sheet has a column for each field that people fill in, the others one sub-table each; `#` ties their rows to
the rows of the first. Whatever Excel can check while somebody types (options, dates, whole numbers) it is told to.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from .form import Field, Form
from .messages import say

ROWS = 1_000
"""How many lines of the sheet are prepared."""
FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "time": "hh:mm", "integer": "#,##0"}
DATES = {"date": "date", "datetime": "date", "time": "time"}
LONGEST_LIST = 255
"""Characters of options that Excel takes inside a validation; longer lists stand on a sheet of their own."""


NUMBER_HEAD = "#"
LISTS_SHEET = "~"


def csv_header(form: Form, lang: str = "en") -> str:
    """The labels of the fields that people fill in, as one line of CSV. Sub-tables do not fit in a line and are left out."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([label for label, _ in columns_of(form.fields, lang, "")])
    return line.getvalue()


def xlsx_template(form: Form, lang: str = "en", without: Collection[str] = ()) -> bytes:
    """An .xlsx file with a sheet for the form and one for each sub-table, ready to be filled in.

    `without`: keys of fields that whoever fills it in may not fill, so that they have no column.
    """
    target = io.BytesIO()
    names = sheet_names(form, lang)
    offered = {key: field for key, field in form.fields.items() if key not in without}
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        template = _Template(book, lang)
        template.sheet(names[""], offered)
        for key, field in offered.items():
            if key in names:
                template.sheet(names[key], field.columns)
        template.write_lists()
    return target.getvalue()


def sheet_names(form: Form, lang: str = "en") -> dict[str, str]:
    """What the sheets are called: that of the form itself (""), and that of each sub-table by its key."""
    titles = {"": form.title(lang) or say(lang, "Records")}
    titles |= {key: field.label(lang) for key, field in form.fields.items() if field.columns and field.several}
    taken: set[str] = {LISTS_SHEET}
    return {key: _sheet_name(title, lang, taken) for key, title in titles.items()}


def columns_of(fields: Mapping[str, Field], lang: str, above: str) -> Iterator[tuple[str, Field]]:
    """The columns of one sheet: label and field; those of a group with the group's name before theirs. No sheet holds files."""
    for field in fields.values():
        label = f"{above}{field.label(lang)}"
        if field.columns and not field.several:
            yield from columns_of(field.columns, lang, f"{label} / ")
        elif not field.columns and not field.read_only and field.type.group != "file":
            yield label, field


def _plain(text: str) -> str:
    """`text` without the signs that an XML file cannot hold."""
    return "".join(sign for sign in text if sign.isprintable())


def _sheet_name(title: str, lang: str, taken: set[str]) -> str:
    """A name that Excel takes for a sheet: short, without its signs, not taken yet."""
    bare = _plain("".join(" " if sign in "[]:*?/\\'" else sign for sign in title)).strip()[:25].strip()
    bare = bare or say(lang, "Records")
    name, number = bare, 2
    while name.casefold() in taken:
        name, number = f"{bare} {number}", number + 1
    taken.add(name.casefold())
    return name


class _Template:
    """The workbook that is being written. `lists` are the long lists of options."""

    def __init__(self, book: Workbook, lang: str) -> None:
        self.book = book
        self.lang = lang
        self.lists: list[list[str]] = []
        self.head = book.add_format(
            {"bold": True, "bg_color": "#EEF2F7", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.formats: dict[str, Format] = {}

    def sheet(self, title: str, fields: Mapping[str, Field]) -> None:
        """A sheet whose first column numbers the records and whose others are the fields."""
        sheet = self.book.add_worksheet(title)
        sheet.freeze_panes(1, 1)
        sheet.write_string(0, 0, NUMBER_HEAD, self.head)
        sheet.set_column(0, 0, 6)
        for place, (label, field) in enumerate(columns_of(fields, self.lang, ""), start=1):
            sheet.write_string(0, place, _plain(label) + (" *" if field.required else ""), self.head)
            sheet.set_column(place, place, max(14, min(40, 2 + len(label))), self._format(field))
            if field.help(self.lang):
                sheet.write_comment(0, place, _plain(field.help(self.lang)))
            self._checked(sheet, place, field)

    def _format(self, field: Field) -> Format | None:
        pattern = FORMATS.get(field.column or "", "@" if field.column == "text" else "")
        if field.column == "decimal" and field.digits is not None:
            pattern = "#,##0." + "0" * field.digits if field.digits else "#,##0"
            pattern += "%" if field.type.in_percent else ""
        if not pattern:
            return None
        if pattern not in self.formats:
            self.formats[pattern] = self.book.add_format({"num_format": pattern})
        return self.formats[pattern]

    def _checked(self, sheet: Worksheet, place: int, field: Field) -> None:
        rule = self._rule(field)
        if rule is not None:
            sheet.data_validation(1, place, ROWS, place, rule)

    def _rule(self, field: Field) -> dict[str, Any] | None:
        labels = [_plain(option.label) for option in field.options(self.lang)]
        if field.column == "boolean":
            labels = [say(self.lang, "Yes"), say(self.lang, "No")]
        if labels and not field.several:
            return {"validate": "list", "source": self._source(labels)}
        if field.column in DATES:
            return {"validate": DATES[field.column], "criteria": ">=", "value": 0}
        if field.column == "integer":
            return {"validate": "integer", "criteria": "between", "minimum": -(10**15), "maximum": 10**15}
        return (
            {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15}
            if field.column == "decimal"
            else None
        )

    def _source(self, labels: list[str]) -> list[str] | str:
        if len(",".join(labels)) <= LONGEST_LIST and not any("," in label for label in labels):
            return labels
        self.lists.append(labels)
        column = xlsxwriter.utility.xl_col_to_name(len(self.lists) - 1, col_abs=True)
        return f"='~'!{column}$1:{column}${len(labels)}"

    def write_lists(self) -> None:
        """The hidden sheet with the long lists of options."""
        if not self.lists:
            return
        sheet = self.book.add_worksheet(LISTS_SHEET)
        sheet.hide()
        for place, labels in enumerate(self.lists):
            sheet.write_column(0, place, labels)
