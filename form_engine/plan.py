"""How a record of one form is worked out: compiled once when the form is loaded, used for every record.

Steps are the fields whose value is decided by logic, in dependency order, so that one pass is the fixpoint.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Draft202012Validator

from .blanks import is_blank
from .build import every
from .dependencies import Graph, deciding
from .field_types import FieldType
from .form import Field
from .schema import record_schema
from .validator import compiled


@dataclass(frozen=True, slots=True)
class Step:
    """A field whose value logic decides. `chain` are the fields that hold it, outermost first (empty at the top)."""

    field: Field
    chain: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """What is to be known of the fields that stand side by side: of the form, of a row, of a group.

    `cleaners`: those whose values may need more than the removal of blanks. `apart`: these, and those that are never typed.
    `literals`: the property's own defaults. `lockable`: those that people may at times only read. `inspected`: those
    whose values have more to be checked than JSON Schema can say. `watched`: those that may be missing or wrong although
    the schema is content, where a step asks for nothing more.
    """

    fields: Mapping[str, Field]
    cleaners: Mapping[str, Field]
    apart: frozenset[str]
    literals: Mapping[str, Any]
    lockable: tuple[str, ...]
    watched: Mapping[str, Field]
    inspected: Mapping[str, Field]
    below: Mapping[str, "Level"]
    defaults: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that settling a record of a form needs.

    `reads`: path → every path that it depends on, at any distance. `kept`: the fields that are stored; `live`: whether
    any is not.
    """

    steps: tuple[Step, ...]
    top: Level
    validator: Draft202012Validator
    order: tuple[str, ...]
    reads: Mapping[str, frozenset[str]]
    kept: tuple[str, ...]
    live: bool


def planned(fields: Mapping[str, Field], root: Mapping[str, Any], graph: Graph) -> Plan:
    """The plan of a form without cycles. Raises ValueError where its schema cannot be compiled."""
    order = graph.order()
    by_path = {field.path: field for field in every(fields)}
    steps = tuple(
        Step(by_path[path], tuple(_chain(fields, by_path[path].keys)))
        for path in order
        if any(True for _ in deciding(by_path[path])) or by_path[path].type.derived
    )
    reads: dict[str, frozenset[str]] = {}
    for path in order:
        near = graph.edges[path]
        reads[path] = frozenset(near).union(*(reads[needed] for needed in near))
    return Plan(
        steps=steps,
        top=_level(fields),
        validator=compiled(record_schema(fields, root)),
        order=tuple(order),
        reads=reads,
        kept=tuple(key for key, field in fields.items() if not field.live),
        live=any(field.live for field in by_path.values()),
    )


def _chain(fields: Mapping[str, Field], keys: tuple[str, ...]) -> list[Field]:
    chain: list[Field] = []
    for key in keys[:-1]:
        chain.append(fields[key])
        fields = fields[key].columns
    return chain


def _level(fields: Mapping[str, Field]) -> Level:
    typed = [field for field in fields.values() if not _ignored(field)]
    return Level(
        fields=fields,
        cleaners={field.key: field for field in typed if field.columns or _cleans(field)},
        apart=frozenset(field.key for field in fields.values() if _ignored(field) or field.columns or _cleans(field)),
        literals={field.key: field.schema["default"] for field in typed if not is_blank(field.schema.get("default"))},
        lockable=tuple(field.key for field in typed if field.read_only or field.read_only_when is not None),
        watched={field.key: field for field in fields.values() if _watches(field)},
        inspected={field.key: field for field in fields.values() if _inspects(field)},
        below={field.key: _level(field.columns) for field in fields.values() if field.columns},
        defaults=any(field.default is not None or field.schema.get("default") is not None for field in every(fields)),
    )


def _ignored(field: Field) -> bool:
    return field.compute is not None or field.type.derived


def _cleans(field: Field) -> bool:
    return type(field.type).clean is not FieldType.clean


def _watches(field: Field) -> bool:
    """Whether there may be something to say about the field although its value fits its schema."""
    return field.required or field.required_when is not None or bool(field.columns) or _inspects(field)


def _inspects(field: Field) -> bool:
    return type(field.type).flaw is not FieldType.flaw or any(choice.when is not None for choice in field.choices)
