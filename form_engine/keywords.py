"""What can be wrong with the keywords of one schema object, whatever field it belongs to.

Looks at the document as it is written, before `$ref`s are taken in, so that each problem is said once.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from .ecma import strange_part
from .form import Field
from .limits import LIMITS
from .messages import say
from .metaschema import has_kind, keywords, kind_name, kind_of, root_keywords
from .pointers import join
from .report import Report
from .resolve import LISTS, MAPS, ONE
from .schema import value_schema
from .validator import compiled

FORMATS = frozenset(
    [
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uri-template",
        "uuid",
        "json-pointer",
        "relative-json-pointer",
        "regex",
        "url",
    ]
)
PAIRS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)
FIELD_HOLDERS = frozenset({"properties", "$defs", "patternProperties"})


def schemas(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    """Every schema object of the document, its pointer, and the keyword that holds it ("" for the root)."""
    stack: list[tuple[object, str, str]] = [(document, "", "")]
    while stack:
        schema, pointer, holder = stack.pop()
        if not isinstance(schema, dict):
            continue
        yield schema, pointer, holder
        inner: list[tuple[object, str, str]] = []
        for key, value in schema.items():
            place = join(pointer, key)
            if key in ONE:
                inner.append((value, place, key))
            elif key in LISTS and isinstance(value, list):
                inner += [(entry, join(place, index), key) for index, entry in enumerate(value)]
            elif (key in MAPS or key == "$defs") and isinstance(value, dict):
                inner += [(entry, join(place, name), key) for name, entry in value.items()]
        stack.extend(reversed(inner))


def check_keywords(document: Mapping[str, Any], report: Report) -> None:
    """Report unknown words, patterns that do not compile, options given twice and bounds that nothing satisfies."""
    for schema, pointer, holder in schemas(document):
        _check_words(schema, pointer, holder, report)
        _check_patterns(schema, pointer, report)
        _check_options(schema, pointer, report)
        check_bounds(schema, pointer, report)


def _check_words(schema: Mapping[str, Any], pointer: str, holder: str, report: Report) -> None:
    known = root_keywords() if holder == "" else keywords()
    for key in schema:
        if key not in known:
            template = "“{key}” is no keyword that means anything here; it is kept and ignored.{hint}"
            report.warning(join(pointer, key), template, key=key, hint=report.hint(key, known))
    if "x-field" in schema and holder not in FIELD_HOLDERS:
        report.warning(
            join(pointer, "x-field"), "“x-field” has no effect here: it stands beside the keywords of a field."
        )
    stated = schema.get("format")
    if isinstance(stated, str) and stated not in FORMATS:
        template = "“{format}” is no known format, so nothing is checked.{hint}"
        report.warning(join(pointer, "format"), template, format=stated, hint=report.hint(stated, FORMATS))


def _check_patterns(schema: Mapping[str, Any], pointer: str, report: Report) -> None:
    found = [(schema["pattern"], join(pointer, "pattern"))] if "pattern" in schema else []
    by_key = schema.get("patternProperties")
    if isinstance(by_key, dict):
        found += [(pattern, join(pointer, "patternProperties", pattern)) for pattern in by_key]
    for pattern, place in found:
        if not isinstance(pattern, str):
            continue
        if len(pattern) > LIMITS.pattern_characters:
            report.error(
                place, "This pattern is too long: at most {limit} characters.", limit=LIMITS.pattern_characters
            )
        elif not compiles(pattern):
            report.error(
                place,
                "This pattern cannot be used: look-around, back-references, broken and very large expressions are not allowed.",
            )
        elif (part := strange_part(pattern)) is not None:
            template = (
                "“{part}” is nothing that browsers take in a pattern: write it as in JavaScript (with the flag u)."
            )
            report.error(place, template, part=part)


@lru_cache(maxsize=2048)
def compiles(pattern: str) -> bool:
    """Whether `pattern` compiles in the linear engine in which it will run."""
    try:
        compiled({"pattern": pattern})
    except ValueError:
        return False
    return True


def _check_options(schema: Mapping[str, Any], pointer: str, report: Report) -> None:
    listed = list(_stated(schema, pointer))
    if schema.get("enum") == []:
        report.error(join(pointer, "enum"), "Nothing satisfies this: there are no options.")
    if "type" in schema:
        check_kinds(schema, pointer, schema["type"], report)
    seen: dict[str, set[str]] = {}
    for value, place in listed:
        keyword = place[len(pointer) :].split("/")[1]
        told = _identity(value)
        if told in seen.setdefault(keyword, set()):
            report.error(place, "The option {value} stands here twice.", value=told[:60])
        seen[keyword].add(told)


def _stated(schema: Mapping[str, Any], pointer: str) -> Iterator[tuple[object, str]]:
    """The values that a schema object names, each with its place: options and `const`."""
    if "const" in schema:
        yield schema["const"], join(pointer, "const")
    if isinstance(schema.get("enum"), list):
        yield from ((value, join(pointer, "enum", index)) for index, value in enumerate(schema["enum"]))
    for index, entry in enumerate(schema["oneOf"]) if isinstance(schema.get("oneOf"), list) else ():
        if isinstance(entry, dict) and "const" in entry:
            yield entry["const"], join(pointer, "oneOf", index, "const")


def check_kinds(schema: Mapping[str, Any], pointer: str, kinds: object, report: Report) -> None:
    """Report values that are named but are of none of the JSON types `kinds`, so that no record can hold them."""
    wanted = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    for value, place in _stated(schema, pointer) if set(wanted) - {"null"} else ():
        if not any(has_kind(value, kind) for kind in wanted):
            held = [kind for kind in wanted if kind != "null"] or wanted
            names = say(report.lang, " or ").join(kind_name(kind, report.lang) for kind in held)
            template = "No record can hold {value} here: it is {found}, and the field holds {wanted}."
            found = kind_name(kind_of(value), report.lang)
            report.error(place, template, value=_identity(value)[:60], found=found, wanted=names)


def _identity(value: object) -> str:
    """A text that is the same for values that JSON Schema calls equal (1 and 1.0), and different for others."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return format(Decimal(repr(value)).normalize(), "f") if math.isfinite(value) else repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_identity(entry) for entry in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_identity(value[key])}" for key in sorted(value)) + "}"
    return f"“{value}”"


