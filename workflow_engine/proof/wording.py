"""Examples in words: the values of a record that a finding is about, as people read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from formloom.form_engine.definition import Form
from formloom.form_engine.messages import say
from formloom.form_engine.names import IDS, Names

from ..directory import Directory, DirectoryNames

MOST_FIELDS = 4


def sentence_of(
    form: Form, record: Mapping[str, Any], keys: Sequence[str], lang: str, directory: Directory | None = None
) -> str:
    """`amount 5,000.00, kind Gift`: the named fields of the record; of a table the number of its rows. People are called by
    the names that `directory` has."""
    names = IDS if directory is None else DirectoryNames(directory)
    parts = [_value(form, record, key, lang, names) for key in keys if key in form.fields]
    shown = parts[:MOST_FIELDS]
    return (", " if lang == "en" else "，").join(shown) or say(lang, "any values")


def why_unknown(late: bool, lang: str) -> str:
    """Why something was not decided."""
    if late:
        return say(lang, "the time allowed was not enough")
    return say(lang, "the conditions use something that can't be reasoned about")


def _value(form: Form, record: Mapping[str, Any], key: str, lang: str, names: Names) -> str:
    entry = form.fields[key]
    label = entry.label(lang)
    if key not in record:
        return say(lang, "{label} blank", label=label)
    value = record[key]
    if entry.logic.kind == "table":
        return say(lang, "{label} with {count} rows", label=label, count=len(value))
    return f"{label} {entry.type.text(entry, value, lang, names)}"
