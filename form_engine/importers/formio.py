"""Form.io forms (also those of Open Forms): components become fields, panels and columns sections.

Source: https://help.form.io/userguide/form-building/form-components and the component schema of formio.js 5.
JavaScript inside a form (custom validation, calculated values, custom conditions) is never run: it is reported.
"""

from collections.abc import Collection
from typing import Any

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say

from .draft import Draft, Imported, Json, rows_inside, table_of
from .finishing import finish
from .formio_conditions import condition_of
from .formio_values import (
    ADDRESS,
    BOUNDS,
    LAYOUT,
    ON,
    PART_ROWS,
    PLACEHOLDERS,
    PLAIN_KEYS,
    ROWS,
    SCRIPTS,
    TEXT_TYPES,
    USUAL,
    day_of,
    inside_of,
    kinds_of,
    options_of,
    time_of,
    translations_of,
)
from .json_form import STRING, add_bounds, add_pattern, choice, choices, dicts, matrix, number, read_object, stored
from .leftovers import says_nothing, tell_leftovers


def convert(data: bytes, filename: str, lang: str) -> Imported:
    """The form of a Form.io definition (.json), or of one component. Raises DefinitionError for a file that is none."""
    document = read_object(data, "Form.io", lang)
    if not isinstance(document.get("components"), list):
        inner = document.get("form") or document.get("configuration")
        document = inner if isinstance(inner, dict) else document
    if isinstance(document.get("key"), str) and document.get("type") not in (None, "form", "resource", "wizard"):
        document = {"title": document.get("label"), "components": [document]}
    if not dicts(document.get("components")):
        raise DefinitionError(
            [Problem("", say(lang, "This is no Form.io form: it has no list “components” with any in it."))]
        )
    draft = Draft("", lang)
    named = document.get("title") or document.get("name") or filename.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "Form"
    draft.title = draft.text(named) or "Form"
    components = document["components"]
    reader = _Reader(draft, dict(kinds_of(components)))
    if document.get("display") == "wizard":
        reader.steps(dicts(components))
    else:
        reader.components(components, [])
    if not draft.fields and not any(part.content for part in draft.parts):
        raise DefinitionError([Problem("", say(lang, "This Form.io form has no component that becomes a field."))])
    return Imported(finish(draft.document(), draft.report, lang), draft.report)


