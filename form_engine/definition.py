"""The form document: read, checked, loaded. This module is the engine's face for everything about definitions.

A form is a JSON Schema 2020-12 of an object, with two annotations of ours (`x-field`, `x-form`). What its shapes mean
stands in the docs, under definition formats; every sentence said here names the place that it is about.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .build import FieldBuilder
from .dependencies import Graph, check_cycles
from .errors import DefinitionError, Problem
from .form import Capacity, Choice, Field, Form, FormRule, Item, Option, Section, Texts, Unique
from .json_text import NotJson, TooMuch, decode, flaws
from .keywords import check_keywords
from .layout import FormParts
from .limits import LIMITS
from .messages import say
from .metaschema import FORM_V1, JSON_SCHEMA, check_document, published
from .names import IDS, Names
from .plan import planned
from .pointers import join
from .prune import pruned
from .report import Report
from .resolve import Node, Resolver
from .translations import check_translations, paths_of

__all__ = [
    "FORM_V1",
    "IDS",
    "JSON_SCHEMA",
    "Capacity",
    "Choice",
    "Field",
    "Form",
    "FormRule",
    "Item",
    "Names",
    "NotADocument",
    "Option",
    "Section",
    "Texts",
    "Unique",
    "check",
    "load",
    "parse",
    "published",
]


class NotADocument(DefinitionError):
    """The text is no JSON at all, so that there is no definition to speak of; one problem, at ""."""


def parse(text: str | bytes, *, lang: str = "en") -> object:
    """The JSON value of a definition's text.

    Raises NotADocument for what is no JSON, and DefinitionError, with a problem at its place, for what is too long, too
    deep or has a key twice.
    """
    try:
        value = decode(text, lang)
    except NotJson as error:
        kind = DefinitionError if isinstance(error, TooMuch) else NotADocument
        raise kind([Problem("", str(error))]) from None
    problems = [
        Problem(join("", *path), sentence)
        for path, sentence in flaws(value, depth=LIMITS.definition_depth, lang=lang, exact=False)
    ]
    if problems:
        raise DefinitionError(problems)
    return value


def check(document: object, *, lang: str = "en") -> list[Problem]:
    """Every problem of a form definition, in the order of the document; any JSON value is answered."""
    return _built(document, lang)[1]


def load(document: Mapping[str, Any]) -> Form:
    """The form that `document` describes. Raises DefinitionError; warnings do not keep a form from loading.

    The same content gives the same object, so that what was compiled for it is used again.
    """
    try:
        return _loaded(json.dumps(document))
    except (TypeError, ValueError, RecursionError):
        raise DefinitionError(check(document) or [Problem("", say("en", "This is no JSON value."))]) from None


@lru_cache(maxsize=512)
def _loaded(text: str) -> Form:
    form, problems = _built(json.loads(text), "en")
    if form is None:
        raise DefinitionError([problem for problem in problems if problem.severity == "error"])
    return form


def _built(document: object, lang: str) -> tuple[Form | None, list[Problem]]:
    report = Report(lang)
    form = _build(document, report)
    return (None if report.failed else form), report.in_order(document)


def _build(document: object, report: Report) -> Form | None:
    for path, sentence in flaws(document, depth=LIMITS.definition_depth, lang=report.lang, exact=False):
        report.error(join("", *path), "{sentence}", sentence=sentence)
    if report.failed:
        return None
    if not isinstance(document, dict):
        report.error("", "A form is a JSON object: a schema with “properties”.")
        return None
    if not _sized(document, report):
        return None
    document_checked = pruned(document, check_document(document, report))
    _check_language(document_checked, report)
    check_keywords(document_checked, report)
    return _form(document, document_checked, report)


def _sized(document: Node, report: Report) -> bool:
    """Whether the form is small enough to be looked at closely."""
    count = 0
    stack: list[Any] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            properties = node.get("properties")
            count += len(properties) if isinstance(properties, dict) else 0
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    if count > LIMITS.fields:
        report.error(
            "/properties",
            "This form has {count:,} fields; at most {limit:,} are allowed.",
            count=count,
            limit=LIMITS.fields,
        )
    return count <= LIMITS.fields


def _check_language(document: Node, report: Report) -> None:
    language = document.get("$schema")
    if language in (None, FORM_V1, JSON_SCHEMA, f"{JSON_SCHEMA}#"):
        return
    if str(language).startswith("https://formloom.dev/"):
        template = "This Formloom reads “{known}”. A document in “{language}” needs a newer one."
        report.error("/$schema", template, known=FORM_V1, language=language)
    else:
        report.warning("/$schema", "“{language}” is read as JSON Schema 2020-12.", language=str(language)[:100])


def _form(document: Node, sound: Node, report: Report) -> Form | None:
    resolver = Resolver(sound, report)
    root = resolver.root()
    settings = sound.get("x-form") or {}
    texts = Texts(settings.get("translations", {}))
    builder = FieldBuilder(resolver, texts, report)
    fields = builder.fields(root)
    if not fields:
        report.warning("", "This form has no fields yet.")
    parts = FormParts(settings, fields, texts, report)
    layout = parts.sections()
    types = {key: field.logic for key, field in fields.items()}
    rules, unique, capacity, title = parts.rules(builder, types), parts.unique(), parts.capacity(), parts.title()
    check_translations(set(paths_of(fields, layout, settings)), texts.languages, report)
    graph = Graph(fields)
    check_cycles(graph, resolver, report)
    if report.failed:
        return None
    try:
        plan = planned(fields, root, graph)
    except ValueError as error:
        report.error("", "The schema cannot be compiled: {reason}", reason=str(error).splitlines()[0][:200])
        return None
    key = document.get("$id", "")
    return Form(document, key, root, fields, layout, rules, unique, capacity, texts, title, plan)
