"""An app for the browser tests whose forms hold every type of field: in sections, behind tabs and in steps."""

import json
import zipfile
from io import BytesIO
from typing import Any

Field = dict[str, Any]
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenherstellungsgenehmigung"
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def _field(kind: str, title: str, *, of: str | None = "string", more: Field | None = None, **settings: Any) -> Field:
    return ({"type": of} if of else {}) | {"title": title, "x-field": {"type": kind, **settings}} | (more or {})


def _options(*titles: str) -> Field:
    return {"oneOf": [{"const": f"o{number}", "title": title} for number, title in enumerate(titles)]}


def _several(kind: str, title: str, *titles: str) -> Field:
    return _field(kind, title, of="array", more={"uniqueItems": True, "items": _options(*titles)})


def _nodes(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "title": value.title()} for value in values]


COLUMNS: dict[str, Field] = {
    "thing": {"type": "string", "title": "Thing"},
    "kind": _field("select", "Kind", more=_options("Office supplies", "Travel")),
    "bought": {"type": "string", "format": "date", "title": "Bought on"},
    "who": _field("member", "Who"),
    "price": _field("money", "Price", of="number"),
    "count": {"type": "integer", "title": "Count", "minimum": 1},
    "total": _field(
        "money", "Line total", of="number", more={"readOnly": True}, compute={"*": [{"var": "price"}, {"var": "count"}]}
    ),
    "ok": {"type": "boolean", "title": "Approved"},
    "email": {"type": "string", "format": "email", "title": "E-mail of the supplier"},
    "note": _field("paragraph", "Note"),
}
FIELDS: dict[str, Field] = {
    "name": {"type": "string", "title": "Name"},
    "notes": _field("paragraph", "Notes"),
    "story": _field("richtext", "Story"),
    "weight": _field("number", "Weight", of="number", unit="kg"),
    "amount": _field("money", "Amount", of="number"),
    "chance": _field("slider", "Chance", of="integer", more={"minimum": 0, "maximum": 100}, unit="%"),
    "range": _field("daterange", "From – to", of="object"),
    "length": _field("duration", "Duration"),
    "radio": _field("select", "Radio", more=_options("One", "Two", LONG), display="radio"),
    "buttons": _field("select", "Buttons", more=_options("Small", "Large"), display="buttons"),
    "machine": _field(
        "cascade",
        "Machine",
        of="array",
        labels=["Hall", "Line"],
        tree=[{"value": "north", "title": "North", "children": _nodes("press", "saw")}],
    ),
    "region": _field("region", "Region"),
    "switch": {"type": "boolean", "title": "Switch"},
    "stars": _field("rating", "Stars", of="integer"),
    "hearts": _field("rating", "Hearts", of="integer", symbol="heart"),
    "thumbs": _field("rating", "Thumbs", of="integer", symbol="thumb"),
    "marks": _field("rating", "Marks", of="integer", symbol="number", max=10),
    "likert": _field("matrix", "How was it", of="object", rows=_nodes("food", "room"), columns=_nodes("bad", "good")),
    "order": _several("ranking", "Order", "Price", "Quality"),
    "tags": _field("tags", "Tags", of="array", more={"items": {"type": "string"}}),
    "file": _field("file", "File"),
    "photos": _field("image", "Photos", of="array", more={"items": {"type": "string"}}, multiple=True),
    "signed": _field("signature", "Signature"),
    "items": {
        "type": "array",
        "title": "Purchases",
        "x-field": {"type": "table"},
        "items": {"type": "object", "properties": COLUMNS},
    },
    "place": _field("location", "Place", of="object"),
    "code": _field("barcode", "Barcode"),
    "colour": _field("color", "Colour"),
    "settings": _field("json", "Settings", of=None),
}
GROUPS: list[tuple[str, int, list[Any]]] = [
    ("Words", 2, ["name", {"heading": "In full"}, "notes", "story"]),
    ("Numbers", 3, ["weight", "amount", "chance", "range", "length"]),
    ("Choices", 2, [*list(FIELDS)[8:20]]),
    ("Files", 2, ["file", "photos", "signed"]),
    ("The rest", 1, [*list(FIELDS)[23:], {"heading": "A heading"}, {"picture": PIXEL, "alt": "A dot"}]),
]


def _form(key: str, title: str, part: str) -> Field:
    layout = [{part: name, "columns": columns, "fields": fields} for name, columns, fields in GROUPS]
    return {
        "$schema": "https://formloom.dev/schema/form/v1",
        "$id": key,
        "title": title,
        "type": "object",
        "properties": FIELDS,
        "required": ["name", "amount"],
        "x-form": {"layout": layout, "title": "{name}"},
    }


def package() -> bytes:
    """The app *Every field* as a zip: forms `every_section`, `every_tab` and `every_step`."""
    app = {
        "$schema": "https://formloom.dev/schema/app/v1",
        "key": "every_field",
        "name": "Every field",
        "category": "other",
        "icon": "forms",
        "accent": "teal",
        "version": "1.0.0",
        "navigation": [{"form": f"every_{part}"} for part in ("section", "tab", "step")],
    }
    documents = {"app.json": app} | {
        f"forms/every_{part}.json": _form(f"every_{part}", f"Every field, by {part}", part)
        for part in ("section", "tab", "step")
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, document in documents.items():
            archive.writestr(name, json.dumps(document))
    return packed.getvalue()
