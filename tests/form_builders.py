"""Short ways to write forms and to settle records in tests."""

from datetime import UTC, datetime

from formloom.form_engine import definition, record

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
CONTEXT = record.Context(now=NOW, system=True)
PERSON = record.Context(now=NOW)


def a_form(required=(), x_form=None, /, **properties):
    """A form document with these properties; a text stands for a JSON type."""
    document = {"type": "object", "properties": {key: a_property(value) for key, value in properties.items()}}
    if required:
        document["required"] = list(required)
    if x_form:
        document["x-form"] = x_form
    return document


def a_property(value):
    return {"type": value} if isinstance(value, str) else value


def a_field(type_=None, json_type=None, /, **settings):
    """A property with an `x-field`; keywords of JSON Schema go into `schema`."""
    schema = dict(settings.pop("schema", {}))
    if json_type:
        schema["type"] = json_type
    return schema | {"x-field": ({"type": type_} if type_ else {}) | settings}


def a_table(required=(), /, **columns):
    items = {"type": "object", "properties": {key: a_property(value) for key, value in columns.items()}}
    if required:
        items["required"] = list(required)
    return {"type": "array", "items": items}


def problems(document, severity="error", lang="en"):
    """{pointer: sentence} of the problems of one severity."""
    return {
        found.pointer: found.message for found in definition.check(document, lang=lang) if found.severity == severity
    }


def pointers(document, severity="error"):
    return sorted(problems(document, severity))


def settled(document, values, context=CONTEXT, **more):
    return record.settle(definition.load(document), values, context, **more)


def errors(document, values, context=CONTEXT, **more):
    """{pointer: sentence} of what is wrong with a record."""
    return {error.pointer: error.message for error in settled(document, values, context, **more).errors}


def kept(document, values, context=CONTEXT, **more):
    """The record as stored; fails where it is not valid."""
    result = settled(document, values, context, **more)
    assert result.valid, result.errors
    return result.record


def var(name):
    return {"var": name}


def equal(name, value):
    return {"==": [{"var": name}, value]}
