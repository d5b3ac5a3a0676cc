"""The inbox: four boxes of cards, the request that is chosen beside them, and deciding from there, one or many at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from formloom.platform.errors import CommandRefused, Conflict, FormloomError, NotFound, RecordInvalid, Unconfirmed
from formloom.platform.faults import status_of
from formloom.platform.paging import Page
from formloom.platform.services import inbox, processes
from formloom.platform.services.inbox import InboxRow
from formloom.web import addresses, shell
from formloom.web.previews import Preview, preview_of
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("inbox", __name__, url_prefix="/inbox")

Answer = Response | str | tuple[str, int]
FILTERS = ("form", "only", "text")
SAID_WHY = ("reject", "return")
SEVERAL = ("approve", "reject")
LISTED = 100


@dataclass(frozen=True, slots=True)
class Box:
    """One of the four boxes: the service that fills it, and by what it may be narrowed."""

    fill: Callable[..., Page[InboxRow]]
    only: tuple[str, ...] = ()


BOXES: Mapping[str, Box] = {
    "todo": Box(inbox.todo, ("overdue", "urged")),
    "started": Box(inbox.started, ("running", "ended")),
    "done": Box(inbox.done),
    "copied": Box(inbox.copied),
}


@pages.get("")
def box() -> Answer:
    """The cards of a box; the first of them, or the one that was asked for, is shown beside them."""
    return _page()


def _page(error: str = "", comment: str = "", chosen: str = "") -> str:
    here = caller()
    name = request.args.get("box", "todo")
    name = name if name in BOXES else "todo"
    asked = {key: request.args.get(key, "") for key in FILTERS if request.args.get(key)}
    found = _fill(name, asked, after=request.args.get("after") or None)
    row = _chosen(found.rows, chosen or request.args.get("chosen", ""))
    if error and (row is None or row.task_id != chosen):  # that card is gone: nothing of it belongs to the next one
        tell(_("%(error)s You had written: “%(text)s”", error=error, text=comment) if comment else error, "bad")
        error = comment = ""
    return render_template(
        "inbox/box.html",
        box=name,
        asked=asked,
        page=found,
        row=row,
        forms=_forms(name, found, asked),
        counts=shell.counts(here),
        preview=preview_of(here, row.process_id, row.task_id) if row else None,
        error=error,
        comment=comment,
    )


def _fill(name: str, asked: Mapping[str, str], **more: Any) -> Page[InboxRow]:
    """The cards of a box, as far as they are asked for."""
    known, box = caller(), BOXES[name]
    narrowed = {"only": asked["only"]} if asked.get("only") in box.only else {}
    return box.fill(known, text=asked.get("text", ""), form_key=asked.get("form") or None, **narrowed, **more)


def _forms(name: str, found: Page[InboxRow], asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """The forms whose cards stand in the box, to choose one."""
    rows = _fill(name, {}, limit=LISTED).rows if asked or found.after else found.rows
    return sorted({row.form_key: row.form for row in rows}.items(), key=lambda entry: entry[1])


def _chosen(rows: tuple[InboxRow, ...], ident: str) -> InboxRow | None:
    """The card with this id; else the first."""
    return next((row for row in rows if ident in (row.task_id, row.process_id)), rows[0] if rows else None)


@pages.get("/preview/<process_id>")
def preview(process_id: str) -> Answer:
    """One request, to be put beside the list by a module."""
    here = caller()
    shown: Preview = preview_of(here, process_id, request.args.get("task") or None)
    return render_template(
        "inbox/preview.html", preview=shown, error="", comment="", back=_own(request.args.get("back"))
    )


@pages.post("/decide/<task_id>")
def decide(task_id: str) -> Answer:
    """Approve, reject or return from the preview. Whoever rejects or returns says why."""
    action, comment = request.form.get("action", ""), request.form.get("comment", "").strip()
    action, _colon, target = action.partition(":")
    if action in SAID_WHY and not comment:
        return _page(_("Say why: it is what the other person goes by."), comment, task_id), 422
    try:
        processes.decide(
            caller(),
            task_id,
            action,  # type: ignore[arg-type]  # the engine refuses what is no action, with a sentence
            comment=comment or None,
            target=target or None,
            content_hash=request.form.get("content_hash") or None,
        )
    except (CommandRefused, Conflict, RecordInvalid, Unconfirmed) as error:
        return _page(_sentence(error), comment, task_id), status_of(error)
    tell(_told(action))
    return redirect(_own(request.form.get("back")))


def _sentence(error: FormloomError) -> str:
    """Why nothing happened. What is missing can be filled in, and a warning confirmed, on the request's own page."""
    if isinstance(error, Unconfirmed):
        return _("Open the request to confirm: %(what)s", what=str(error))
    if isinstance(error, RecordInvalid):
        missing = " ".join(problem.message for problem in error.errors)
        return _("Open the request to fill in what is missing: %(what)s", what=missing)
    return str(error)


def _told(action: str) -> str:
    words = {"approve": _("Approved."), "reject": _("Rejected."), "return": _("Returned."), "done": _("Done.")}
    return words.get(action, _("Done."))


@pages.post("/batch")
def batch() -> Answer:
    """Approve or reject several at once; what can't be done is named, the rest is done."""
    here, action = caller(), request.form.get("action", "")
    tasks, comment = request.form.getlist("task"), request.form.get("comment", "").strip()
    back = _own(request.form.get("back"))
    if action not in SEVERAL:
        raise NotFound(_("There is no such page."))
    if not tasks or (action in SAID_WHY and not comment):
        tell(_("Choose requests first.") if not tasks else _("Say why: it is what the other person goes by."), "warn")
        return redirect(back)
    failed: dict[str, str] = {}
    for task in tasks:
        try:
            content = request.form.get(f"content:{task}") or None
            processes.decide(here, task, action, comment=comment or None, content_hash=content)
        except (CommandRefused, Conflict, RecordInvalid, NotFound, Unconfirmed) as error:
            failed[task] = _sentence(error)
    done = len(tasks) - len(failed)
    if done and action == "approve":
        tell(ngettext("%(num)d request is approved.", "%(num)d requests are approved.", done))
    elif done:
        tell(ngettext("%(num)d request is rejected.", "%(num)d requests are rejected.", done))
    titles = inbox.titles(here, failed) if failed else {}
    for task, sentence in failed.items():
        title = titles.get(task)
        tell(_("“%(title)s”: %(what)s", title=title, what=sentence) if title else sentence, "bad")
    return redirect(back)


def _own(back: str | None) -> str:
    """Back to the same box with its filters, and to nothing else."""
    return addresses.own(back or "", url_for(".box"))
