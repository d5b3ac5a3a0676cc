"""Records from a filled-in spreadsheet: first told what would come of each row, then made."""

from flask import Blueprint, Response, redirect, render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from formloom.form_engine.filled import Place as Cell
from formloom.platform.errors import InputInvalid
from formloom.platform.services import record_import
from formloom.platform.services.record_import import RecordImport
from formloom.web import sheet_uploads
from formloom.web.places import Place, place
from formloom.web.request import caller
from formloom.web.sheet_uploads import Upload
from formloom.web.telling import tell

pages = Blueprint("record_import", __name__, url_prefix="/apps/<app_key>/<form_key>/import")

Answer = AnyResponse | str | tuple[str, int]
SHOWN = 200
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("")
def start(app_key: str, form_key: str) -> Answer:
    """Choose a file."""
    where = place(caller(), app_key, form_key)
    record_import.require_may_import(caller(), form_key)  # whoever may not add has no use for this page
    return _page(where, None, None)


@pages.get("/template.xlsx")
def template(app_key: str, form_key: str) -> Response:
    """The form as a workbook to fill in."""
    place(caller(), app_key, form_key)
    headers = {"Content-Disposition": f'attachment; filename="{form_key}.xlsx"'}
    return Response(record_import.template(caller(), form_key), mimetype=WORKBOOK, headers=headers)


@pages.post("")
def look(app_key: str, form_key: str) -> Answer:
    """What an import would do; nothing is changed."""
    where = place(caller(), app_key, form_key)
    try:
        upload = sheet_uploads.chosen("records.xlsx")
        found = record_import.look(caller(), form_key, upload.data)
    except InputInvalid as error:
        return _page(where, None, None, str(error)), 422
    return _page(where, upload, found), 200 if found.good == len(found.rows) else 422


@pages.post("/do")
def do(app_key: str, form_key: str) -> Answer:
    """Import the good rows of what was looked at. What is not imported by now is told again."""
    where = place(caller(), app_key, form_key)
    upload = sheet_uploads.carried()
    found = record_import.import_records(caller(), form_key, upload.data, key=upload.key)
    left = len(found.rows) - found.good
    if found.good:
        tell(ngettext("%(num)d record is imported.", "%(num)d records are imported.", found.good))
    if left:
        said = ngettext("%(num)d row was left out.", "%(num)d rows were left out.", left)
        tell(said, "good" if found.good else "bad")
    return redirect(where.address)


def _page(where: Place, upload: Upload | None, found: RecordImport | None, error: str = "") -> str:
    """The page: the file to choose, and what would come of one; rows with something wrong come first."""
    rows = sorted(found.rows, key=lambda row: (row.good, not row.warnings)) if found else []
    return render_template(
        "records/import.html",
        place=where,
        upload=upload,
        found=found,
        rows=rows[:SHOWN],
        more=max(0, len(rows) - SHOWN),
        bad=len(rows) - found.good if found else 0,
        error=error,
        cell_name=_cell_name,
    )


def _cell_name(cell: Cell, main: Cell | None = None) -> str:
    """How people find a cell; the row and sheet are left out where `main` says them already."""
    parts = [cell.sheet] if cell.sheet and (main is None or cell.sheet != main.sheet) else []
    if main is None or (cell.sheet, cell.row) != (main.sheet, main.row):
        parts.append(_("Row %(number)s", number=cell.row))
    if cell.head:
        parts.append(f"{cell.head} ({cell.column}{cell.row})")
    return " · ".join(parts)
