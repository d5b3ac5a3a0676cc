"""Takes `$ref`s in, so that behind this module a form document has none.

Only the document's own `$defs` can be referred to. What comes out are new dicts; `origin` knows where in the document
each of their keys stands, because a problem must be shown there.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from .limits import LIMITS
from .pointers import join, tokens
from .report import Report

Node = dict[str, Any]
ONE = frozenset(
    [
        "items",
        "contains",
        "additionalProperties",
        "unevaluatedItems",
        "unevaluatedProperties",
        "propertyNames",
        "not",
        "if",
        "then",
        "else",
        "contentSchema",
    ]
)
LISTS = frozenset({"prefixItems", "allOf", "anyOf", "oneOf"})
MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
DROPPED = frozenset({"$defs", "$ref", "$anchor", "$comment", "$schema", "$id"})
ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "readOnly", "writeOnly", "deprecated", "x-field"}
)
NEIGHBOURS = (
    frozenset({"properties", "patternProperties", "additionalProperties", "unevaluatedProperties"}),
    frozenset({"prefixItems", "items", "contains", "minContains", "maxContains", "unevaluatedItems"}),
    frozenset({"if", "then", "else"}),
)
DEEPEST = 80


class Resolver:
    """Resolves one document; problems go to `report`."""

    def __init__(self, document: Mapping[str, Any], report: Report) -> None:
        self.document = document
        self.report = report
        self.nodes = 0
        self._origins: dict[int, dict[str, str]] = {}
        self._alive: list[Node] = []
        self._refused = False

    def origin(self, node: Mapping[str, Any], key: str) -> str:
        """The pointer of `key` of a resolved node, in the document."""
        return self._origins.get(id(node), {}).get(key, "")

    def root(self) -> Node:
        """The document, resolved."""
        resolved = self._schema(self.document, "", ())
        return resolved if isinstance(resolved, dict) else {}

    def remember(self, node: Node, origins: Mapping[str, str]) -> Node:
        """Note where the keys of a node come from that was made elsewhere."""
        self._origins[id(node)] = dict(origins)
        self._alive.append(node)
        return node

    def copied(self, node: Mapping[str, Any], without: str = "") -> Node:
        """A copy of a node (without one key) that knows its origins, too."""
        made = {key: value for key, value in node.items() if key != without}
        return self.remember(made, self._origins.get(id(node), {}))

    def _schema(self, schema: object, pointer: str, within: tuple[str, ...], depth: int = 0) -> Any:
        if not isinstance(schema, dict):
            return schema
        self.nodes += 1
        if self.nodes > LIMITS.resolved_nodes or depth > DEEPEST or len(within) > DEEPEST // 2:
            if not self._refused:
                self._refused = True
                self.report.error(pointer, "Taken in here, the parts in “$defs” make the form too large.")
            return {}
        made: Node = {}
        origins: dict[str, str] = {}
        for key, value in schema.items():
            if key not in DROPPED:
                origins[key] = join(pointer, key)
                made[key] = self._keyword(key, value, origins[key], within, depth + 1)
        self.remember(made, origins)
        if "$ref" in schema:
            self._take_in(made, schema["$ref"], join(pointer, "$ref"), within, depth)
        if "$dynamicRef" in schema:
            self.report.error(
                join(pointer, "$dynamicRef"),
                "Only a part of this document's “$defs” can be referred to, as “#/$defs/name”.",
            )
        return made

    def _keyword(self, key: str, value: object, pointer: str, within: tuple[str, ...], depth: int) -> Any:
        if key in ONE:
            return self._schema(value, pointer, within, depth)
        if key in LISTS and isinstance(value, list):
            return [self._schema(entry, join(pointer, index), within, depth) for index, entry in enumerate(value)]
        if key == "x-field" and isinstance(value, dict):
            return self.remember(dict(value), {name: join(pointer, name) for name in value})
        if key in MAPS and isinstance(value, dict):
            made = {name: self._schema(entry, join(pointer, name), within, depth) for name, entry in value.items()}
            return self.remember(made, {name: join(pointer, name) for name in value})
        return value

    def _take_in(self, made: Node, ref: object, pointer: str, within: tuple[str, ...], depth: int) -> None:
        if not isinstance(ref, str):
            return
        target, place = self._target(ref)
        if place is None:
            sentence = "Only a part of this document's “$defs” can be referred to, as “#/$defs/name”, and there is no “{ref}”.{hint}"
            known = [f"#/$defs/{name}" for name in self.document.get("$defs", {})]
            self.report.error(pointer, sentence, ref=ref[:80], hint=self.report.hint(ref, known))
        elif place in within:
            self.report.error(pointer, "“{ref}” leads back to itself. A form cannot be endless.", ref=ref)
        else:
            self._merge(made, self._schema(target, place, (*within, place), depth + 1))

    def _target(self, ref: str) -> tuple[object, str | None]:
        """What `ref` refers to, and its pointer; None for the pointer if that is nothing we take in."""
        pointer = unquote(ref.removeprefix("#"))
        if not ref.startswith("#/$defs/"):
            return None, None
        found: object = self.document
        for name in tokens(pointer):
            if isinstance(found, dict) and name in found:
                found = found[name]
            elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                return None, None
        return found, pointer

    def _merge(self, made: Node, target: object) -> None:
        """Add what was referred to. Where keywords would disturb each other it is kept apart, under `allOf`."""
        if target is False:
            made["not"] = {}
        if not isinstance(target, dict):
            return
        apart = any(made.get(key, target[key]) != target[key] for key in target if key not in ANNOTATIONS)
        apart = apart or any(group & made.keys() and group & target.keys() for group in NEIGHBOURS)
        shared = [key for key in target if key not in made and (not apart or key in ANNOTATIONS or key == "type")]
        for key in shared:
            made[key] = target[key]
            self._origins[id(made)][key] = self.origin(target, key)
        own, taken = made.get("x-field"), target.get("x-field")
        if isinstance(own, dict) and isinstance(taken, dict) and own is not taken:
            for key in taken.keys() - own.keys():
                own[key] = taken[key]
                self._origins[id(own)][key] = self.origin(taken, key)
        if apart:
            made["allOf"] = [*made.get("allOf", ()), target]
