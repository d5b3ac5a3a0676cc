"""Readings of a Form.io component: its type, options, dates, translations, and which settings say nothing new."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from .draft import Json
from .json_form import STRING, dicts, stored

PLAIN_KEYS = {
    "type", "key", "input", "id", "tableView", "components", "columns", "rows", "values", "data", "validate.required", "validate.unique",
    "conditional", "defaultValue", "multiple", "unique", "inputType", "isNew", "keyModified", "lockKey", "path", "row", "tab", "parent",
    "_id", "questions", "currency", "decimalLimit", "validate.integer", "enableTime", "editor", "wysiwyg", "openForms.translations",
    "openForms.itemsExpression", "openForms.dataSrc", "openForms.code", "openForms.service", "action", "originalComponent", "dayFirst",
    "valueProperty", "dataSrc",
}  # fmt: skip
"""Carried over, told of elsewhere, or of no meaning outside the other product's own editor."""
USUAL: Mapping[str, tuple[Any, ...]] = {
    "persistent": (True,), "clearOnHide": (True,), "inputFormat": ("plain", "html"), "labelPosition": ("top",),
    "validateOn": ("change",), "validate.validateOn": ("change",), "applyMaskOn": ("change",), "labelWidth": (30,), "labelMargin": (3,),
    "widget": ("choicesjs", "html5"), "widget.type": ("input", "calendar"), "spellcheck": (True,), "delimiter": (True,), "size": ("md",),
    "theme": ("default", "primary"), "template": ("<span>{{ item.label }}</span>",), "searchEnabled": (True,), "lazyLoad": (True,),
    "selectThreshold": (0.3,), "searchThreshold": (0.3,), "fuseOptions.include": ("score",), "fuseOptions.threshold": (0.3,),
    "validate.onlyAvailableItems": (False,), "validate.minLength": (0,), "validate.maxLength": (0,), "clearOnRefresh": (False,), "breadcrumb": ("default",), "showInPDF": (True,),
    "showInSummary": (True,), "showInEmail": (False,), "optionsLabelPosition": ("right",), "inputsLabelPosition": ("top",),
    "datePicker.disableWeekends": (False,), "openForms.widget": ("datePicker",), "prefill.identifierRole": ("main",), "tag": ("p", "div"),
    "buttonSettings.previous": (True,), "buttonSettings.cancel": (True,), "buttonSettings.next": (True,), "enableDate": (True,),
    "addAnotherPosition": ("bottom",), "format": ("yyyy-MM-dd hh:mm a", "yyyy-MM-dd", "HH:mm"), "widget.allowInput": (True,),
    "widget.mode": ("single",), "widget.enableTime": (True, False), "widget.noCalendar": (True, False), "widget.hourIncrement": (1,),
    "widget.minuteIncrement": (1, 5), "widget.locale": ("en",), "widget.saveAs": ("text",), "widget.displayInTimezone": ("viewer",),
    "displayInTimezone": ("viewer",), "datepickerMode": ("day",), "datePicker.datepickerMode": ("day",), "selectValues": ("data",),
    "storage": ("base64",), "fileMinSize": ("0KB",), "fileMaxSize": ("1GB",), "width": ("100%",), "height": ("150px",),
    "penColor": ("black",), "backgroundColor": ("rgb(245,245,235)",), "minWidth": ("0.5",), "maxWidth": ("2.5",), "dataType": ("auto",),
    "timePicker.hourStep": (1,), "timePicker.minuteStep": (1,), "timePicker.showMeridian": (True,), "enableMinDateInput": (True, False),
    "enableMaxDateInput": (True, False), "datePicker.showWeeks": (True,), "datePicker.startingDay": (0,), "datePicker.minMode": ("day",),
    "datePicker.maxMode": ("year",), "datePicker.yearRows": (4,), "datePicker.yearColumns": (5,), "useLocaleSettings": (False,),
    "allowInput": (True,), "widget.dateFormat": ("yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-dd hh:mm a", "yyyy-MM-dd"), "widget.format": ("yyyy-MM-dd hh:mm a", "yyyy-MM-dd"),
    "searchDebounce": (0.3,), "limit": (100,), "idPath": ("id",), "fileTypes": (), "openForms.minDate.mode": ("",), "tabindex": ("",),
}  # fmt: skip
"""The values that the other product's editor writes for every component: nobody chose them."""
ON = {"persistent", "clearOnHide"}
"""What is so unless a form says otherwise."""
LABEL_IN_TEMPLATE = re.compile(r"\{\{\s*item\.([A-Za-z_]\w*)\s*\}\}")


