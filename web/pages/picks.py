"""What comboboxes ask while somebody types: members, departments, records. Answers `{"results": […]}`."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from formloom.web import chains, faces, finding
from formloom.web.request import caller
from formloom.web.slots import Found

pages = Blueprint("picks", __name__, url_prefix="/pick")


def _asked() -> str:
    return request.args.get("q", "").strip()[:100]


def _answer(found: Iterable[Found], *, people: bool = False) -> Response:
    return jsonify(results=[_one(each, people=people) for each in found])


def _one(each: Found, *, people: bool) -> dict[str, Any]:
    face = {"initials": faces.initials(each.label), "tone": faces.tone(each.label)} if people else {}
    return {"value": each.value, "label": each.label, "detail": each.detail, **face}


@pages.get("/members")
def members() -> Response:
    """Active members by name or address."""
    return _answer(finding.members(caller(), _asked()), people=True)


@pages.get("/departments")
def departments() -> Response:
    """Departments by name."""
    return _answer(finding.departments_called(caller(), _asked()))


@pages.get("/records/<form_key>")
def records(form_key: str) -> Response:
    """Records of a form that the caller sees, by what is in them."""
    return _answer(finding.records_called(caller(), form_key, _asked()))


@pages.get("/regions")
def regions() -> Response:
    """The divisions below a region, by its code; the provinces without one."""
    caller()
    below = chains.below_region(request.args.get("below", "")[:6])
    return jsonify(results=[{"value": code, "label": name} for code, name in below])
