"""Form.io forms (also those of Open Forms): components become fields, panels and columns sections.

Source: https://help.form.io/userguide/form-building/form-components and the component schema of formio.js 5.
JavaScript inside a form (custom validation, calculated values, custom conditions) is never run: it is reported.
"""

from collections.abc import Iterator
from typing import Any

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import Draft, Imported, Json, finish, text_of
from .json_form import STRING, add_bounds, add_pattern, choice, choices, dicts, number, read_object, table

LAYOUT = {"panel", "fieldset", "well", "columns", "table", "tabs", "container", "form", "wizard", "softRequiredErrors"}
ROWS = {"datagrid", "editgrid", "dynamicWizard", "partners", "children"}
TEXT_TYPES: dict[str, tuple[str, Json]] = {
    "textfield": ("text", STRING),
    "textarea": ("paragraph", STRING),
    "email": ("email", {"type": "string", "format": "email"}),
    "url": ("url", {"type": "string", "format": "uri"}),
    "phonenumber": ("phone", STRING),
    "tags": ("tags", {"type": "array", "items": {"type": "string"}}),
    "time": ("time", {"type": "string", "format": "time"}),
    "day": ("date", {"type": "string", "format": "date"}),
    "date": ("date", {"type": "string", "format": "date"}),
    "checkbox": ("switch", {"type": "boolean"}),
    "signature": ("signature", {}),
    "file": ("file", {}),
    "address": ("text", STRING),
    "hidden": ("text", STRING),
    "iban": ("text", STRING),
    "bsn": ("text", STRING),
    "postcode": ("text", STRING),
    "licenseplate": ("text", STRING),
    "cosign": ("email", {"type": "string", "format": "email"}),
}
PART_ROWS: dict[str, tuple[str, ...]] = {
    "partners": ("bsn", "initials", "affixes", "lastName", "dateOfBirth"),
    "children": ("bsn", "firstNames", "initials", "affixes", "lastName", "dateOfBirth"),
}
ADDRESS = ("postcode", "houseNumber", "houseLetter", "houseNumberAddition", "streetName", "city")
SCRIPTS = ("customDefaultValue", "calculateValue", "customConditional")


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of a Form.io definition (.json). Raises DefinitionError for a file that is none."""
    document = read_object(data, "Form.io", lang)
    if not isinstance(document.get("components"), list):
        inner = document.get("form") or document.get("configuration")
        document = inner if isinstance(inner, dict) else document
    if not dicts(document.get("components")):
        raise DefinitionError(
            [Problem("", say(lang, "This is no Form.io form: it has no list “components” with any in it."))]
        )
    title = document.get("title") or document.get("name") or filename.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "Form"
    draft = Draft(str(title), lang)
    components = document["components"]
    _Reader(draft, dict(_kinds(components))).components(components, [])
    return Imported(finish(draft.document(), draft.report, lang), draft.report)


def _inner(component: Json) -> list[Json]:
    """The components inside a layout component, whatever list holds them."""
    found = dicts(component.get("components"))
    for part in dicts(component.get("columns")):
        found += dicts(part.get("components"))
    for row in component.get("rows", []) if isinstance(component.get("rows"), list) else []:
        for cell in row if isinstance(row, list) else []:
            found += dicts(cell.get("components")) if isinstance(cell, dict) else []
    return found


def _kinds(components: Any) -> Iterator[tuple[str, str]]:
    """What logic will see of each component, by key."""
    known = {"number": "number", "currency": "number", "checkbox": "switch", "select": "option", "radio": "option", "selectboxes": "options",
             "date": "date", "day": "date", "datetime": "datetime", "time": "time"}  # fmt: skip
    for component in dicts(components):
        kind = str(component.get("type", ""))
        if kind in ROWS:
            yield str(component.get("key", "")), "table"
        elif kind in LAYOUT:
            yield from _kinds(_inner(component))
        else:
            found = known.get(kind, "text")
            yield str(component.get("key", "")), "options" if found == "option" and component.get("multiple") else found


class _Reader:
    """Adds components to a draft."""

    def __init__(self, draft: Draft, kinds: dict[str, str]) -> None:
        self.draft = draft
        self.kinds = kinds

    def components(self, components: list[Json], conditions: list[Any]) -> None:
        """Add every component of a list; `conditions` are those of the parts around it."""
        for component in dicts(components):
            self.component(component, conditions)

    def component(self, component: Json, conditions: list[Any]) -> None:
        """Add one component, or the ones inside it."""
        kind, key = str(component.get("type", "")), str(component.get("key") or component.get("type") or "field")
        if kind == "button":
            return
        own = self._condition(component, key)
        conditions = [*conditions, own] if own is not None else conditions
        if kind in LAYOUT or (kind not in ROWS and _inner(component) and not component.get("input")):
            self._layout(component, conditions)
        elif kind in {"content", "htmlelement"}:
            self._explanation(component, key, conditions)
        else:
            self._field(component, key, conditions)

    def _layout(self, component: Json, conditions: list[Any]) -> None:
        title = (
            component.get("legend")
            or component.get("title")
            or ("" if component.get("hideLabel") else component.get("label", ""))
        )
        named = component.get("type") in {"panel", "fieldset", "well", "container"} and title
        if named:
            self.draft.section(str(title))
        self.components(_inner(component), conditions)
        if named:
            self.draft.section(None)

    def _explanation(self, component: Json, key: str, conditions: list[Any]) -> None:
        text = str(component.get("html") or component.get("content") or "").strip()
        if text:
            self._keep(key, {"title": text}, {"type": "explanation"}, conditions)

    def _field(self, component: Json, key: str, conditions: list[Any]) -> None:
        made = self._schema(component, key)
        if made is None:
            self.draft.tell(
                key, "A field of the type “{kind}” has no counterpart here: left out.", kind=component.get("type")
            )
            return
        schema, settings = made
        schema = dict(schema)
        if (
            component.get("multiple") is True
            and schema.get("type") == "string"
            and settings["type"] in {"text", "email", "url", "phone"}
        ):
            schema, settings = {"type": "array", "items": {"type": "string"}}, {"type": "tags"}
        texts = {
            "title": component.get("label"),
            "description": component.get("description") or component.get("tooltip"),
        }
        schema |= {name: text_of(text, self.draft, key) for name, text in texts.items() if text}
        rules = component.get("validate") if isinstance(component.get("validate"), dict) else {}
        self._bounds(schema, settings, rules or {})
        self._default(component, schema, key)
        if component.get("unique") or (rules or {}).get("unique"):
            settings["unique"] = True
        self._keep(key, schema, settings, conditions, required=bool((rules or {}).get("required")))
        self._say_what_is_left(component, rules or {}, key)

    def _keep(self, key: str, schema: Json, settings: Json, conditions: list[Any], *, required: bool = False) -> None:
        if conditions:
            settings["visibleWhen"] = conditions[0] if len(conditions) == 1 else {"and": conditions}
        self.draft.add(key, schema, settings, required=required)

    def _schema(self, component: Json, key: str) -> tuple[Json, Json] | None:
        kind = str(component.get("type", ""))
        match kind:
            case "select" | "radio" | "selectboxes":
                return self._options(component, key)
            case "number":
                whole = component.get("decimalLimit") == 0 or (component.get("validate") or {}).get("integer") is True
                return {"type": "integer" if whole else "number"}, {"type": "integer" if whole else "number"}
            case "currency":
                return {"type": "number"}, {
                    "type": "money",
                    "currency": str(component.get("currency") or "USD").upper(),
                }
            case "datetime":
                only_date = component.get("enableTime") is False
                return TEXT_TYPES["date"][1] if only_date else {"type": "string", "format": "date-time"}, {
                    "type": "date" if only_date else "datetime"
                }
            case "survey":
                return self._survey(component)
            case "map":
                return {}, {"type": "location"}
            case "addressNL":
                return {"type": "object", "properties": {part: {"type": "string"} for part in ADDRESS}}, {
                    "type": "group"
                }
            case "textarea" if component.get("editor") or component.get("wysiwyg"):
                return dict(STRING), {"type": "richtext"}
            case "password":
                return None
            case _ if kind in ROWS:
                return self._rows(component, key)
            case _ if kind.lower() in TEXT_TYPES:
                field_type, schema = TEXT_TYPES[kind.lower()]
                if kind.lower() in {"iban", "bsn", "hidden", "address", "cosign"}:
                    self.draft.tell(key, "“{kind}” became a plain field: its own checks were left out.", kind=kind)
                return dict(schema), {"type": field_type}
            case _ if component.get("input") is False or not component.get("key"):
                return None
        self.draft.tell(key, "There is no field of the type “{kind}”: it became one that holds any JSON.", kind=kind)
        return {}, {"type": "json"}

    def _options(self, component: Json, key: str) -> tuple[Json, Json]:
        data = component.get("data") if isinstance(component.get("data"), dict) else {}
        values = dicts(component.get("values")) or dicts((data or {}).get("values"))
        pairs = [(str(value.get("value")), text_of(value.get("label"), self.draft, f"{key}/{value.get('value')}")) for value in values
                 if value.get("value") not in (None, "")]  # fmt: skip
        if not pairs:
            self.draft.tell(key, "The options come from elsewhere: answered as text.")
            many = component.get("multiple") or component.get("type") == "selectboxes"
            return (
                ({"type": "array", "items": {"type": "string"}}, {"type": "tags"})
                if many
                else (dict(STRING), {"type": "text"})
            )
        if component.get("type") == "selectboxes" or component.get("multiple"):
            return choices(pairs)
        schema, settings = choice(pairs)
        return schema, settings | ({"display": "radio"} if component.get("type") == "radio" else {})

    def _survey(self, component: Json) -> tuple[Json, Json] | None:
        answers = [(str(value.get("value")), str(value.get("label", ""))) for value in dicts(component.get("values"))]
        questions = {
            str(value.get("value")): {"title": str(value.get("label", "")), **choice(answers)[0]}
            for value in dicts(component.get("questions"))
        }
        return ({"type": "object", "properties": questions}, {"type": "likert"}) if answers and questions else None

    def _rows(self, component: Json, key: str) -> tuple[Json, Json] | None:
        inner = Draft("", self.draft.lang)
        components = dicts(component.get("components"))
        parts = PART_ROWS.get(str(component.get("type")), ()) if not components else ()
        for name in parts:
            is_date = name == "dateOfBirth"
            inner.add(
                name,
                {"type": "string"} | ({"format": "date"} if is_date else {}),
                {"type": "date" if is_date else "text"},
            )
        reader = _Reader(inner, {**self.kinds, **dict(_kinds(components))})
        for part in components:
            if part.get("type") in ROWS:
                self.draft.tell(str(part.get("key", "")), "Rows inside rows: only one row each is asked for.")
                reader.components(dicts(part.get("components")), [])
            else:
                reader.component(part, [])
        return table(inner, self.draft, key) if inner.fields else None

    def _bounds(self, schema: Json, settings: Json, rules: Json) -> None:
        if schema.get("type") in {"number", "integer"}:
            add_bounds(schema, rules, {"min": "minimum", "max": "maximum"})
        elif schema.get("type") == "string" and "oneOf" not in schema and "format" not in schema:
            add_bounds(schema, rules, {"minLength": "minLength", "maxLength": "maxLength"})
            add_pattern(schema, rules.get("pattern"))
        elif schema.get("type") == "array":
            add_bounds(
                schema,
                rules,
                {
                    "minSelectedCount": "minItems",
                    "maxSelectedCount": "maxItems",
                    "minLength": "minItems",
                    "maxLength": "maxItems",
                },
            )

    def _default(self, component: Json, schema: Json, key: str) -> None:
        value = component.get("defaultValue")
        kind = schema.get("type")
        if kind == "array" and isinstance(value, dict):
            value = [name for name, chosen in value.items() if chosen is True]
        if value in (None, "", [], {}) or kind in {None, "object"}:
            return
        if kind in {"number", "integer"}:
            value = number(value)
        allowed = {"string": str, "number": int | float, "integer": int, "boolean": bool, "array": list}[str(kind)]
        if isinstance(value, allowed) and "properties" not in schema.get("items", {}):
            schema["default"] = value
        else:
            self.draft.tell(
                key, "The default “{value}” does not fit the field: left out.", value=component.get("defaultValue")
            )

    def _condition(self, component: Json, key: str) -> Any:
        """The simple conditions of Form.io: one field equals one value, several joined by all or any, or JSON Logic."""
        rule = component.get("conditional")
        if not isinstance(rule, dict):
            return None
        if isinstance(rule.get("json"), dict) and rule["json"]:
            self.draft.tell(key, "A condition in JSON Logic was left out: {logic}", logic=rule["json"])
        if rule.get("when"):
            return self._shown(self._equals(str(rule["when"]), rule.get("eq"), key), rule.get("show"))
        tests = [self._equals(str(part.get("component", "")), part.get("value"), key, str(part.get("operator", "isEqual")))
                 for part in dicts(rule.get("conditions"))]  # fmt: skip
        known = [test for test in tests if test is not None]
        if not known or len(known) < len(tests):
            return None
        joined = known[0] if len(known) == 1 else {"or" if rule.get("conjunction") == "any" else "and": known}
        return self._shown(joined, rule.get("show"))

    def _shown(self, test: Any, show: Any) -> Any:
        return test if test is None or show in (True, "true", None, "") else {"!": [test]}

    def _equals(self, name: str, value: Any, key: str, operator: str = "isEqual") -> Any:
        name = name.rsplit(".", 1)[-1] if name not in self.kinds else name
        kind, field = self.kinds.get(name), {"var": name}
        signs = {
            "isEqual": "==",
            "isNotEqual": "!=",
            "greaterThan": ">",
            "lessThan": "<",
            "greaterThanOrEqual": ">=",
            "lessThanOrEqual": "<=",
        }
        if operator in {"isEmpty", "isNotEmpty"} and kind:
            return {"isEmpty" if operator == "isEmpty" else "notEmpty": [field]}
        if kind == "switch":
            test: Any = {"==": [field, value in (True, "true")]}
        elif kind == "options":
            test = {"in": [str(value), field]}
        elif kind in {"option", "text"} and operator in {"isEqual", "isNotEqual"}:
            return {signs[operator]: [field, str(value)]} if value not in (None, "") else {"isEmpty": [field]}
        elif kind == "number" and operator in signs and number(value) is not None:
            return {"and": [{"notEmpty": [field]}, {signs[operator]: [field, number(value)]}]}
        else:
            self.draft.tell(
                key,
                "A condition on “{name}” was left out: {operator} {value}.",
                name=name,
                operator=operator,
                value=value,
            )
            return None
        return test if operator in {"isEqual", "includes"} else {"!": [test]}

    def _say_what_is_left(self, component: Json, rules: Json, key: str) -> None:
        scripts = [name for name in SCRIPTS if component.get(name)] + [
            f"validate.{name}" for name in ("custom", "json", "plugins") if rules.get(name)
        ]
        if component.get("logic"):
            scripts.append("logic")
        for name in scripts:
            self.draft.tell(key, "“{name}” is a program or a rule of the other product and was left out.", name=name)
        if component.get("hidden"):
            self.draft.tell(key, "The field was hidden from everybody: here it is shown.")
        for name in ("prefix", "suffix", "inputMask"):
            if component.get(name):
                self.draft.tell(key, "“{name}” was left out: {value}", name=name, value=component[name])
