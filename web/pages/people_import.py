"""Members from a spreadsheet: first told what would happen, row by row, then done. All of it or nothing."""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from formloom.platform.errors import InputInvalid
from formloom.platform.services import people, people_import
from formloom.platform.services.people_import import PeopleImport
from formloom.web import sheet_uploads
from formloom.web.request import caller
from formloom.web.sheet_uploads import Upload
from formloom.web.telling import tell

pages = Blueprint("people_import", __name__, url_prefix="/admin/members/import")

Answer = AnyResponse | str | tuple[str, int]
SHOWN = 200
EXAMPLE = "name,email,department,manager,roles,head\r\nAmy Chen,amy@example.com,Sales / North team,,Finance,\r\n"


@pages.before_request
def _admins_only() -> None:
    people.require_admin(caller())


@pages.get("")
def start() -> Answer:
    """Choose a file."""
    return _page(None, None)


@pages.get("/example.csv")
def example() -> Response:
    """A file to fill in: the columns that are read, and one row."""
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return Response("\ufeff" + EXAMPLE, mimetype="text/csv", headers=headers)


@pages.post("")
def look() -> Answer:
    """What an import would do; nothing is changed."""
    try:
        upload = sheet_uploads.chosen("people.xlsx")
        found = people_import.import_people(caller(), upload.data, dry_run=True)
    except InputInvalid as error:
        return _page(None, None, str(error)), 422
    return _page(upload, found), 422 if found.errors else 200


@pages.post("/do")
def do() -> Answer:
    """Import what was looked at. If something is wrong by now, the page says so again."""
    upload = sheet_uploads.carried()
    found = people_import.import_people(caller(), upload.data, dry_run=False)
    if found.errors:
        return _page(upload, found), 409
    tell(ngettext("%(num)d member is imported.", "%(num)d members are imported.", len(found.rows)))
    return redirect(url_for("admin.members"))


def _page(upload: Upload | None, found: PeopleImport | None, error: str = "") -> str:
    """The page: the file to choose, and what one would do; rows with something wrong come first."""
    wrong: dict[int, list[str]] = {}
    for each in found.errors if found else ():
        wrong.setdefault(each.number, []).append(each.message)
    rows = sorted(found.rows, key=lambda row: row.number not in wrong) if found else []
    return render_template("admin/import.html", upload=upload, rows=rows, wrong=wrong, error=error, shown=SHOWN)
