"""What the documents of a package say of each other: every key that one of them names must be there."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from formloom.form_engine.field_types.references import Department, Link, Member
from formloom.form_engine.form import Field, Form
from formloom.form_engine.nearest import nearest
from formloom.form_engine.pointers import join
from formloom.platform.language import gettext
from formloom.platform.queries.records import SYSTEM_OPERATORS
from formloom.workflow_engine import definition as workflow_definition
from formloom.workflow_engine.checking import parts_of

if TYPE_CHECKING:
    from formloom.platform.packages.check import Checking

NUMBERS = ("decimal", "integer")


def check(checking: "Checking") -> None:
    """Note every reference that leads nowhere."""
    for key, form in checking.forms.items():
        _check_form(checking, f"forms/{key}.json", form)
    for key, document in checking.of("workflows").items():
        _check_workflow(checking, key, document)
    for key, document in checking.of("views").items():
        if isinstance(document, Mapping):
            _check_view(checking, f"views/{key}.json", document)
    app = checking.documents.get("app.json")
    if isinstance(app, Mapping):
        _check_navigation(checking, app)
        _check_permissions(checking, app)
        _check_translations(checking, app)


def unknown(checking: "Checking", file: str, pointer: str, sentence: str, word: Any, known: Iterable[str]) -> None:
    """Note a name that nobody has, with the nearest one there is."""
    close = nearest(str(word), known)
    hint = "" if close is None else " " + gettext(checking.lang, "Did you mean “{word}”?", word=close)
    checking.note(file, pointer, "{sentence}", sentence=gettext(checking.lang, sentence, key=word) + hint)


def _form_named(checking: "Checking", file: str, pointer: str, key: Any) -> Form | None:
    """The form called `key`, if it could be loaded; a form that the package doesn't have is noted."""
    if key not in checking.of("forms"):
        unknown(checking, file, pointer, "The package has no form “{key}”.", key, checking.of("forms"))
    return checking.forms.get(key)


def _field_named(checking: "Checking", file: str, pointer: str, key: Any, form: Form | None) -> Field | None:
    found = form.field_at(str(key)) if form is not None else None
    if form is not None and found is None:
        unknown(
            checking, file, pointer, "There is no field “{key}”.", key, [field.path for field in form.every_field()]
        )
    return found


def _check_form(checking: "Checking", file: str, form: Form) -> None:
    for field in form.every_field():
        settings, pointer = field.settings, join(field.pointer, "x-field")
        if isinstance(field.type, Link):
            target = _form_named(checking, file, join(pointer, "form"), settings["form"])
            for number, shown in enumerate(settings.get("show", ())):
                _field_named(checking, file, join(pointer, "show", number), shown, target)
        elif field.type.name == "lookup":
            link = form.field_at(settings["link"])
            if link is not None and isinstance(link.type, Link):
                target = checking.forms.get(link.settings["form"])
                if settings["field"] not in SYSTEM_OPERATORS:
                    shown = _field_named(checking, file, join(pointer, "field"), settings["field"], target)
                    _check_currency(checking, file, pointer, field, shown)
        elif field.type.name == "rollup":
            _check_rollup(checking, file, pointer, field, form)
    for number, rule in enumerate(form.capacity):
        link = form.fields[rule.link]
        most = _field_named(
            checking,
            file,
            join("", "x-form", "capacity", number, "max"),
            rule.max,
            checking.forms.get(link.settings["form"]),
        )
        if most is not None and most.type.column not in NUMBERS:
            pointer = join("", "x-form", "capacity", number, "max")
            checking.note(file, pointer, "“{key}” is no number.", key=rule.max)


def _check_currency(checking: "Checking", file: str, pointer: str, field: Field, shown: Field | None) -> None:
    """An amount that is looked up is shown in the currency that it has there."""
    there = shown.type.currency(shown.settings) if shown is not None else None
    if there is not None and field.settings.get("currency") != there:
        place = join(pointer, "currency") if "currency" in field.settings else pointer
        sentence = "“{key}” is an amount in {currency}: “currency” must say so here, or it is shown as a plain number."
        checking.note(file, place, sentence, "warning", key=field.settings["field"], currency=there)


