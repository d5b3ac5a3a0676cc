"""What is wrong with the automations of a package: each by itself, what they name, and which start each other."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from formloom.form_engine.form import Form
from formloom.form_engine.nearest import nearest
from formloom.form_engine.pointers import join
from formloom.platform.language import gettext
from formloom.workflow_engine import automation
from formloom.workflow_engine.automation import Automation

if TYPE_CHECKING:
    from formloom.platform.packages.check import Checking


def check(checking: "Checking") -> None:
    """Note everything that is wrong with the automations, and buttons that name none."""
    documents = checking.of("automations")
    sound: dict[str, Automation] = {}
    for key, document in documents.items():
        file = f"automations/{key}.json"
        found = automation.check(
            document, forms=checking.forms, directory=checking.directory, key=key, lang=checking.lang
        )
        checking.take(file, found)
        for pointer, named in forms_named(document):
            if named not in checking.of("forms"):
                checking.note(file, pointer, "The package has no form “{key}”.", key=named)
        if not any(problem.severity == "error" for problem in found):
            sound[key] = automation.load(key, document, checking.forms[document["form"]])
    for round_ in automation.loops(sound):
        sentence = "These automations start each other: {keys}. They stop after some rounds."
        checking.note(f"automations/{round_[0]}.json", "/do", sentence, "warning", keys=", ".join(round_))
    for key, form in checking.forms.items():
        _check_buttons(checking, f"forms/{key}.json", form, documents)


def forms_named(document: Any) -> list[tuple[str, str]]:
    """Where an automation names other forms than its own, and which; of any JSON value."""
    do = document.get("do") if isinstance(document, Mapping) else None
    return [
        (join("/do", number, verb, "form"), what["form"])
        for number, entry in enumerate(do if isinstance(do, list) else ())
        for verb, what in (entry.items() if isinstance(entry, Mapping) else ())
        if isinstance(what, Mapping) and isinstance(what.get("form"), str)
    ]


def _check_buttons(checking: "Checking", file: str, form: Form, documents: Mapping[str, Any]) -> None:
    for key, item in automation.buttons_of(form).items():
        named = documents.get(key)
        if isinstance(named, Mapping) and "button" in (named.get("on") or {}) and named.get("form") == form.key:
            continue
        close = nearest(key, documents)
        hint = "" if close is None else " " + gettext(checking.lang, "Did you mean “{word}”?", word=close)
        pointer = join("", "x-form", *item.path.split("/")[:2], "fields", item.path.rpartition("/")[2])
        sentence = gettext(checking.lang, "There is no automation “{key}” of this form with a button.", key=key) + hint
        checking.note(file, pointer, "{sentence}", "error", sentence=sentence)
