"""The template library as the gallery shows it: cards with pictures, and each template filled with its own samples.

Nothing of it comes from the database but what is installed already. A package never changes while the program runs, so
what is made of it is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _

from formloom.form_engine import definition
from formloom.form_engine import record as record_engine
from formloom.form_engine.form import Field, Form
from formloom.form_engine.record import Context
from formloom.platform.packages.library import keys
from formloom.platform.packages.library import package as library_package
from formloom.platform.packages.package import Package
from formloom.web import posted
from formloom.web.drawing import Drawing
from formloom.web.outline import Labels, OutlineStep, outline
from formloom.web.picture import Picture, picture
from formloom.web.slots import Drawn

COLUMNS, ROWS = 5, 5
SAMPLE_DAY = datetime(2026, 11, 24, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Card:
    """A template on its card."""

    key: str
    name: str
    description: str
    category: str
    icon: str
    accent: str
    version: str
    forms: tuple[str, ...]
    workflows: int
    sample: bool
    picture: Picture


@dataclass(frozen=True, slots=True)
class Sample:
    """Sample records of a form as a small table: `rows` are texts in the order of `heads`."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form of a template: filled in as it will look, its workflow, and some sample records."""

    key: str
    title: str
    drawn: Drawn
    steps: tuple[OutlineStep, ...]
    sample: Sample


@dataclass(frozen=True, slots=True)
class Names:
    """What the sample people and records of a package are called."""

    members: Mapping[str, str]
    departments: Mapping[str, str]
    titles: Mapping[str, str]

    def member(self, id: str) -> str:
        """The name of a sample member."""
        return self.members.get(id, id)

    def department(self, id: str) -> str:
        """The name of a sample department."""
        return self.departments.get(id, id)

    def record(self, form: str, id: str) -> str:
        """The title of a sample record."""
        return self.titles.get(f"{form}/{id}", id)

    def file(self, id: str) -> str:
        """Samples hold no files."""
        return id


def categories() -> dict[str, str]:
    """What the categories are called, in the order of the gallery."""
    return {
        "crm": _("CRM"), "kpi": _("KPI & OKR"), "rewards": _("Rewards"), "training": _("Training"),
        "meetings": _("Meetings"), "projects": _("Projects"), "culture": _("Culture & care"),
        "approvals": _("Everyday approvals"), "other": _("Other"),
    }  # fmt: skip


def cards(lang: str) -> list[Card]:
    """Every template, by name."""
    return sorted((card(key, lang) for key in keys()), key=lambda each: each.name.casefold())


@cache
def card(key: str, lang: str) -> Card:
    """One template. Raises KeyError where the library has none of this key."""
    package = library_package(key)
    forms = _forms(package)
    order = list(dict.fromkeys([*_menu(package), *forms]))
    first = order[0]
    records = package.records.get(first, [])
    filled = records[0]["values"] if records else {}
    steps = outline(package.workflows.get(first), _labels(package, forms[first], lang))
    return Card(
        key=key,
        name=_text(package.app, lang, "name"),
        description=_text(package.app, lang, "description"),
        category=package.app["category"],
        icon=package.app.get("icon", "apps"),
        accent=package.app.get("accent", "blue"),
        version=package.app["version"],
        forms=tuple(forms[each].title(lang) for each in order),
        workflows=len(package.workflows),
        sample=bool(package.records),
        picture=picture(forms[first], filled, lang, names_of(package, lang), steps),
    )


@cache
def form_pages(key: str, lang: str) -> tuple[FormPage, ...]:
    """The forms of a template in the order of its menu, filled with its samples. Raises KeyError as `card`."""
    package = library_package(key)
    forms, names = _forms(package), names_of(package, lang)
    order = list(dict.fromkeys([*_menu(package), *forms]))
    return tuple(_form_page(package, forms[each], lang, names) for each in order)


def _form_page(package: Package, form: Form, lang: str, names: Names) -> FormPage:
    records = package.records.get(form.key, [])
    filled = records[0]["values"] if records else {}
    settled = record_engine.settle(form, filled, Context(now=SAMPLE_DAY, lang=lang))
    drawn = Drawing(form, lang, names=names, states=settled.states).draw(posted.shown(settled.values))
    steps = outline(package.workflows.get(form.key), _labels(package, form, lang))
    return FormPage(form.key, form.title(lang), drawn, steps, _sample(form, records, lang, names))


def _sample(form: Form, records: Sequence[Mapping[str, Any]], lang: str, names: Names) -> Sample:
    """The first records, in the fields that most of them fill."""
    fields = [field for field in form.fields.values() if not field.columns and not field.live]
    filled = [field for field in fields if any(field.key in record["values"] for record in records)][:COLUMNS]
    rows = tuple(tuple(_cell(field, record, lang, names) for field in filled) for record in records[:ROWS])
    return Sample(tuple(field.label(lang) for field in filled), rows, len(records))


def _cell(field: Field, record: Mapping[str, Any], lang: str, names: Names) -> str:
    value = record["values"].get(field.key)
    return "" if value is None else field.type.text(field, value, lang, names)


def _forms(package: Package) -> dict[str, Form]:
    return {key: definition.load(document) for key, document in package.forms.items()}


def _menu(package: Package) -> Iterator[str]:
    """The forms in the order of the app's menu."""
    for entry in package.app.get("navigation", ()):
        for item in (entry, *entry.get("items", ())):
            if "form" in item:
                yield item["form"]


def names_of(package: Package, lang: str) -> Names:
    """What its samples are called, in a language."""
    people = package.people or {}
    members = {each["id"]: each["name"] for each in people.get("members", ())}
    departments = {each["id"]: _translated(each, lang) for each in people.get("departments", ())}
    bare = Names(members, departments, {})
    titles = {
        f"{key}/{record['id']}": form.record_title(record["values"], lang, bare)
        for key, form in _forms(package).items()
        for record in package.records.get(key, ())
    }
    return Names(members, departments, titles)


def _labels(package: Package, form: Form, lang: str) -> Labels:
    names = names_of(package, lang)
    translated = package.app.get("translations", {}).get(lang, {})
    roles = {role["id"]: translated.get(f"roles/{role['id']}", role["name"]) for role in package.app.get("roles", ())}
    fields = {key: field.label(lang) for key, field in form.fields.items()}
    return Labels(roles, names.departments, names.members, fields, lang)


def _translated(each: Mapping[str, Any], lang: str) -> str:
    return str(each.get("translations", {}).get(lang) or each["name"])


def _text(app: Mapping[str, Any], lang: str, path: str) -> str:
    return str(app.get("translations", {}).get(lang, {}).get(path) or app.get(path, ""))
