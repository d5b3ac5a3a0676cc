"""What the compiled validator finds wrong with a record, as sentences at fields, in the reader's language.

No raw message of a validator ever reaches a person. What is wrong inside a value (an item of a multiple choice, a key
of plain JSON) is said at its field; inside a sub-table, at the cell.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from .field_types.numbers import grouped, plain
from .field_types.structure import ROW_KEY
from .form import Field
from .messages import say
from .metaschema import kind_name
from .nearest import nearest

Tokens = tuple[str | int, ...]
Fields = Mapping[str, Field]
FORMATS = {
    "date": "{label} must be a day, written like 2026-11-24.",
    "date-time": "{label} must be a day and a time with its offset, written like 2026-11-24T09:30:00Z.",
    "time": "{label} must be a time, written like 09:30:00Z.",
    "duration": "{label} must be a length of time, written like PT1H30M.",
    "email": "{label} must be an e-mail address, like amy@example.com.",
    "idn-email": "{label} must be an e-mail address, like amy@example.com.",
    "uri": "{label} must be a web address, like https://example.com.",
    "iri": "{label} must be a web address, like https://example.com.",
    "uuid": "{label} must be a UUID.",
    "ipv4": "{label} must be an IPv4 address.",
    "ipv6": "{label} must be an IPv6 address.",
    "hostname": "{label} must be a host name.",
}
MOST_OPTIONS = 12


def located(fields: Fields, path: Sequence[str | int]) -> tuple[Field | None, Tokens, Tokens]:
    """The innermost field that `path` leads to (through the rows of tables), its own path, and what lies inside its value."""
    field: Field | None = None
    columns, own = fields, 0
    while own < len(path) and path[own] in columns:
        field = columns[str(path[own])]
        columns, own = field.columns, own + 1
        if columns and field.several:
            columns, own = (columns, own + 1) if own < len(path) else ({}, own)
    if field is not None and field.columns and path[own : own + 1] == [ROW_KEY]:
        own += 1
    return field, tuple(path[:own]), tuple(path[own:])


def complaints(fields: Fields, error: ValidationError, lang: str) -> Iterator[tuple[Tokens, str]]:
    """The sentences for one error of the validator, each with the path of the field (or unknown key) it is about."""
    field, own, inside = located(fields, error.instance_path)
    kind = error.kind
    match kind:
        case Kind.AdditionalProperties() | Kind.UnevaluatedProperties() if not inside and (
            field is None or field.columns
        ):
            columns = field.columns if field is not None else fields
            for key in kind.unexpected:
                yield (*own, key), _unknown(key, columns, lang)
        case Kind.FalseSchema() if not own and error.schema_path[-1:] == ["additionalProperties"]:
            for name in error.instance if isinstance(error.instance, dict) else ():
                yield (*own, name), _unknown(name, {}, lang)
        case Kind.Required() if not inside and (field is None or field.columns):
            columns = field.columns if field is not None else fields
            name = columns[kind.property].label(lang) if kind.property in columns else kind.property
            yield (*own, kind.property), say(lang, "{label} is required.", label=name)
        case _ if own[-1:] == (ROW_KEY,):
            yield own, say(lang, "The id of a row is a text of 1 to 40 letters, digits, “-” and “_”.")
        case _:
            yield own, sentence(field, error, bool(inside), lang)


def _unknown(key: str, columns: Fields, lang: str) -> str:
    if key in columns:  # it is one, but what else the record holds leaves no place for it
        return say(lang, "{label} must be left empty.", label=columns[key].label(lang))
    close = nearest(key, columns)
    if close is None:
        return say(lang, "There is no field “{key}” here.", key=key[:80])
    return say(lang, "There is no field “{key}” here. Did you mean “{word}”?", key=key[:80], word=close)


def _written(value: object) -> str:
    """A value that a document allows, as the document writes it; a text without its quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def sentence(field: Field | None, error: ValidationError, inside: bool, lang: str) -> str:
    """One error of the validator in words."""
    label = field.label(lang) if field is not None else say(lang, "The record")
    choices = field is not None and bool(field.choices)
    kind = error.kind
    match kind:
        case Kind.Type():
            kinds = say(lang, " or ").join(kind_name(name, lang) for name in kind.types)
            template = "Each entry of {label} must be {kind}." if inside else "{label} must be {kind}."
            return say(lang, template, label=label, kind=kinds)
        case Kind.Enum() | Kind.Constant() | Kind.OneOfNotValid() if choices and field is not None:
            return _options(field, lang)
        case Kind.Enum() if all(isinstance(option, list) for option in kind.options):
            return say(lang, "{label}: choose from each list, down to the last step.", label=label)
        case Kind.Enum():
            listed = ", ".join(_written(option) for option in kind.options[:MOST_OPTIONS])
            return say(lang, "{label} must be one of: {options}.", label=label, options=listed)
        case Kind.Constant():
            return say(lang, "{label} must be {value}.", label=label, value=_written(kind.expected_value))
        case Kind.Format():
            return say(
                lang, FORMATS.get(kind.format, "{label} must be a valid “{format}”."), label=label, format=kind.format
            )
        case Kind.Pattern():
            return say(lang, "{label} does not have the form that is asked for.", label=label)
        case Kind.UniqueItems():
            return say(lang, "{label} must not hold anything twice.", label=label)
        case Kind.FalseSchema() | Kind.Not() if isinstance(kind, Kind.FalseSchema) or kind.schema in ({}, True):
            return say(lang, "{label} must be left empty.", label=label)
        case Kind.Required():
            return say(lang, "{label} is not complete: “{key}” is missing.", label=label, key=kind.property)
        case Kind.AdditionalProperties() | Kind.UnevaluatedProperties():
            return say(lang, "{label} holds “{key}”, which is not allowed there.", label=label, key=kind.unexpected[0])
    return _measured(field, error, label, lang)


