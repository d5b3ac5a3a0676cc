"""Which fields an object schema has, wherever in it they are named.

Schemas from elsewhere put properties under `allOf` (they hold always, so they are fields like any other) or under
`then`, `anyOf` and the like (they hold sometimes: the field is there, but only the whole schema says what is right).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .resolve import Node, Resolver

SOMETIMES = ("then", "else")
SOMETIMES_LISTS = ("anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Lifted:
    """One field's resolved schema and where it stands. `loose`: its constraints hold only under some condition."""

    schema: Node
    pointer: str
    loose: bool


def lifted(holder: Mapping[str, Any], resolver: Resolver) -> dict[str, Lifted]:
    """The fields of an object schema by key: its own properties first, then those named elsewhere in it.

    Where it says `additionalProperties: false`, JSON Schema allows its own only.
    """
    found: dict[str, Lifted] = {}
    for properties, loose in _places(holder, False, 0):
        for key, schema in properties.items():
            if key not in found and not (loose and not isinstance(schema, dict)):
                found[key] = Lifted(simplified(schema, resolver), resolver.origin(properties, key), loose)
    return found


def _places(holder: Mapping[str, Any], loose: bool, depth: int) -> Iterator[tuple[Mapping[str, Any], bool]]:
    properties = holder.get("properties")
    if isinstance(properties, dict):
        yield properties, loose
    if depth > 8 or holder.get("additionalProperties") is False:
        return
    always, sometimes = holder.get("allOf"), [holder.get(key) for key in SOMETIMES]
    for key in SOMETIMES_LISTS:
        sometimes += holder[key] if isinstance(holder.get(key), list) else []
    dependent = holder.get("dependentSchemas")
    sometimes += list(dependent.values()) if isinstance(dependent, dict) else []
    for entries, conditional in ((always if isinstance(always, list) else [], loose), (sometimes, True)):
        for entry in entries:
            if isinstance(entry, dict):
                yield from _places(entry, conditional, depth + 1)


def simplified(schema: Any, resolver: Resolver) -> Node:
    """A property's schema without what a form says otherwise: that null is allowed (a blank is a missing key)."""
    if not isinstance(schema, dict):
        return {"not": {}} if schema is False else {}
    stated = schema.get("type")
    if isinstance(stated, list) and len(stated) == 2 and "null" in stated:
        return _like(schema, {**schema, "type": next(kind for kind in stated if kind != "null")}, resolver)
    for key in ("anyOf", "oneOf"):
        entries = schema.get(key)
        if not isinstance(entries, list) or len(entries) != 2 or {"type": "null"} not in entries:
            continue
        other = next(entry for entry in entries if entry != {"type": "null"})
        rest = {name: value for name, value in schema.items() if name != key}
        if isinstance(other, dict) and not any(name in rest for name in other if name not in ("title", "description")):
            return _like(other, {**other, **rest}, resolver, schema)
    return schema


def _like(first: Node, made: Node, resolver: Resolver, second: Node | None = None) -> Node:
    """`made` with the origins of the nodes that it was made of."""
    origins = {key: resolver.origin(first, key) or resolver.origin(second or first, key) for key in made}
    return resolver.remember(made, origins)