def _check_rollup(checking: "Checking", file: str, pointer: str, field: Field, form: Form) -> None:
    settings = field.settings
    children = _form_named(checking, file, join(pointer, "form"), settings["form"])
    link = _field_named(checking, file, join(pointer, "link"), settings["link"], children)
    if link is not None and (not isinstance(link.type, Link) or link.settings["form"] != form.key):
        checking.note(file, join(pointer, "link"), "“{key}” is no link to this form.", key=settings["link"])
    if "field" in settings:
        measured = _field_named(checking, file, join(pointer, "field"), settings["field"], children)
        if measured is not None and settings["aggregate"] in ("sum", "avg") and measured.type.column not in NUMBERS:
            checking.note(file, join(pointer, "field"), "“{key}” is no number.", key=settings["field"])


def _check_workflow(checking: "Checking", key: str, document: Any) -> None:
    file = f"workflows/{key}.json"
    if key not in checking.of("forms"):
        unknown(checking, file, "/form", "The package has no form “{key}”.", key, checking.of("forms"))
        return
    if isinstance(document, Mapping) and document.get("form", key) != key:
        checking.note(file, "/form", "“form” must be “{key}”, as the file is called.", key=key)
    findings = workflow_definition.check(
        document, forms=checking.forms, directory=checking.directory, own=key, lang=checking.lang
    )
    for finding in findings:
        if finding.pointer == "/form":
            continue  # said above, or the form is there and its own errors say what is wrong
        checking.note(file, finding.pointer or "", "{sentence}", finding.severity, sentence=finding.message)
    for pointer, named in _forms_of(document) if isinstance(document, Mapping) else ():
        _form_named(checking, file, pointer, named)


def _forms_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Where the steps of a workflow name other forms, and which."""
    for part in parts_of(document):
        if "form" in part.document:
            yield join(part.pointer, "form"), part.document["form"]
        doing = part.document.get("do")
        for verb, what in doing.items() if isinstance(doing, Mapping) else ():
            if isinstance(what, Mapping) and "form" in what:
                yield join(part.pointer, "do", verb, "form"), what["form"]


def _check_view(checking: "Checking", file: str, view: Mapping[str, Any]) -> None:
    form = _form_named(checking, file, "/form", view.get("form")) if "form" in view else None
    if form is None:
        return
    for number, key in enumerate(view.get("columns") or ()):
        if key not in SYSTEM_OPERATORS:
            _field_named(checking, file, join("/columns", number), key, form)
    for part in ("filters", "sort"):
        for number, entry in enumerate(view.get(part) or ()):
            if not isinstance(entry, Mapping) or "field" not in entry:
                continue
            operators: Iterable[str] = SYSTEM_OPERATORS.get(entry["field"], ())
            if not operators:
                found = _field_named(checking, file, join("", part, number, "field"), entry["field"], form)
                if found is None:
                    continue
                operators = found.type.operators
            if part == "filters" and entry.get("operator") not in operators:
                sentence = "“{field}” can't be filtered by “{operator}”."
                pointer = join("", part, number, "operator")
                checking.note(file, pointer, sentence, field=entry["field"], operator=entry.get("operator"))


def _check_navigation(checking: "Checking", app: Mapping[str, Any]) -> None:
    for pointer, entry in navigation_entries(app):
        if "form" in entry:
            _form_named(checking, "app.json", join(pointer, "form"), entry["form"])
        elif "view" in entry and entry["view"] not in checking.of("views"):
            views = checking.of("views")
            unknown(
                checking, "app.json", join(pointer, "view"), "The package has no view “{key}”.", entry["view"], views
            )


def navigation_entries(app: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every entry of the menu with its pointer, those under a heading too; what has no shape is left out."""
    navigation = app.get("navigation")
    for number, entry in enumerate(navigation if isinstance(navigation, list) else ()):
        if isinstance(entry, Mapping):
            yield join("/navigation", number), entry
            items = entry.get("items")
            for inner, item in enumerate(items if isinstance(items, list) else ()):
                if isinstance(item, Mapping):
                    yield join("/navigation", number, "items", inner), item


