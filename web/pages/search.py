"""Search over everything that the reader may see: forms to jump to, and records."""

from flask import Blueprint, render_template, request

from formloom.platform.services import search as service
from formloom.web.request import caller

pages = Blueprint("search", __name__)

LONGEST = 200


@pages.get("/search")
def search() -> str:
    """What was found for `q`; without it, the input alone (the way in on phones)."""
    text = request.args.get("q", "").strip()[:LONGEST]
    return render_template("records/search.html", text=text, hits=service.search(caller(), text))
