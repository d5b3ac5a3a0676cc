"""Records on their page, and what people do to the requests over them: decide, hand on, withdraw, urge, say something."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform.errors import CommandRefused, Conflict, InputInvalid, RecordInvalid, Unconfirmed
from formloom.platform.faults import status_of
from formloom.platform.services import comments, migrating, processes, requests
from formloom.web import posted
from formloom.web.flow import Answer, begin, kept, submit
from formloom.web.places import Place, place
from formloom.web.recordpages import RecordPage, page_of
from formloom.web.request import caller
from formloom.web.resending import Correction, Resubmission, correction, filled_step, resubmission
from formloom.web.telling import tell

pages = Blueprint("request_pages", __name__)

SAID_WHY = ("reject", "return")


@pages.get("/apps/<app_key>/<form_key>/<record_id>")
def record(app_key: str, form_key: str, record_id: str) -> Answer:
    """A record, with its request and the decision that waits for the caller, if any does."""
    return _page(page_of(caller(), place(caller(), app_key, form_key), record_id))


@pages.get("/tasks/<task_id>")
def task(task_id: str) -> Answer:
    """A task, on the page of its record; one that is over leads there with a word."""
    view = requests.request(caller(), requests.process_of(task_id))
    where = place(caller(), view.app_key, view.form_key)
    if not any(mine.task.id == task_id for mine in view.mine):
        tell(_("This task is over, or somebody else’s."), "warn")
        return redirect(f"{where.address}/{view.record_id}")
    return _page(page_of(caller(), where, view.record_id, task_id=task_id))


def _page(found: RecordPage) -> str:
    return render_template("records/record.html", page=found)


@pages.post("/tasks/<task_id>")
def decide(task_id: str) -> Answer:
    """Decide a task, hand it on, or ask another to sign; what is wrong is shown with everything that was typed."""
    view = requests.request(caller(), requests.process_of(task_id))
    where = place(caller(), view.app_key, view.form_key)
    action, comment = request.form.get(":action", ""), request.form.get(":comment", "").strip()
    act = posted.act_of(request.form)
    given = posted.read(where.published.form, request.form, lang=caller().lang, zone=caller().zone, act=act)

    def again(error: str, problems: Any = (), *, status: int = 422, warnings: Any = ()) -> Answer:
        found = page_of(caller(), where, view.record_id, task_id=task_id, given=given, problems=problems)
        found.error, found.comment, found.warnings = error, comment, warnings
        found.missing_comment = action in SAID_WHY and not comment
        if found.task is None:  # it is over: what was typed can still be said in the discussion
            found.said = comment
        return _page(found), status

    if act is not None:
        return again("", status=200)
    if action in SAID_WHY and not comment:
        return again(_("Say why: it is what the other person goes by."))
    if given.problems and action in ("approve", "done"):
        return again("", given.problems)
    try:
        _do(task_id, action, comment or None, given.values)
    except RecordInvalid as error:
        return again("", error.errors)
    except Unconfirmed as error:
        return again("", warnings=error.warnings)
    except (CommandRefused, Conflict, InputInvalid) as error:
        return again(str(error), status=status_of(error))
    tell(_told(action))
    return redirect(f"{where.address}/{view.record_id}")


def _do(task_id: str, action: str, comment: str | None, values: Any) -> None:
    """One thing that an approver can do."""
    here, to = caller(), request.form.get(":to", "")
    if action in ("transfer", "addSigner"):
        if not to:
            raise InputInvalid({"to": _("Choose a colleague.")})
        if action == "transfer":
            processes.transfer(here, task_id, to, comment=comment)
        else:
            where = request.form.get(":place", "beside")
            sides = {"before", "after", "beside"}
            processes.add_signer(here, task_id, to, place=where if where in sides else "beside", comment=comment)  # type: ignore[arg-type]
        return
    saves = action in ("approve", "done")
    processes.decide(
        here, task_id, action,  # type: ignore[arg-type]  # the engine refuses what is no action, with a sentence
        comment=comment, target=request.form.get(":target") or None, values=values if saves else None,
        content_hash=request.form.get(":content") or None, confirmed=":confirmed" in request.form,
    )  # fmt: skip


def _told(action: str) -> str:
    words = {
        "approve": _("Approved."), "reject": _("Rejected."), "return": _("Returned."), "done": _("Done."),
        "transfer": _("Handed on."), "addSigner": _("Asked to sign."),
    }  # fmt: skip
    return words.get(action, _("Done."))


@pages.post("/tasks/<task_id>/draft")
def task_draft(task_id: str) -> Response:
    """Keep what was typed at a task."""
    return kept(filled_step(caller(), task_id))


@pages.post("/requests/<process_id>/<verb>")
def act(process_id: str, verb: str) -> Answer:
    """What the initiator or an admin does to a request."""
    view = requests.request(caller(), process_id)
    back = f"/apps/{view.app_key}/{view.form_key}/{view.record_id}"
    comment, here = request.form.get(":comment", "").strip() or None, caller()
    try:
        match verb:
            case "withdraw":
                processes.withdraw(here, process_id, comment=comment)
            case "urge":
                processes.urge(here, process_id, comment=comment)
            case "jump":
                processes.jump(here, process_id, request.form.get(":step", ""), comment=comment)
            case "retry":
                processes.retry(here, process_id, request.form.get(":step", ""), comment=comment)
            case "terminate":
                processes.terminate(here, process_id, comment=comment)
            case "reassign":
                to, task_id = request.form.get(":to", ""), request.form.get(":task", "")
                if not to:
                    raise InputInvalid({"to": _("Choose a colleague.")})
                processes.reassign(here, task_id, to, comment=comment)
            case "move":
                migrating.move_request(here, process_id)
            case "move-back" if not migrating.undo(here, view.form_key, [process_id]):
                raise InputInvalid({"verb": _("Something has happened since: the move can’t be taken back any more.")})
            case "move-back":
                pass
            case _:
                raise InputInvalid({"verb": _("There is no such page.")})
    except (CommandRefused, Conflict, InputInvalid) as error:
        tell(str(error), "bad")
    else:
        tell(_said(verb))
    return redirect(back)


def _said(verb: str) -> str:
    words = {
        "withdraw": _("Withdrawn."), "urge": _("Those who have it are asked to hurry."),
        "move": _("Moved to the newest version. It can be taken back until the next thing happens to the request."),
        "move-back": _("The request is back on its version."),
    }  # fmt: skip
    return words.get(verb, _("Done."))


@pages.get("/apps/<app_key>/<form_key>/<record_id>/correct")
def correct(app_key: str, form_key: str, record_id: str) -> Answer:
    """A request under way, to be corrected by an admin."""
    return begin(_correction(app_key, form_key, record_id))


@pages.post("/apps/<app_key>/<form_key>/<record_id>/correct")
def save_correction(app_key: str, form_key: str, record_id: str) -> Answer:
    """Save an admin's correction."""
    return submit(_correction(app_key, form_key, record_id))