def _options(field: Field, lang: str) -> str:
    labels = [option.label for option in field.options(lang)]
    listed = ("、" if lang.startswith("zh") else ", ").join(labels[:MOST_OPTIONS]) + (
        " …" if len(labels) > MOST_OPTIONS else ""
    )
    return say(lang, "{label} must be one of: {options}.", label=field.label(lang), options=listed)


def _measured(field: Field | None, error: ValidationError, label: str, lang: str) -> str:
    digits = field.digits if field is not None else None
    kind = error.kind
    match kind:
        case Kind.Minimum():
            return say(lang, "{label} must be at least {limit}.", label=label, limit=grouped(kind.limit, digits))
        case Kind.Maximum():
            return say(lang, "{label} must be at most {limit}.", label=label, limit=grouped(kind.limit, digits))
        case Kind.ExclusiveMinimum():
            return say(lang, "{label} must be greater than {limit}.", label=label, limit=grouped(kind.limit, digits))
        case Kind.ExclusiveMaximum():
            return say(lang, "{label} must be less than {limit}.", label=label, limit=grouped(kind.limit, digits))
        case Kind.MultipleOf():
            return _step(kind.multiple_of, label, lang)
        case Kind.MinLength() | Kind.MaxLength() | Kind.MinItems() | Kind.MaxItems():
            return _counted(field, kind, label, lang)
    return say(lang, "{label} does not fit what the form allows.", label=label)


COUNTED = {
    Kind.MinLength: ("{label} must have at least one character.", "{label} must have at least {limit} characters."),
    Kind.MaxLength: ("{label} must have at most one character.", "{label} must have at most {limit} characters."),
    Kind.MinItems: ("{label} needs at least one entry.", "{label} needs at least {limit} entries."),
    Kind.MaxItems: ("{label} may have at most one entry.", "{label} may have at most {limit} entries."),
}
COUNTED_ROWS = {
    Kind.MinItems: ("{label} needs at least one row.", "{label} needs at least {limit} rows."),
    Kind.MaxItems: ("{label} may have at most one row.", "{label} may have at most {limit} rows."),
}


def _counted(field: Field | None, kind: Any, label: str, lang: str) -> str:
    rows = field is not None and bool(field.columns)
    one, many = (COUNTED_ROWS if rows else COUNTED).get(type(kind), COUNTED[Kind.MinItems])
    return say(lang, one if kind.limit == 1 else many, label=label, limit=grouped(kind.limit, 0))


def _step(step: Any, label: str, lang: str) -> str:
    text = plain(float(step)) if not isinstance(step, int) else str(step)
    if text.strip("0.") == "1" and text.startswith("0."):
        template = (
            "{label} may have at most one decimal." if len(text) == 3 else "{label} may have at most {digits} decimals."
        )
        return say(lang, template, label=label, digits=len(text) - 2)
    if text == "1":
        return say(lang, "{label} must be a whole number.", label=label)
    return say(lang, "{label} must be a multiple of {step}.", label=label, step=text)
