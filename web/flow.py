"""The one flow of a page on which something is filled in: shown, changed by its buttons, kept as a draft, sent.

What is wrong is shown where it is wrong, and everything that was typed stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import jsonify, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from formloom.form_engine.errors import Problem
from formloom.platform.errors import CommandRefused, Conflict, RecordInvalid, StaleRecord, Unconfirmed
from formloom.platform.faults import status_of
from formloom.platform.services import drafts, people
from formloom.platform.services.trying import Coming, Trial
from formloom.web import finding, posted, sheets
from formloom.web.drawing import Drawing, known
from formloom.web.fillings import Filling, submission_key
from formloom.web.paths import Stop, stops
from formloom.web.posted import Act, Posted
from formloom.web.sheets import Sheet
from formloom.web.slots import Drawn, Found
from formloom.web.telling import tell
from formloom.web.uploads import take_files

Answer = Response | str | tuple[str, int]


def begin(filling: Filling) -> Answer:
    """The page of something to be filled in, with what was typed into it before."""
    kept = sheets.kept(filling.here, filling.target)
    if kept is None:
        return _page(filling, posted.shown(filling.begin()))
    typed, saved_at = kept
    return _page(filling, read(filling, typed), sent=typed, draft_at=saved_at)


def submit(filling: Filling) -> Answer:
    """Save what was sent; what is wrong is shown where it is wrong, with everything that was typed (422)."""
    sent, refused = take_files(
        filling.here, filling.place.form_key, filling.place.published.form, request.form, request.files
    )
    act = posted.act_of(sent)
    if act is not None and act.verb in ("keep", "afresh"):
        return _leave(filling, act, sent)
    given = read(filling, sent, act)
    if act is not None and not refused:
        return _page(filling, given, sent=sent, finds=_found(filling, act))
    if given.problems or refused:
        return _page(filling, given, (*refused, *filling.trial(given.values).settled.errors), sent=sent), 422
    try:
        version = sheets.version_of(sent) or 0
        address = filling.save(given.values, confirmed=":confirmed" in sent, key=sent.get(":key", ""), version=version)
    except StaleRecord as error:
        return _page(filling, given, sent=sent, stale=error), 409
    except RecordInvalid as error:
        return _page(filling, given, error.errors, sent=sent), 422
    except Unconfirmed as error:
        return _page(filling, given, sent=sent, warnings=error.warnings), 422
    except (CommandRefused, Conflict) as error:
        return _page(filling, given, [Problem("", str(error))], sent=sent), status_of(error)
    return redirect(address)


def kept(filling: Filling) -> Response:
    """Keep what was typed and say what is wrong with it so far: `{saved, errors, shown, values, states}`."""
    saved = sheets.keep(filling.here, filling.target, filling.place.form_key, request.form)
    given = read(filling, request.form)
    drawn, trial = _drawn(filling, given, None)
    ahead = _ahead(filling, filling.coming(trial.values)) if filling.fresh else []
    html = render_template("records/ahead.html", ahead=ahead) if ahead else ""
    return jsonify(saved=saved.isoformat(), ahead=html, **sheets.answers(drawn))


def read(filling: Filling, sent: MultiDict[str, str], act: Act | None = None) -> Posted:
    """What was sent, as values of the form."""
    here = filling.here
    return posted.read(filling.place.published.form, sent, lang=here.lang, zone=here.zone, act=act)


def _leave(filling: Filling, act: Act, sent: MultiDict[str, str]) -> Response:
    """Buttons that leave the page: what was typed is kept for later, or thrown away."""
    if act.verb == "afresh":
        drafts.discard_draft(filling.here, filling.target)
        return redirect(filling.action)
    sheets.keep(filling.here, filling.target, filling.place.form_key, sent)
    tell(_("Kept as a draft. You find it again where you left it."))
    return redirect(filling.leave)


def _found(filling: Filling, act: Act) -> Mapping[str, tuple[Found, ...]]:
    """What a search without script found."""
    if act.verb != "find":
        return {}
    text = request.form.get(f":find {act.name}", "")
    return {act.name: finding.answers(filling.here, filling.place.published.form, act.name, text)}


def _drawn(filling: Filling, given: Posted, problems: Sequence[Problem] | None, **more: Any) -> tuple[Drawn, Trial]:
    """The form as it is drawn, with what was computed from what was sent. `problems` None: those of the trial."""
    trial, here = filling.trial(given.values), filling.here
    said = trial.settled.errors if problems is None else problems
    names = people.names(here)
    states, access = trial.settled.states, trial.access
    drawing = Drawing(trial.form, here.lang, here.zone, names, states, access, said, fresh=filling.fresh, **more)
    return drawing.draw(replace(given, values={**given.values, **trial.values})), trial


def _ahead(filling: Filling, coming: Coming) -> list[Stop]:
    return stops(coming.path, people.names(filling.here), begun=False)


def _page(
    filling: Filling, given: Posted, problems: Sequence[Problem] = (), *, sent: MultiDict[str, str] | None = None,
    warnings: Sequence[Problem] = (), finds: Mapping[str, tuple[Found, ...]] | None = None,
    stale: StaleRecord | None = None, draft_at: datetime | None = None,
) -> str:  # fmt: skip
    """The page. What was `sent` stays one over the version that it was typed over, until somebody has seen the newer one."""
    drawn, trial = _drawn(filling, given, (*problems, *warnings), finds=finds or {})
    coming = filling.coming(trial.values)
    sheet = Sheet(
        place=filling.place,
        title=filling.title,
        help=trial.form.help(filling.here.lang) if filling.fresh else "",
        drawn=drawn,
        action=filling.action,
        send=filling.send,
        leave=filling.leave,
        key=submission_key() if filling.fresh else "",
        version=stale.version if stale else (sheets.version_of(sent) if sent else None) or filling.version,
        draft_at=draft_at,
        notice=str(stale) if stale else "",
        theirs=sheets.theirs(filling, stale) if stale else (),
        warnings=tuple(warnings),
        ahead=_ahead(filling, coming),
        choices=coming.choices,
        model=trial.browser_model() | {"values": known(drawn)},
    )
    return render_template("records/fill.html", sheet=sheet)