@pages.post("/apps/<app_key>/<form_key>/<record_id>/correct/draft")
def correction_draft(app_key: str, form_key: str, record_id: str) -> Response:
    """Keep what was typed while an admin corrects a request."""
    return kept(_correction(app_key, form_key, record_id))


def _correction(app_key: str, form_key: str, record_id: str) -> Correction:
    return correction(caller(), place(caller(), app_key, form_key), record_id)


@pages.get("/apps/<app_key>/<form_key>/<record_id>/resubmit")
def submitted_again(app_key: str, form_key: str, record_id: str) -> Answer:
    """A request that came back, to be corrected."""
    return begin(_resubmission(app_key, form_key, record_id))


@pages.post("/apps/<app_key>/<form_key>/<record_id>/resubmit")
def resubmit(app_key: str, form_key: str, record_id: str) -> Answer:
    """Submit a request again."""
    return submit(_resubmission(app_key, form_key, record_id))


@pages.post("/apps/<app_key>/<form_key>/<record_id>/resubmit/draft")
def resubmit_draft(app_key: str, form_key: str, record_id: str) -> Response:
    """Keep what was typed while a request is corrected."""
    return kept(_resubmission(app_key, form_key, record_id))


def _resubmission(app_key: str, form_key: str, record_id: str) -> Resubmission:
    return resubmission(caller(), place(caller(), app_key, form_key), record_id)


@pages.post("/apps/<app_key>/<form_key>/<record_id>/comments")
def comment(app_key: str, form_key: str, record_id: str) -> Answer:
    """Say something about a record."""
    where: Place = place(caller(), app_key, form_key)
    try:
        mentions = [ident for ident in request.form.getlist(":mention") if ident]
        comments.comment(caller(), record_id, request.form.get("text", ""), mentions=mentions)
    except InputInvalid as error:
        found = page_of(caller(), where, record_id)
        found.said, found.said_error = request.form.get("text", ""), str(error)
        return _page(found), 422
    return redirect(f"{where.address}/{record_id}#talk")
