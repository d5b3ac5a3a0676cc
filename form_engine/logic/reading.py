"""The operators that read: `var`, `val`, `exists`, `missing`, `lookup`, and what is passed in beside the record."""

from collections.abc import Mapping
from dataclasses import dataclass

from .compiler import Call, Compiler, Form, climb
from .terms import Json, Scope, Term, read_as
from .types import DATE, DATETIME, OTHER, SWITCH, TEXT, LogicType, Typed, join, list_of, type_of
from .words import step

UNKNOWN_FIELD = "There is no field “{word}”."
WRITTEN_OUT = "The name of a field must be written out as a text."


@dataclass(frozen=True, slots=True)
class _Found:
    """What a path leads to: its type, where in the record it stands, and the core tree that reads it."""

    type: LogicType
    path: tuple[str, ...] | None
    tree: Json


def var(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`{"var": "key"}`, `{"var": "group.key"}`, `{"var": ["key", default]}`, `{"var": ""}` of a list's element."""
    name = call.args[0] if call.args else None
    if not compiler.arity(call, 1, 2):
        return Term(None, OTHER, call.pointer)
    if not isinstance(name, str | int) or isinstance(name, bool):
        return compiler.problem(call.pointer, WRITTEN_OUT)
    term = _read(compiler, _parts(str(name), scope), call.pointer, call, scope, 0)
    return _or_default(compiler, term, call, scope) if len(call.args) == 2 else term


def _parts(name: str, scope: Scope) -> tuple[str, ...]:
    if not name or (name in scope.names and "." not in name):
        return (name,) if name else ()
    return tuple(name.split("."))


def _or_default(compiler: Compiler, term: Term, call: Call, scope: Scope) -> Term:
    default = read_as(compiler.term(call.args[1], call.pointers[1], scope), term.type.kind)
    joined = join(term.type, default.type)
    if joined is None:
        return compiler.problem(call.pointers[1], "The default must be of the kind of the field.")
    return Term({"??": [term.tree, default.tree]}, joined, call.pointer, sure=default.sure)


def val(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`{"val": ["a", "b"]}`: a path of keys, which may hold dots; `{"val": [[2], "a"]}`: one loop further out."""
    args = list(call.args)
    levels = 0
    if args and isinstance(args[0], list):
        jump = args.pop(0)
        target = _climbed(scope, jump)
        if target is None:
            return compiler.problem(
                call.pointers[0], "There are not so many loops around this: [2] is one loop further out, [4] two."
            )
        scope, levels = target, scope.depth - target.depth
    if not all(isinstance(arg, str | int) and not isinstance(arg, bool) for arg in args):
        return compiler.problem(call.pointer, WRITTEN_OUT)
    return _read(compiler, tuple(map(str, args)), call.pointer, call, scope, levels)


def _climbed(scope: Scope, jump: Json) -> Scope | None:
    if len(jump) != 1 or not isinstance(jump[0], int) or jump[0] % 2 or jump[0] < 0:
        return None
    found: Scope | None = scope
    for _ in range(jump[0] // 2):
        found = found.outer if found else None
    return found


def _read(compiler: Compiler, path: tuple[str, ...], pointer: str, call: Call, scope: Scope, levels: int) -> Term:
    if not path:
        if scope.element is None:
            return compiler.problem(pointer, 'Name the field: {"var": ""} is the element of a list, inside a loop.')
        return Term({"var": ""} if not levels else climb(levels), scope.element, call.pointer, path=scope.path)
    found = _first(compiler, path[0], pointer, scope, levels)
    for position, key in enumerate(path[1:], 1):
        if isinstance(found, Term):
            return found
        found = _next(compiler, found, key, path[:position], pointer, scope)
    if isinstance(found, Term):
        return found
    if found.path:
        compiler.read(found.path)
    return Term(_tidy(found.tree), found.type, call.pointer, sure=path == ("accumulator",), path=found.path)


def _first(compiler: Compiler, key: str, pointer: str, scope: Scope, levels: int) -> _Found | Term:
    typed = scope.names.get(key)
    if typed is not None:
        inside = () if scope.kind == "fold" and scope.path else (key,)
        path = None if scope.path is None or (key == "accumulator" and scope.kind == "fold") else (*scope.path, *inside)
        return _Found(type_of(typed), path, climb(levels, key))
    if scope.element is not None and scope.element.kind == "other":
        return _Found(OTHER, None, climb(levels, key))
    if key in _outermost(scope):
        return compiler.problem(
            pointer,
            '“{key}” is a field outside this loop: write {{"val": [[{levels}], "{key}"]}}.',
            key=key,
            levels=2 * scope.depth,
        )
    return compiler.unknown(pointer, UNKNOWN_FIELD, key, scope.names)


def _outermost(scope: Scope) -> Mapping[str, Typed]:
    return scope.names if scope.outer is None else _outermost(scope.outer)


def _next(
    compiler: Compiler, found: _Found, key: str, before: tuple[str, ...], pointer: str, scope: Scope
) -> _Found | Term:
    kind = found.type
    path = (*found.path, key) if found.path is not None else None
    match kind.kind:
        case "group" if key in kind.columns:
            return _Found(type_of(kind.columns[key]), path, _deeper(found.tree, key))
        case "group":
            return compiler.unknown(pointer, UNKNOWN_FIELD, ".".join((*before, key)), _dotted(before, kind.columns))
        case "table" | "list" if key.isdigit() and kind.item:
            return _Found(kind.item, found.path, _deeper(found.tree, int(key)))
        case "table" if key in kind.columns:
            return compiler.problem(
                pointer,
                "“{column}” is a column of the table “{table}”: go through its rows with map, filter or some.",
                column=key,
                table=before[-1],
            )
        case "table":
            return compiler.unknown(pointer, UNKNOWN_FIELD, ".".join((*before, key)), _dotted(before, kind.columns))
        case "reference":
            return _looked_up(compiler, found, key, pointer, scope)
        case "other":
            return _Found(OTHER, found.path, _deeper(found.tree, key))
        case _:
            return compiler.problem(pointer, "“{field}” has no fields inside.", field=".".join(before))


def _dotted(before: tuple[str, ...], columns: Mapping[str, Typed]) -> dict[str, Typed]:
    return {".".join((*before, key)): typed for key, typed in columns.items()}


def _deeper(tree: Json, key: str | int) -> Json:
    return {"val": [*tree["val"], key]}


def _tidy(tree: Json) -> Json:
    """A single plain name is read by `var`, which both evaluators know best; the fold's accumulator is not (see `fold`)."""
    match tree:
        case {"val": [str(key)]} if "." not in key and "/" not in key and key and key != "accumulator":
            return {"var": key}
        case _:
            return tree


def exists(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`{"exists": ["a", "b"]}`: whether there is a value at that path."""
    term = val(compiler, call, scope)
    return Term({"!==": [term.tree, None]}, SWITCH, call.pointer, sure=True)


def missing(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`{"missing": ["a", "b"]}`: those of the named fields that are blank."""
    return _missing(compiler, call, scope, list(call.args), list(call.pointers), call.args)


def missing_some(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`{"missing_some": [1, ["a", "b"]]}`: the blank ones, unless that many of the named fields are filled."""
    match call.args:
        case (int(least), list(names)) if not isinstance(least, bool):
            pointers = [step(call.pointers[1], i) for i in range(len(names))]
            return _missing(compiler, call, scope, names, pointers, call.args)
        case _:
            return compiler.problem(call.pointer, "“missing_some” takes a number and a list of field names.")


def _missing(
    compiler: Compiler, call: Call, scope: Scope, names: list[Json], pointers: list[str], args: tuple[Json, ...]
) -> Term:
    for name, pointer in zip(names, pointers, strict=True):
        if isinstance(name, str):
            var(compiler, Call("var", (name,), pointer, (pointer,)), scope)
        else:
            compiler.problem(pointer, WRITTEN_OUT)
    return Term({call.name: list(args)}, list_of(TEXT), call.pointer, sure=True)


def lookup(compiler: Compiler, call: Call, scope: Scope) -> Term:
    """`{"lookup": [{"var": "customer"}, "phone"]}`: a field of the record that a link names."""
    if not compiler.arity(call, 2, 2):
        return Term(None, OTHER, call.pointer)
    link = compiler.term(call.args[0], call.pointers[0], scope)
    key = call.args[1]
    if not isinstance(key, str):
        return compiler.problem(call.pointers[1], WRITTEN_OUT)
    if link.type.kind != "reference" or not link.path:
        return compiler.problem(call.pointer, "“lookup” reads through a field that links to one record.")
    found = _looked_up(compiler, _Found(link.type, link.path, link.tree), key, call.pointers[1], scope)
    return found if isinstance(found, Term) else Term(found.tree, found.type, call.pointer)


def _looked_up(compiler: Compiler, link: _Found, key: str, pointer: str, scope: Scope) -> _Found | Term:
    if link.path is None:
        return compiler.problem(pointer, "“lookup” reads through a field that links to one record.")
    if link.type.columns and key not in link.type.columns:
        return compiler.unknown(pointer, UNKNOWN_FIELD, key, link.type.columns)
    dotted = ".".join(link.path)
    compiler.read(link.path)
    compiler.lookups.add((dotted, key))
    tree = compiler.circumstance("lookups", scope, "/".join(link.path), {"??": [_tidy(link.tree), ""]}, key)
    return _Found(type_of(link.type.columns[key]) if link.type.columns else OTHER, None, tree)


def _passed_in(name: str, kind: LogicType) -> Form:
    def read(compiler: Compiler, call: Call, scope: Scope) -> Term:
        if not compiler.arity(call, 0, 0) and call.args != (None,):
            return Term(None, OTHER, call.pointer)
        return Term(compiler.circumstance(name, scope), kind, call.pointer, sure=name != "me")

    return read


FORMS: dict[str, Form] = {
    "var": var,
    "val": val,
    "exists": exists,
    "missing": missing,
    "missing_some": missing_some,
    "lookup": lookup,
    "today": _passed_in("today", DATE),
    "now": _passed_in("now", DATETIME),
    "me": _passed_in("me", LogicType("reference")),
}
