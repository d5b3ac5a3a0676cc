"""The template gallery: whole apps to look at and to install."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform.errors import Conflict, NotFound
from formloom.platform.packages.library import keys
from formloom.platform.services import apps, people
from formloom.web import shelf
from formloom.web.request import caller
from formloom.web.shelf import Card
from formloom.web.telling import tell

pages = Blueprint("gallery", __name__, url_prefix="/gallery")

Answer = Response | str | tuple[str, int]


@pages.before_request
def _admins_only() -> None:
    people.require_admin(caller())


@pages.get("")
def gallery() -> Answer:
    """The cards, by category, by what is looked for, and by whether they are installed."""
    here = caller()
    every = shelf.cards(here.lang)
    asked = {name: request.args.get(name, "") for name in ("category", "text", "show") if request.args.get(name)}
    installed = _installed()
    counts = {key: sum(card.category == key for card in every) for key in shelf.categories()}
    return render_template(
        "gallery/gallery.html",
        cards=[card for card in every if _fits(card, asked, installed)],
        total=len(every),
        counts={key: count for key, count in counts.items() if count},
        categories=shelf.categories(),
        asked=asked,
        installed=installed,
    )


def _installed() -> set[str]:
    return {app.key for app in apps.apps(caller())}


def _fits(card: Card, asked: dict[str, str], installed: set[str]) -> bool:
    """Whether a card is among those asked for. Each word has to stand somewhere on it."""
    words = asked.get("text", "").casefold().split()
    said = " ".join((card.name, card.description, *card.forms)).casefold()
    shown = {"installed": card.key in installed, "workflow": card.workflows > 0}.get(asked.get("show", ""), True)
    return shown and asked.get("category", card.category) == card.category and all(word in said for word in words)


@pages.get("/<key>")
def template(key: str) -> Answer:
    """One template, filled with its samples: its forms, how its requests go, some records."""
    here = caller()
    _known(key)
    return render_template(
        "gallery/template.html",
        card=shelf.card(key, here.lang),
        forms=shelf.form_pages(key, here.lang),
        category=shelf.categories().get(shelf.card(key, here.lang).category, ""),
        installed=key in _installed(),
        lang=here.lang,
    )


@pages.post("/<key>/install")
def install(key: str) -> Answer:
    """Install a template and open it."""
    _known(key)
    try:
        apps.install(caller(), key, sample_data=request.form.get("sample") == "1")
    except Conflict as error:
        tell(str(error), "bad")
        return redirect(url_for(".template", key=key))
    tell(_("%(app)s is installed.", app=shelf.card(key, caller().lang).name))
    return redirect(f"/apps/{key}")


def _known(key: str) -> None:
    if key not in keys():
        raise NotFound(_("There is no such template."))