class _Reader:
    """Adds components to a draft."""

    def __init__(self, draft: Draft, kinds: dict[str, str]) -> None:
        self.draft = draft
        self.kinds = kinds

    def components(self, components: list[Json], conditions: list[Any]) -> None:
        """Add every component of a list; `conditions` are those of the parts around it."""
        for component in dicts(components):
            self.component(component, conditions)

    def steps(self, components: list[Json]) -> None:
        """The pages of a wizard: each panel on top is a step."""
        for component in components:
            if component.get("type") == "panel":
                self._heading(component, step=True)
                self._page(component)
            else:
                self.component(component, [])

    def _page(self, component: Json) -> None:
        own = condition_of(self.draft, self.kinds, component, str(component.get("key", "page")))
        self.components(inside_of(component), [own] if own is not None else [])

    def component(self, component: Json, conditions: list[Any]) -> None:
        """Add one component, or the ones inside it."""
        kind, key = str(component.get("type", "")), str(component.get("key") or component.get("type") or "field")
        if kind == "button":
            if component.get("action", "submit") not in ("submit", ""):
                self.draft.tell(key, "A button that does “{action}” was left out.", action=component.get("action"))
            return
        own = condition_of(self.draft, self.kinds, component, key)
        conditions = [*conditions, own] if own is not None else conditions
        if kind in LAYOUT or (kind not in ROWS and inside_of(component) and not component.get("input")):
            self._layout(component, conditions)
        elif kind in {"content", "htmlelement"}:
            self._explanation(component, key, conditions)
        else:
            self._field(component, key, conditions)

    def _layout(self, component: Json, conditions: list[Any]) -> None:
        key, kind = str(component.get("key") or component.get("type")), component.get("type")
        inner = inside_of(component)
        if not inner:
            self.draft.tell(key, "A part of the type “{kind}” without fields of its own was left out.", kind=kind)
            return
        if kind == "container":
            self.draft.tell(key, "The fields of a container became fields of the form itself.")
        if kind == "tabs" and not self.draft.inside:
            self._tabs(component, conditions)
            return
        named = kind in {"panel", "fieldset", "well", "container", "form"} and not self.draft.inside
        if named:
            self._heading(component)
        else:
            self._rest(component, key, {"title", "legend", "label"})
        self.components(inner, conditions)
        if named:
            self.draft.end_group()

    def _heading(self, component: Json, *, step: bool = False) -> None:
        plain = "" if component.get("hideLabel") else component.get("label", "")
        title = component.get("legend") or component.get("title") or (plain if plain != "Panel" else "")
        texts = translations_of(component, ("legend", "title", "label"))
        told = {"": title, **texts} if title else None
        if step:
            self.draft.part(told, "step")
        else:
            self.draft.group(told)
        self._rest(component, str(component.get("key") or component.get("type")), {"legend", "title", "theme", "label"})

    def _tabs(self, component: Json, conditions: list[Any]) -> None:
        for tab in dicts(component.get("components")):
            self.draft.part(tab.get("label"), "tab")
            self.components(dicts(tab.get("components")), conditions)
        self.draft.part()
        self._rest(component, str(component.get("key")), {"label"})

    def _explanation(self, component: Json, key: str, conditions: list[Any]) -> None:
        text = str(component.get("html") or component.get("content") or "").strip()
        if conditions:
            self.draft.tell(key, "The explanation is always shown: its condition was left out.")
        self.draft.explain({"": text, **translations_of(component, ("html", "content"))}, key)
        if not text:
            self.draft.tell(
                key, "A part of the type “{kind}” without fields of its own was left out.", kind=component.get("type")
            )
        self._rest(component, key, {"html", "content", "label", "tag", "className"})

    def _field(self, component: Json, key: str, conditions: list[Any]) -> None:
        made = self._schema(component, key)
        if made is None:
            self.draft.tell(
                key, "A field of the type “{kind}” has no counterpart here: left out.", kind=component.get("type")
            )
            return
        schema, settings = made
        schema = dict(schema)
        if component.get("multiple") is True:
            schema, settings = self._several(schema, settings, key)
        helped = "description" if component.get("description") else "tooltip"
        for name, source, path in (
            ("title", "label", key),
            ("description", helped, f"{key}:help"),
            ("", "placeholder", ""),
        ):
            said = component.get(source)
            if said and name:
                schema[name] = self.draft.text({"": said, **translations_of(component, (source,))}, path, key) or key
            elif said and settings["type"] in PLACEHOLDERS:
                settings["placeholder"] = self.draft.text(
                    {"": said, **translations_of(component, (source,))}, f"{key}:placeholder", key
                )
        rules = _rules(component)
        lengths = {name: value for name, value in rules.items() if "Length" not in name or number(value) != 0}
        self._bounds(schema, settings, lengths)
        self._default(component, schema, key)
        if component.get("unique") or rules.get("unique"):
            settings["unique"] = True
        if component.get("disabled") is True and "default" in schema:
            schema["readOnly"] = True
        self._keep(key, schema, settings, conditions, required=bool(rules.get("required")))
        self._say_what_is_left(component, schema, settings, helped, key)

    def _several(self, schema: Json, settings: Json, key: str) -> tuple[Json, Json]:
        """The field with several values instead of one, where we have such."""
        if settings["type"] in {"file", "multiselect", "tags"}:
            return schema, settings | ({"multiple": True} if settings["type"] == "file" else {})
        if schema.get("type") == "string" and settings["type"] in {"text", "email", "url", "phone"}:
            return {"type": "array", "items": {"type": "string"}}, {"type": "tags"}
        self.draft.tell(key, "Of several values only one is asked for.")
        return schema, settings

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
                whole = component.get("decimalLimit") == 0 or _rules(component).get("integer") is True
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
            case "password" | "recaptcha" | "captcha" | "datasource":
                return None
            case _ if kind in ROWS:
                return self._rows(component, key)
            case _ if kind.lower() in TEXT_TYPES:
                field_type, schema = TEXT_TYPES[kind.lower()]
                if kind == "hidden":
                    self.draft.tell(key, "The field was hidden from everybody: here it is shown.")
                elif kind.lower() in {"iban", "bsn", "address", "cosign"}:
                    self.draft.tell(key, "“{kind}” became a plain field: its own checks were left out.", kind=kind)
                return dict(schema), {"type": field_type}
            case _ if component.get("input") is False or not component.get("key"):
                return None
        self.draft.tell(key, "There is no field of the type “{kind}”: it became one that holds any JSON.", kind=kind)
        return {}, {"type": "json"}

    def _options(self, component: Json, key: str) -> tuple[Json, Json]:
        pairs = [(value, self.draft.text(label, f"{key}/{value}", key)) for value, label in options_of(component)]
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
        questions = [
            (str(value.get("value")), str(value.get("label", ""))) for value in dicts(component.get("questions"))
        ]
        return matrix(questions, answers) if answers and questions else None

    def _rows(self, component: Json, key: str) -> tuple[Json, Json] | None:
        inner = rows_inside(self.draft)
        components = dicts(component.get("components"))
        parts = PART_ROWS.get(str(component.get("type")), ()) if not components else ()
        for name in parts:
            is_date = name == "dateOfBirth"
            inner.add(
                name,
                {"type": "string"} | ({"format": "date"} if is_date else {}),
                {"type": "date" if is_date else "text"},
            )
        reader = _Reader(inner, {**self.kinds, **dict(kinds_of(components))})
        for part in components:
            if part.get("type") in ROWS:
                self.draft.tell(str(part.get("key", "")), "Rows inside rows: only one row each is asked for.")
                reader.components(dicts(part.get("components")), [])
            else:
                reader.component(part, [])
        return table_of(inner, self.draft, key) if inner.fields else None

    def _bounds(self, schema: Json, settings: Json, rules: Json) -> None:
        if schema.get("type") in {"number", "integer"}:
            add_bounds(schema, rules, {"min": "minimum", "max": "maximum"})
        elif schema.get("type") == "string" and "oneOf" not in schema and "format" not in schema:
            add_bounds(schema, rules, {"minLength": "minLength", "maxLength": "maxLength"})
            add_pattern(schema, rules.get("pattern"))
        elif settings["type"] == "tags":  # the bounds of several texts are those of each
            schema["items"] = dict(schema["items"])
            add_bounds(schema["items"], rules, {"minLength": "minLength", "maxLength": "maxLength"})
            add_pattern(schema["items"], rules.get("pattern"))
        elif schema.get("type") == "array":
            counts = "Length" if settings["type"] == "table" else "SelectedCount"
            add_bounds(schema, rules, {f"min{counts}": "minItems", f"max{counts}": "maxItems"})

    def _default(self, component: Json, schema: Json, key: str) -> None:
        value = component.get("defaultValue")
        kind = schema.get("type")
        if kind == "array" and isinstance(value, dict):
            value = [name for name, chosen in value.items() if chosen is True]
        if value in (None, "", [], {}) or value is False or (isinstance(value, dict | list) and says_nothing(value)):
            return
        if schema.get("format") == "date" and component.get("type") == "day":
            value = day_of(str(value), day_first=component.get("dayFirst") is True)
            if value == "":
                return
        elif schema.get("format") == "time":
            value = time_of(str(value))
        if kind in {"number", "integer"}:
            value = number(value)
        elif "oneOf" in schema and not isinstance(value, dict | list):
            value = stored(value)
        elif "oneOf" in schema.get("items", {}) and isinstance(value, list):
            value = [stored(each) for each in value]
        allowed = {"string": str, "number": int | float, "integer": int, "boolean": bool, "array": list}.get(str(kind))
        if allowed is not None and isinstance(value, allowed) and "properties" not in schema.get("items", {}):
            schema["default"] = value
        else:
            self.draft.tell(
                key, "The default “{value}” does not fit the field: left out.", value=component.get("defaultValue")
            )

    def _say_what_is_left(self, component: Json, schema: Json, settings: Json, helped: str, key: str) -> None:
        rules = _rules(component)
        scripts = [name for name in SCRIPTS if component.get(name)] + [
            f"validate.{name}" for name in ("custom", "json", "plugins") if rules.get(name)
        ]
        for name in scripts:
            self.draft.tell(key, "“{name}” is a program or a rule of the other product and was left out.", name=name)
        if component.get("hidden"):
            self.draft.tell(key, "The field was hidden from everybody: here it is shown.")
        carried = {"label", helped, *scripts, "hidden"}
        carried |= {"placeholder"} if "placeholder" in settings else set()
        carried |= {"disabled"} if schema.get("readOnly") else set()
        words = {*schema, *(schema["items"] if isinstance(schema.get("items"), dict) else ())}
        carried |= {f"validate.{name}" for name, keyword in BOUNDS.items() if not words.isdisjoint(keyword)}
        self._rest(component, key, carried)

    def _rest(self, component: Json, key: str, carried: Collection[str]) -> None:
        """Name whatever setting was neither carried over nor told of."""
        tell_leftovers(self.draft, key, component, {*PLAIN_KEYS, *carried}, USUAL, ON)


def _rules(component: Json) -> Json:
    rules = component.get("validate")
    return rules if isinstance(rules, dict) else {}
