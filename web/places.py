"""Where a page of an app stands: its app and its form, as the frame of the page names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from formloom.platform.definitions import PublishedForm
from formloom.platform.errors import NotFound
from formloom.platform.runtime import Caller
from formloom.platform.services import forms


@dataclass(frozen=True, slots=True)
class Place:
    """A form of an app. `app_name` and `title` are in the caller's language."""

    app_key: str
    form_key: str
    app_name: str
    accent: str
    title: str
    published: PublishedForm

    @property
    def address(self) -> str:
        """The table of its records."""
        return f"/apps/{self.app_key}/{self.form_key}"

    @property
    def here(self) -> tuple[str, str]:
        """What is current in the sidebar."""
        return self.app_key, self.form_key

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        """The way to the table."""
        return [(self.app_name, f"/apps/{self.app_key}"), (self.title, self.address)]


def app_name(document: Mapping[str, Any], lang: str) -> str:
    """What an app is called in a language."""
    return str(document.get("translations", {}).get(lang, {}).get("name") or document.get("name", ""))


def place(caller: Caller, app_key: str | None, form_key: str) -> Place:
    """The place that an address names. `app_key` None: whatever app the form is of.

    Raises:
        NotFound: there is no such form, or it is of another app.
    """
    published = forms.published(caller, form_key)
    if app_key is not None and published.app_key != app_key:
        raise NotFound(_("There is no such page."))
    document = published.app
    accent = str(document.get("accent", "blue"))
    title = published.form.title(caller.lang)
    return Place(published.app_key, form_key, app_name(document, caller.lang), accent, title, published)
