"""What the browser is sent of a form, so that it shows, computes and checks just as the server will.

Only what this person may see is in it. A rule that reads something else is marked `ask`: the server is asked instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .access import column_access
from .context import Accesses, Context, access_of
from .form import Field, Form, FormRule
from .logic import Rule
from .schema import value_schema

RULES = {
    "visibleWhen": "visible_when",
    "requiredWhen": "required_when",
    "readOnlyWhen": "read_only_when",
    "compute": "compute",
    "default": "default",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the browser is sent: fields by key, but not the `hidden` columns ("items.price")."""

    keys: frozenset[str]
    hidden: frozenset[str] = frozenset()

    def has(self, path: str) -> bool:
        """Whether a rule that reads `path` can run there."""
        return path.partition(".")[0] in self.keys and path not in self.hidden


def browser_model(form: Form, context: Context, access: Accesses | None, lang: str) -> dict[str, Any]:
    """JSON for the browser: fields with their schema and compiled logic, the order to work them out in, zone and today."""
    shown = {key: field for key, field in form.fields.items() if access_of(access, key) != "hidden"}
    hidden = {f"{key}.{column}" for key, field in shown.items() for column in field.columns
              if column_access(access, key, column) == "hidden"}  # fmt: skip
    known = Known(frozenset(shown), frozenset(hidden))
    return {
        "form": form.key,
        "lang": lang,
        "zone": context.zone,
        "now": context.now.isoformat(),
        "today": _today(context.now, context.zone),
        "member": context.member,
        "fields": {
            key: _field(field, known, access_of(access, key), lang)
            | ({"columns": _columns(field, known, access, lang)} if field.columns else {})
            for key, field in shown.items()
        },
        "order": [path for path in form.plan.order if known.has(path)],
        "rules": [_rule(rule, known, lang) for rule in form.rules],
    }


def _columns(field: Field, known: Known, access: Accesses | None, lang: str) -> dict[str, Any]:
    """The columns that this person may see. A rule that reads a hidden one is asked of the server."""
    granted = {key: column_access(access, field.key, key) for key in field.columns}
    shown = [key for key in field.columns if granted[key] != "hidden"]
    hidden = frozenset(field.columns) - frozenset(shown)
    inner = Known((known.keys - hidden) | frozenset(shown), known.hidden)
    return {key: _field(field.columns[key], inner, granted[key], lang) for key in shown}


def _today(now: datetime, zone: str) -> str:
    return now.astimezone(ZoneInfo(zone)).date().isoformat()


def _field(field: Field, known: Known, granted: str, lang: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": field.type.name,
        "kind": field.logic.kind,
        "label": field.label(lang),
        "schema": value_schema(field) if not field.columns else {},
        "required": field.required or granted == "required",
        "readonly": field.read_only or granted == "read",
        "several": field.several,
    }
    if field.digits is not None:
        made["digits"] = field.digits
    if field.choices:
        made["options"] = [
            {
                "value": option.value,
                "label": option.label,
                **({"when": compiled(choice.when, known)} if choice.when else {}),
            }
            for option, choice in zip(field.options(lang), field.choices, strict=True)
        ]
    for word, attribute in RULES.items():
        rule = getattr(field, attribute)
        if rule is not None:
            made[word] = compiled(rule, known)
    if field.columns:
        inner = Known(known.keys | frozenset(field.columns), known.hidden)
        made["columns"] = {key: _field(column, inner, "edit", lang) for key, column in field.columns.items()}
    return made


def compiled(rule: Rule, known: Known) -> dict[str, Any]:
    """A rule for the browser's evaluator, or the note that the server must be asked."""
    reads = sorted(rule.reads)
    if rule.lookups or not all(known.has(path) for path in reads):
        return {"ask": True, "reads": reads}
    return {"logic": rule.compiled, "reads": reads}


def _rule(rule: FormRule, known: Known, lang: str) -> Mapping[str, Any]:
    return {
        "when": compiled(rule.when, known),
        "field": rule.field,
        "severity": rule.severity,
        "message": rule.text(lang),
    }