def check_bounds(schema: Mapping[str, Any], pointer: str, report: Report) -> None:
    """Report bounds of one schema object that no value satisfies."""
    for few, many in PAIRS:
        least, most = _count(schema, few), _count(schema, many)
        if least is not None and most is not None and least > most:
            template = "Nothing satisfies this: “{low}” {least} is above “{high}” {most}."
            report.error(join(pointer, few), template, low=few, least=least, high=many, most=most)
    lows = [(_number(schema, key), key) for key in ("minimum", "exclusiveMinimum")]
    highs = [(_number(schema, key), key) for key in ("maximum", "exclusiveMaximum")]
    for low, low_key in lows:
        for high, high_key in highs:
            if low is None or high is None:
                continue
            strict = low_key != "minimum" or high_key != "maximum"
            if low > high or (strict and low == high) or not _any_between(schema, low, high, low_key, high_key):
                template = "Nothing satisfies this: “{low}” {least} and “{high}” {most} leave no number."
                told = {"low": low_key, "least": schema[low_key], "high": high_key, "most": schema[high_key]}
                report.error(join(pointer, low_key), template, **told)


def check_reach(field: Field, report: Report) -> None:
    """Report what leaves nothing to enter only together with the field's type: the ends of a scale, too few options."""
    if field.columns or field.loose:
        return
    whole = value_schema(field)
    found = Report(report.lang)
    check_kinds(field.schema, field.pointer, [whole.get("type"), "null"], found)
    said = {problem.pointer for problem in report.problems}
    for problem in found.problems:
        if problem.pointer not in said:
            report.add_problem(problem)
    found = Report(report.lang)
    check_bounds(field.schema, "", found)
    if found.failed:
        return
    check_bounds(whole, "", found)
    for problem in found.problems:
        stated = problem.pointer[1:] in field.schema
        report.add_problem(replace(problem, pointer=field.pointer + problem.pointer if stated else field.pointer))
    least = _count(field.schema, "minItems")
    if field.choices and field.several and least is not None and least > len(field.choices):
        template = "Nothing satisfies this: “minItems” {least} is above the number of options, {count}."
        report.error(join(field.pointer, "minItems"), template, least=least, count=len(field.choices))


def _any_between(schema: Mapping[str, Any], low: Decimal, high: Decimal, low_key: str, high_key: str) -> bool:
    """Whether a multiple of the step (1 for integers) lies between the bounds."""
    step = _number(schema, "multipleOf")
    if step is None and schema.get("type") == "integer":
        step = Decimal(1)
    if step is None or step <= 0 or max(abs(low), abs(high)) / step > Decimal(10) ** 25:
        return True
    first = (low / step).to_integral_value(rounding="ROUND_CEILING") * step
    if low_key == "exclusiveMinimum" and first == low:
        first += step
    return first < high or (first == high and high_key == "maximum")


def _number(schema: Mapping[str, Any], key: str) -> Decimal | None:
    value = schema.get(key)
    return Decimal(repr(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _count(schema: Mapping[str, Any], key: str) -> int | None:
    value = schema.get(key)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