def translations_of(component: Json, names: tuple[str, ...]) -> dict[str, str]:
    """The translations of one text of a component, as Open Forms keeps them, by language."""
    extension = component.get("openForms")
    languages = extension.get("translations") if isinstance(extension, dict) else None
    found: dict[str, str] = {}
    for tag, texts in languages.items() if isinstance(languages, dict) else ():
        for name in names if isinstance(texts, dict) else ():
            if isinstance(texts.get(name), str) and texts[name].strip():
                found.setdefault(str(tag), texts[name])
    return found


def options_of(component: Json) -> list[tuple[str, Any]]:
    """The options that stand in the component itself: each with its stored value and its label (one, or one a language)."""
    data = component.get("data") if isinstance(component.get("data"), dict) else {}
    if component.get("dataSrc") == "json":
        return _from_json(component, (data or {}).get("json"))
    if component.get("dataSrc") in ("url", "resource", "custom", "indexeddb"):
        return []
    values = dicts(component.get("values")) or dicts((data or {}).get("values"))
    pairs = []
    for value in values:
        if value.get("value") in (None, "") or isinstance(value["value"], dict | list):
            continue
        pairs.append(
            (stored(value["value"]), {"": value.get("label") or value["value"], **translations_of(value, ("label",))})
        )
    return pairs


def _from_json(component: Json, listed: Any) -> list[tuple[str, Any]]:
    """Options from a list of objects: `valueProperty` names the stored value, the template the label."""
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError):
            return []
    named = LABEL_IN_TEMPLATE.findall(str(component.get("template", "")))
    key, label = str(component.get("valueProperty") or "value"), named[0] if named else "label"
    pairs = []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, str | int | float):
            pairs.append((stored(entry), str(entry)))
        elif isinstance(entry, dict) and isinstance(entry.get(key), str | int | float) and entry[key] != "":
            pairs.append((stored(entry[key]), str(entry.get(label) or entry[key])))
        else:
            return []
    return pairs


def day_of(text: str, *, day_first: bool) -> str | None:
    """A day as Form.io writes it (month first unless said otherwise; 00/00/0000 is blank: ""); None for anything else."""
    parts = re.split(r"[/-]", text)
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if not any(numbers):
        return ""
    year, month, day = numbers if len(parts[0]) == 4 else [numbers[2], *(numbers[1::-1] if day_first else numbers[:2])]
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def time_of(text: str) -> str | None:
    """A time of day with its seconds, as it is stored; None for anything else."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?", text.strip())
    if found is None:
        return None
    hour, half = int(found[1]), (found[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"{hour:02}:{found[2]}:{found[3] or '00'}" if hour < 24 and int(found[2]) < 60 else None


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


SCRIPTS = ("customDefaultValue", "calculateValue", "customConditional", "logic")


PLACEHOLDERS = {
    "text",
    "paragraph",
    "email",
    "url",
    "phone",
    "number",
    "integer",
    "money",
    "select",
    "multiselect",
    "tags",
}


BOUNDS = {
    "min": ("minimum",), "max": ("maximum",), "minLength": ("minLength", "minItems"), "maxLength": ("maxLength", "maxItems"),
    "pattern": ("pattern",), "minSelectedCount": ("minItems",), "maxSelectedCount": ("maxItems",),
}  # fmt: skip
"""Form.io's bounds, and the keywords any of which carries one over."""


def inside_of(component: Json) -> list[Json]:
    """The components inside a layout component, whatever list holds them."""
    found = dicts(component.get("components"))
    for part in dicts(component.get("columns")):
        found += dicts(part.get("components"))
    for row in component.get("rows", []) if isinstance(component.get("rows"), list) else []:
        for cell in row if isinstance(row, list) else []:
            found += dicts(cell.get("components")) if isinstance(cell, dict) else []
    return found


def kinds_of(components: Any) -> Iterator[tuple[str, str]]:
    """What logic will see of each component, by key."""
    known = {"number": "number", "currency": "number", "checkbox": "switch", "select": "option", "radio": "option", "selectboxes": "options",
             "date": "date", "day": "date", "datetime": "datetime", "time": "time"}  # fmt: skip
    for component in dicts(components):
        kind = str(component.get("type", ""))
        if kind in ROWS:
            yield str(component.get("key", "")), "table"
        elif kind in LAYOUT:
            yield from kinds_of(inside_of(component))
        else:
            found = known.get(kind, "text")
            yield str(component.get("key", "")), "options" if found == "option" and component.get("multiple") else found
