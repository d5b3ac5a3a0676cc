"""Members from a spreadsheet: first told what would happen, row by row, then done. All of it or nothing.

Between the two steps the file travels with the page, so that nothing is kept that nobody comes back for.
"""

import base64
import binascii
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from formloom.platform.errors import InputInvalid
from formloom.platform.services import people, people_import
from formloom.platform.services.people_import import PeopleImport
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("people_import", __name__, url_prefix="/admin/members/import")

Answer = AnyResponse | str | tuple[str, int]
LARGEST = 4 * 1024 * 1024
SHOWN = 200
EXAMPLE = "name,email,department,manager,roles,head\r\nAmy Chen,amy@example.com,Sales / North team,,Finance,\r\n"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was chosen, as it travels with the page."""

    name: str
    data: bytes

    def packed(self) -> str:
        """Its bytes as a form field holds them."""
        return base64.b64encode(self.data).decode()


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
        upload = _uploaded()
        found = people_import.import_people(caller(), upload.data, upload.name, dry_run=True)
    except InputInvalid as error:
        return _page(None, None, str(error)), 422
    return _page(upload, found), 422 if found.errors else 200


@pages.post("/do")
def do() -> Answer:
    """Import what was looked at. If something is wrong by now, the page says so again."""
    upload = _kept()
    found = people_import.import_people(caller(), upload.data, upload.name, dry_run=False)
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


def _uploaded() -> Upload:
    file = request.files.get("file")
    data = file.read(LARGEST + 1) if file else b""
    if file is None or not data:
        raise InputInvalid({"file": _("Choose a file first.")})
    if len(data) > LARGEST:
        raise InputInvalid({"file": _("This file is too large. Split it, or leave out what isn’t needed.")})
    return Upload(file.filename or "people.xlsx", data)


def _kept() -> Upload:
    try:
        data = base64.b64decode(request.form.get("data", ""), validate=True)
    except binascii.Error as error:
        raise InputInvalid({"file": _("Choose a file first.")}) from error
    return Upload(request.form.get("name", ""), data)
