"""What an app shows of itself to one person: its name in their language, and a menu of what is theirs. Values only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Document = Mapping[str, Any]
DEFAULT_ICON, DEFAULT_ACCENT = "apps", "blue"


@dataclass(frozen=True, slots=True)
class AppForm:
    """A form in the menu of an app, where it is called `listed`: what its table holds, as a rule in the plural."""

    key: str
    title: str
    may_add: bool
    has_workflow: bool
    listed: str = ""


@dataclass(frozen=True, slots=True)
class AppRow:
    """An app that somebody can open, with the forms in its menu that are theirs."""

    key: str
    name: str
    icon: str
    accent: str
    description: str
    forms: tuple[AppForm, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu: a form's table, a view of one, or (`items`) a heading with entries under it."""

    title: str
    form: str | None = None
    view: str | None = None
    items: tuple["Entry", ...] = ()


@dataclass(frozen=True, slots=True)
class AppDetail:
    """An app with its menu, as far as it is theirs."""

    key: str
    name: str
    icon: str
    accent: str
    description: str
    category: str
    version: str
    template: str | None
    navigation: tuple[Entry, ...]
    forms: tuple[AppForm, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A saved table: its form and title, and its columns, filters and order as views/*.json has them."""

    key: str
    form: str
    title: str
    columns: tuple[str, ...]
    filters: tuple[Document, ...]
    sort: tuple[Document, ...]


def text_of(document: Document, lang: str, path: str, own: str) -> str:
    """The text of a document at a path of its translations, in a language; else its own."""
    translated: str | None = document.get("translations", {}).get(lang, {}).get(path)
    return translated or own


def app_row(key: str, document: Document, forms: Mapping[str, AppForm], lang: str) -> AppRow:
    """The app with those of `forms` (by key) that stand in its menu, in the menu's order."""
    return AppRow(
        key,
        text_of(document, lang, "name", document["name"]),
        document.get("icon", DEFAULT_ICON),
        document.get("accent", DEFAULT_ACCENT),
        text_of(document, lang, "description", document.get("description", "")),
        tuple(
            replace(forms[form], listed=called or forms[form].title)
            for form, called in _called(document, lang)
            if form in forms
        ),
    )


def app_detail(
    row: AppRow,
    document: Document,
    template: str | None,
    forms: Mapping[str, AppForm],
    views: Mapping[str, Document],
    lang: str,
) -> AppDetail:
    """The app with its menu, without what is not among `forms`."""
    entries = (
        _entry(entry, f"navigation/{number}", document, forms, views, lang)
        for number, entry in enumerate(document.get("navigation", []))
    )
    return AppDetail(
        row.key, row.name, row.icon, row.accent, row.description, document.get("category", "other"),
        document.get("version", ""), template, tuple(entry for entry in entries if entry is not None), row.forms,
    )  # fmt: skip


def view_of(key: str, document: Document, lang: str) -> View:
    """A view as one person sees it."""
    parts = (tuple(document.get(name, ())) for name in ("columns", "filters", "sort"))
    return View(key, document["form"], text_of(document, lang, "", document["title"]), *parts)


def forms_in_menu(document: Document) -> list[str]:
    """The forms that an app's menu names, from top to bottom, each once."""
    return [form for form, _ in _called(document, "")]


def _called(document: Document, lang: str) -> Iterator[tuple[str, str]]:
    """The forms in an app's menu, from top to bottom, each once, and what the menu calls them ("" where nothing)."""
    known: set[str] = set()
    for path, entry in _with_paths(document.get("navigation", []), "navigation"):
        form = entry.get("form")
        if form is not None and form not in known:
            known.add(form)
            yield form, text_of(document, lang, path, entry.get("title", ""))


def _with_paths(entries: Sequence[Document], path: str) -> Iterator[tuple[str, Document]]:
    for number, entry in enumerate(entries):
        yield f"{path}/{number}", entry
        yield from _with_paths(entry.get("items", ()), f"{path}/{number}")


def _entry(
    entry: Document, path: str, app: Document, forms: Mapping[str, AppForm], views: Mapping[str, Document], lang: str
) -> Entry | None:
    """One entry of the menu; None where nothing of it is theirs."""
    if "items" in entry:
        inner = (
            _entry(each, f"{path}/{number}", app, forms, views, lang) for number, each in enumerate(entry["items"])
        )
        items = tuple(each for each in inner if each is not None)
        return Entry(text_of(app, lang, path, entry["title"]), items=items) if items else None
    if "form" in entry:
        form = forms.get(entry["form"])
        return None if form is None else Entry(text_of(app, lang, path, entry.get("title", form.title)), form=form.key)
    found = views.get(entry["view"])
    if found is None or found["form"] not in forms:
        return None
    title = entry.get("title") or text_of(found, lang, "", found["title"])
    return Entry(text_of(app, lang, path, title), form=found["form"], view=entry["view"])