def _check_permissions(checking: "Checking", app: Mapping[str, Any]) -> None:
    permissions = app.get("permissions")
    for key, rules in permissions.items() if isinstance(permissions, Mapping) else ():
        pointer = join("/permissions", key)
        form = _form_named(checking, "app.json", pointer, key)
        if not isinstance(rules, Mapping):
            continue
        for verb in ("add", "see", "edit", "delete"):
            _check_grants(checking, join(pointer, verb), rules.get(verb), form, recordless=verb == "add")
        fields = rules.get("fields")
        for path, rule in fields.items() if isinstance(fields, Mapping) else ():
            if form is not None and path not in form.fields:
                unknown(
                    checking, "app.json", join(pointer, "fields", path), "There is no field “{key}”.", path, form.fields
                )
            for verb in ("see", "edit") if isinstance(rule, Mapping) else ():
                _check_grants(checking, join(pointer, "fields", path, verb), rule.get(verb), form, recordless=False)


def _check_grants(checking: "Checking", pointer: str, grants: Any, form: Form | None, *, recordless: bool) -> None:
    for number, entry in enumerate(grants if isinstance(grants, list) else ()):
        at = join(pointer, number)
        if recordless and (entry in ("own", "department") or (isinstance(entry, Mapping) and _needs_record(entry))):
            checking.note("app.json", at, "Who may add a record can't depend on the record.")
        if isinstance(entry, Mapping):
            _check_person(checking, at, entry, form)


def _needs_record(entry: Mapping[str, Any]) -> bool:
    inner = entry.get("managerOf", entry.get("headOf"))
    return bool({"field", "initiator"} & set(entry)) or (isinstance(inner, Mapping) and _needs_record(inner))


def _check_person(checking: "Checking", pointer: str, entry: Mapping[str, Any], form: Form | None) -> None:
    directory = checking.directory
    if "field" in entry:
        found = _field_named(checking, "app.json", join(pointer, "field"), entry["field"], form)
        if found is not None and not isinstance(found.type, Member | Department):
            checking.note(
                "app.json", join(pointer, "field"), "“{key}” is no member or department field.", key=entry["field"]
            )
    for around in ("managerOf", "headOf"):
        if isinstance(entry.get(around), Mapping):
            _check_person(checking, join(pointer, around), entry[around], form)
    if directory is None:
        return
    for kind, key, known in (
        ("role", "role", directory.role_ids),
        ("member", "member", directory.member_ids),
        ("department", "department", directory.department_ids),
        ("department", "in", directory.department_ids),
    ):
        if isinstance(entry.get(key), str) and entry[key] not in known:
            sentences = {
                "role": "There is no role “{key}”.",
                "member": "There is no member “{key}”.",
                "department": "There is no department “{key}”.",
            }
            unknown(checking, "app.json", join(pointer, key), sentences[kind], entry[key], known)


def _check_translations(checking: "Checking", app: Mapping[str, Any]) -> None:
    roles = app.get("roles")
    paths = {"name", "description"}
    paths |= (
        {f"roles/{role.get('id')}" for role in roles if isinstance(role, Mapping)} if isinstance(roles, list) else set()
    )
    paths |= {pointer[1:].replace("/items/", "/") for pointer, _ in navigation_entries(app)}
    translations = app.get("translations")
    for lang, texts in translations.items() if isinstance(translations, Mapping) else ():
        for path in texts if isinstance(texts, Mapping) else ():
            if path not in paths:
                pointer = join("/translations", lang, path)
                unknown(checking, "app.json", pointer, "“{key}” names nothing that could be translated.", path, paths)
