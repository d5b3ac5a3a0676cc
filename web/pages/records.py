"""The records of a form: the table of them, one of them, a new one, changing one, deleting and bringing back."""

from flask import Blueprint, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from formloom.platform.errors import FormloomError
from formloom.platform.services import apps, records
from formloom.web.places import place
from formloom.web.request import caller
from formloom.web.tables import Table, listing_of, table_of
from formloom.web.telling import tell

pages = Blueprint("tables", __name__)

Answer = Response | str | tuple[str, int]


@pages.get("/apps/<app_key>")
def app(app_key: str) -> Answer:
    """An app opens at the first entry of its menu."""
    found = apps.app(caller(), app_key)
    entries = [entry for each in found.navigation for entry in (each, *each.items)]
    first = next((entry for entry in entries if entry.form), None)
    if first is not None:
        suffix = f"?view={first.view}" if first.view else ""
        return redirect(f"/apps/{app_key}/{first.form}{suffix}")
    if found.forms:
        return redirect(f"/apps/{app_key}/{found.forms[0].key}")
    return redirect(f"/design/{app_key}")


@pages.get("/apps/<app_key>/<form_key>")
def table(app_key: str, form_key: str) -> Answer:
    """The records of a form that the caller sees."""
    return _table(table_of(caller(), place(caller(), app_key, form_key)))


@pages.get("/apps/<app_key>/<form_key>/bin")
def bin(app_key: str, form_key: str) -> Answer:
    """The deleted records that the caller may bring back."""
    return _table(table_of(caller(), place(caller(), app_key, form_key), bin=True))


def _table(found: Table) -> Answer:
    return render_template("records/table.html", table=found)


@pages.get("/apps/<app_key>/<form_key>/count")
def count(app_key: str, form_key: str) -> Response:
    """How many records the filters of the address find; asked for after the rows were shown."""
    where = place(caller(), app_key, form_key)
    query = listing_of(caller(), where).query(bin=request.args.get("bin") == "1")
    return jsonify(count=records.count(caller(), form_key, query))


@pages.post("/apps/<app_key>/<form_key>/together")
def together(app_key: str, form_key: str) -> Answer:
    """Delete or restore the records that are ticked; what can't be is told with its reason."""
    where = place(caller(), app_key, form_key)
    restoring = request.form.get("do") == "restore"
    verb = records.restore_record if restoring else records.delete_record
    done, refused = 0, ""
    for ident in request.form.getlist("id"):
        try:
            verb(caller(), form_key, ident)
            done += 1
        except FormloomError as error:
            refused = str(error)
    if done and restoring:
        tell(ngettext("%(num)s record restored.", "%(num)s records restored.", done))
    elif done:
        idents = "&".join(f"id={ident}" for ident in request.form.getlist("id"))
        undo = f"{where.address}/undelete?{idents}"
        tell(ngettext("%(num)s record deleted.", "%(num)s records deleted.", done), undo=undo)
    if refused:
        tell(refused, "bad")
    return redirect(f"{where.address}/bin" if restoring else where.address)


@pages.post("/apps/<app_key>/<form_key>/undelete")
def undelete(app_key: str, form_key: str) -> Answer:
    """Bring back what was just deleted (the address of an *Undo*)."""
    where = place(caller(), app_key, form_key)
    idents = request.args.getlist("id")
    back = 0
    for ident in idents:
        try:
            records.restore_record(caller(), form_key, ident)
            back += 1
        except FormloomError as error:
            tell(str(error), "bad")
    if back:
        tell(ngettext("%(num)s record restored.", "%(num)s records restored.", back))
    return redirect(f"{where.address}/{idents[0]}" if len(idents) == 1 and back else where.address)


@pages.post("/apps/<app_key>/<form_key>/<record_id>/delete")
def delete(app_key: str, form_key: str, record_id: str) -> Answer:
    """Put one record into the bin."""
    where = place(caller(), app_key, form_key)
    records.delete_record(caller(), form_key, record_id)
    tell(_("Deleted. It can be brought back for 30 days."), undo=f"{where.address}/undelete?id={record_id}")
    return redirect(where.address)


@pages.get("/records/<form_key>/<record_id>")
def anywhere(form_key: str, record_id: str) -> Answer:
    """A record by its form and id: what links between records point at."""
    return redirect(f"{place(caller(), None, form_key).address}/{record_id}")
