"""What a member was told: the page behind the bell."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from formloom.platform.errors import NotAllowed, NotFound
from formloom.platform.services import notifications, records, requests
from formloom.web import shell
from formloom.web.request import caller

pages = Blueprint("notifications", __name__, url_prefix="/notifications")

Answer = Response | str
LATEST = 6


@pages.get("")
def bell() -> Answer:
    """Everything that the member was told, newest first, in pages."""
    here = caller()
    after = request.args.get("after") or None
    found = notifications.notifications(here, after=after)
    return render_template("inbox/notifications.html", page=found, first=after is None, unread=shell.unread(here))


@pages.get("/latest")
def latest() -> Answer:
    """The last few, for the menu of the bell; a module asks for them."""
    here = caller()
    found = notifications.notifications(here, limit=LATEST)
    return render_template("inbox/bell.html", page=found, unread=shell.unread(here))


@pages.get("/<notification_id>")
def follow(notification_id: str) -> Answer:
    """On to what the notification is about, which is read now; where the member may not see that, a page that says so."""
    row = notifications.notification(caller(), notification_id)
    notifications.mark_read(caller(), notification_id)
    try:
        _require_open(row.link)
    except (NotFound, NotAllowed):
        return render_template("inbox/closed.html", row=row)
    return redirect(row.link)


def _require_open(link: str) -> None:
    """Nothing, if the caller may see the task or the record that `link` leads to.

    Raises:
        NotFound, NotAllowed: they may not.
    """
    match link.strip("/").split("/"):
        case ["tasks", task]:
            requests.request(caller(), requests.process_of(task))
        case ["apps", _app, form, record]:
            records.record(caller(), form, record)


@pages.post("/<notification_id>")
def read_one(notification_id: str) -> tuple[str, int]:
    """Mark one as read; a module says so when its link is followed."""
    notifications.mark_read(caller(), notification_id)
    return "", 204


@pages.post("")
def read_all() -> Answer:
    """Mark everything as read."""
    notifications.mark_read(caller())
    return redirect(url_for(".bell"))
