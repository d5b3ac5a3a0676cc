"""Makes fields out of a resolved document: types inferred, columns and options found, logic compiled.

Total: whatever the document holds, it reports and goes on, so that one look shows every problem.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import field_types, logic
from .blanks import is_blank
from .field_types import FieldType, Structure
from .field_types.structure import ROW_KEY
from .form import Choice, Field, Texts
from .keywords import check_reach
from .lift import Lifted, lifted
from .limits import LIMITS
from .logic import LogicType, Rule
from .messages import say
from .metaschema import check_settings, common_settings, kind_name
from .pointers import join
from .report import Report
from .resolve import Node, Resolver
from .schema import value_schema
from .validator import compiled


class FieldBuilder:
    """Builds the fields of one document; problems go to `report`."""

    def __init__(self, resolver: Resolver, texts: Texts, report: Report) -> None:
        self.resolver = resolver
        self.texts = texts
        self.report = report
        self.count = 0

    def fields(self, root: Node) -> dict[str, Field]:
        """The form's fields by key, in the order of the document, with their logic."""
        shaped = self._shaped(root, (), "")
        types = {key: field.logic for key, field in shaped.items()}
        return {key: self._with_logic(field, types) for key, field in shaped.items()}

    # -- shape ---------------------------------------------------------------------------------------------------

    def _shaped(self, holder: Mapping[str, Any], keys: tuple[str, ...], pointer: str) -> dict[str, Field]:
        """The fields that stand in `holder`, a resolved object schema whose properties stand at `pointer`."""
        found = lifted(holder, self.resolver)
        self._check_required(holder, found)
        required = holder.get("required")
        asked = {entry for entry in required if isinstance(entry, str)} if isinstance(required, list) else set()
        made = {}
        for key, entry in found.items():
            self.count += 1
            if self.count > LIMITS.fields:
                template = "This form has more than {limit:,} fields when the parts in “$defs” are taken in."
                self.report.error("/properties", template, limit=LIMITS.fields)
                break
            place = entry.pointer or join(pointer, "properties", key)
            made[key] = self._field(entry, (*keys, key), place, key in asked)
        return made

    def _check_required(self, holder: Mapping[str, Any], found: Mapping[str, Lifted]) -> None:
        required = holder.get("required")
        if not isinstance(required, list):
            return
        place = self.resolver.origin(holder, "required")
        for index, key in enumerate(required):
            if not isinstance(key, str):
                continue
            if key not in found:
                template = "There is no field “{key}”.{hint}"
                self.report.error(join(place, index), template, key=key, hint=self.report.hint(key, found))
            elif key in required[:index]:
                self.report.error(join(place, index), "“{key}” stands here twice.", key=key)
            elif "visibleWhen" in _settings(found[key].schema):
                template = (
                    "“{key}” is not always shown, so it cannot always be required. "
                    "Take it out here and give it “requiredWhen” with the same condition as its “visibleWhen”."
                )
                self.report.error(join(place, index), template, key=key)

    def _field(self, entry: Lifted, keys: tuple[str, ...], pointer: str, required: bool) -> Field:
        schema = self.resolver.copied(entry.schema, without="x-field")
        settings = self.resolver.copied(_settings(entry.schema))
        declared = self._declared(entry.schema, schema, settings)
        fragment = declared.schema(settings)
        if "type" not in schema and "type" in fragment:
            schema["type"] = fragment["type"]
        acting = field_types.acting(declared, field_types.own(schema, settings))
        columns = self._columns(acting, schema, keys, pointer)
        colors = settings.get("colors")
        choices = tuple(
            Choice(value, title, colors.get(str(value), "") if isinstance(colors, dict) else "")
            for value, title in acting.choices(schema)
        )
        field = Field(
            keys=keys,
            pointer=pointer,
            type=acting,
            schema=schema,
            settings=settings,
            required=required,
            texts=self.texts,
            columns=columns,
            choices=choices,
            logic=acting.logic(schema, choices, columns),
            loose=entry.loose,
        )
        self._check_field(field, declared, entry.schema)
        return field

    def _declared(self, node: Node, schema: Node, settings: Node) -> FieldType:
        """The type that `x-field` states, else the one that follows from the keywords."""
        place = self.resolver.origin(node, "x-field")
        name = settings.get("type")
        if not isinstance(name, str):
            own = field_types.inferred(schema)
            self._check_settings(own, settings, place)
            return own
        declared = field_types.TYPES.get(name)
        if declared is None:
            template = "There is no field type “{name}”.{hint}"
            where = self._setting(settings, "type", place)
            self.report.error(where, template, name=name, hint=self.report.hint(name, field_types.TYPES))
            known = {key: value for key, value in settings.items() if key in common_settings()}
            self._check_settings(field_types.get("json"), known, place)
            return field_types.inferred(schema)
        self._check_settings(declared, settings, place)
        self._check_kind(declared, schema, self._setting(settings, "type", place))
        return declared

    def _setting(self, settings: Mapping[str, Any], key: str, place: str) -> str:
        return self.resolver.origin(settings, key) or join(place, key)

    def _check_settings(self, entry: FieldType, settings: Node, place: str) -> None:
        for key in check_settings(entry, settings, place, self.report) if settings else ():
            settings.pop(key, None)

    def _check_kind(self, declared: FieldType, schema: Node, place: str) -> None:
        if _agrees(declared, schema):
            return
        stated = schema["type"]
        kinds = [stated] if isinstance(stated, str) else stated
        lang = self.report.lang
        self.report.error(
            place,
            "“{name}” holds {wanted}, but the property's “type” says {found}.",
            name=declared.name,
            wanted=say(lang, " or ").join(kind_name(kind, lang) for kind in declared.json_types),
            found=say(lang, " or ").join(kind_name(str(kind), lang) for kind in kinds),
        )

    def _columns(self, acting: FieldType, schema: Node, keys: tuple[str, ...], pointer: str) -> dict[str, Field]:
        if not isinstance(acting, Structure):
            return {}
        holder = acting.holder(schema)
        if holder is None:
            return {}
        inside = pointer if holder is schema else join(pointer, "items")
        columns = self._shaped(holder, keys, inside)
        if holder is not schema and ROW_KEY in columns:
            self.report.error(columns[ROW_KEY].pointer, "“_row” is the row's own id; a column needs another key.")
            del columns[ROW_KEY]
        return columns

    def _check_field(self, field: Field, declared: FieldType, node: Node) -> None:
        place = self.resolver.origin(node, "x-field") or join(field.pointer, "x-field")
        settings = field.settings
        check_reach(field, self.report)
        self._check_default(field, node)
        if isinstance(declared, Structure) and not field.columns and _agrees(declared, node):
            self.report.error(
                field.pointer, "A sub-table needs “items” with “properties”, a group needs “properties”: its columns."
            )
        for key, sentence, told in declared.wrong_settings(field.schema, settings):
            self.report.error(self._setting(settings, key, place), sentence, **told)
        if "default" in settings and "default" in field.schema:
            where = self._setting(settings, "default", place)
            self.report.error(where, "There are two defaults: keep either the property's own or the one in “x-field”.")
        if settings.get("unique") and not field.type.unique_allowed:
            self.report.error(
                self._setting(settings, "unique", place),
                "Values of the type “{name}” cannot be unique.",
                name=declared.name,
            )
        if settings.get("unique") and len(field.keys) > 1:
            self.report.error(
                self._setting(settings, "unique", place), "Only a field of the form itself can be unique."
            )
        if settings.get("live") and "compute" not in settings:
            self.report.error(self._setting(settings, "live", place), "Only a computed field can be “live”.")

    def _check_default(self, field: Field, node: Node) -> None:
        """Warn of a literal default that the field itself would refuse."""
        default = field.schema.get("default")
        if is_blank(default) or field.loose:
            return
        try:
            fits = compiled(value_schema(field)).is_valid(default)
        except ValueError:
            return
        if not fits:
            place = self.resolver.origin(node, "default") or join(field.pointer, "default")
            self.report.warning(place, "This default is not a value that the field accepts.")

    # -- logic ---------------------------------------------------------------------------------------------------

    def _with_logic(self, field: Field, scope: Mapping[str, LogicType]) -> Field:
        """The field with its rules compiled; `scope` is what they see."""
        place = f"{field.pointer}/x-field"
        settings, kind = field.settings, field.logic.kind
        inner = {**scope, **{key: column.logic for key, column in field.columns.items()}}
        columns = {key: self._with_logic(column, inner) for key, column in field.columns.items()}
        self._check_outcomes(field, place)
        return replace(
            field,
            columns=columns,
            choices=self._choices(field, place, scope),
            visible_when=self._rule(settings, "visibleWhen", place, scope, "switch"),
            required_when=self._rule(settings, "requiredWhen", place, scope, "switch"),
            read_only_when=self._rule(settings, "readOnlyWhen", place, scope, "switch"),
            compute=self._rule(settings, "compute", place, scope, kind),
            default=self._rule(settings, "default", place, scope, kind),
        )

    def _check_outcomes(self, field: Field, place: str) -> None:
        """Report a text that `compute` or `default` would give to a field of options, none of which it is."""
        options = [choice.value for choice in field.choices]
        for key in ("compute", "default"):
            if field.logic.kind != "option" or not options or key not in field.settings:
                continue
            for value, pointer in _outcomes(field.settings[key], self._setting(field.settings, key, place)):
                if value not in options:
                    template = "“{name}” is none of the options.{hint}"
                    self.report.error(pointer, template, name=value, hint=self.report.hint(value, options))

    def _rule(
        self, settings: Mapping[str, Any], key: str, place: str, scope: Mapping[str, LogicType], wanted: str
    ) -> Rule | None:
        if key not in settings:
            return None
        return self.rule(settings[key], self._setting(settings, key, place), scope, wanted)

    def rule(self, tree: Any, pointer: str, scope: Mapping[str, LogicType], wanted: str) -> Rule | None:
        """`tree` compiled over `scope`; None, and reported, where it is wrong."""
        problems = logic.check(tree, scope, wanted=wanted, lang=self.report.lang)
        for problem in problems:
            self.report.add_problem(replace(problem, pointer=pointer + problem.pointer))
        if any(problem.severity == "error" for problem in problems):
            return None
        return logic.compile(tree, scope, wanted=wanted)

    def _choices(self, field: Field, place: str, scope: Mapping[str, LogicType]) -> tuple[Choice, ...]:
        offered = field.settings.get("optionsWhen")
        if not isinstance(offered, dict):
            return field.choices
        where = self._setting(field.settings, "optionsWhen", place)
        values = {str(choice.value) for choice in field.choices}
        for name in offered.keys() - values:
            template = "“{name}” is none of the options.{hint}"
            self.report.error(join(where, name), template, name=name, hint=self.report.hint(name, values))
        rules = {
            name: self.rule(tree, join(where, name), scope, "switch")
            for name, tree in offered.items()
            if name in values
        }
        return tuple(replace(choice, when=rules.get(str(choice.value))) for choice in field.choices)


def _agrees(declared: FieldType, schema: Node) -> bool:
    """Whether the property's `type`, if it states one, is what values of the field type are."""
    stated = schema.get("type")
    kinds = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
    return all(kind in declared.json_types for kind in kinds if isinstance(kind, str))


def _settings(node: Node) -> Node:
    found = node.get("x-field")
    return found if isinstance(found, dict) else {}


def _outcomes(tree: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """The texts that a rule may give as they are written, through its conditions, each with its place."""
    if isinstance(tree, str):
        yield (tree, pointer)
    if not isinstance(tree, dict) or len(tree) != 1:
        return
    (name, args), *_ = tree.items()
    if name in ("if", "?:") and isinstance(args, list):
        for index, part in enumerate(args):
            if index % 2 or index == len(args) - 1:
                yield from _outcomes(part, join(pointer, name, index))


def every(fields: Mapping[str, Field]) -> Iterator[Field]:
    """Each field, followed by its columns."""
    for field in fields.values():
        yield field
        yield from every(field.columns)
