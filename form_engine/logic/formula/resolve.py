"""Turns the nodes of a formula into JSON Logic: which loop a name belongs to, which operator a function is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...json_text import LARGEST_NUMBER
from ...messages import say
from ...pointers import tokens
from ..calls import table
from ..terms import Json
from ..types import Typed, is_number
from ..words import meant, miscounted
from .errors import FormulaError
from .functions import INFIX, Function, functions, is_each_place, is_list_place
from .places import FOLDED, Place, read, table_of
from .syntax import Called, Infix, Items, Literal, Node, Reference


@dataclass(slots=True)
class Resolver:
    """Resolves one formula. `fields` (None: not known) tell a table from a group.

    `places` holds, by identity, each tree that was made, where it starts, and where each of its parts does.
    """

    text: str
    lang: str
    fields: Mapping[str, Typed] | None
    places: dict[int, tuple[Json, int, tuple[int, ...]]] = field(default_factory=dict)

    def tree(self, node: Node, place: Place) -> Json:
        """The tree of `node`, as it is read at `place`."""
        match node:
            case Literal(value, at):
                if is_number(value) and abs(value) > LARGEST_NUMBER:
                    raise self.fail(at, "This number is too large.")
                return value
            case Items(items):
                found: Json = [self.tree(item, place) for item in items]
            case Reference():
                found = self.reference(node, place)
            case Infix(sign, args):
                found = {INFIX[sign]: [self.tree(arg, place) for arg in args]}
            case Called():
                found = self.call(node, place)
        inner = () if isinstance(node, Reference) else node.items if isinstance(node, Items) else node.args
        self.places[id(found)] = (found, node.at, tuple(one.at for one in inner))
        return found

    def offset(self, tree: Json, pointer: str) -> int:
        """The character at which that stands which `pointer` leads to in `tree`, or the innermost thing around it."""
        found, at, inner = 0, tree, tuple[int, ...]()
        for key in ("", *tokens(pointer)):
            if key and isinstance(at, list) and key.isdigit() and int(key) < len(at):
                found = inner[int(key)] if int(key) < len(inner) else found
                at = at[int(key)]
            elif key and isinstance(at, dict):
                at = at.get(key)
            _, found, inner = self.places.get(id(at), (at, found, inner))
        return found

    def fail(self, at: int, template: str, /, **params: object) -> FormulaError:
        """The error to raise: what is wrong at the character `at`."""
        return FormulaError(say(self.lang, template, **params), self.text, at)

    def call(self, node: Called, place: Place) -> Json:
        """A function: its operator over its arguments."""
        name = node.name.upper()
        function = functions().get(name)
        if function is None and name in ("TRUE", "FALSE") and not node.args:
            return name == "TRUE"
        if function is None:
            message = say(self.lang, "There is no function “{word}”.", word=node.name)
            raise FormulaError(message + meant(self.lang, name, functions()), self.text, node.at)
        self.count(node, function)
        args: list[Json] = []
        for position, arg in enumerate(node.args):
            args.append(self.argument(function.operator, position, arg, args, place))
        return {"var": args[0]} if function.operator == "var" and len(args) == 1 else {function.operator: args}

    def count(self, node: Called, function: Function) -> None:
        """Refuse a call with too few or too many arguments."""
        entry = table().get(function.operator)
        least = entry.least if entry else int(bool(function.takes) and function.operator != "val")
        most = None if entry is None or entry.rest else len(entry.args)
        wrong = miscounted(self.lang, function.name, len(node.args), least, most)
        if wrong:
            raise FormulaError(wrong, self.text, node.at)

    def argument(self, operator: str, position: int, arg: Node, before: list[Json], place: Place) -> Json:
        """One argument, in the place where its operator puts it."""
        if is_each_place(operator, position):
            fold = operator == "reduce"
            return self.tree(arg, place.inside(table_of(before[0], place), fold=fold))
        if is_list_place(operator, position):
            return self.list_argument(arg, place)
        return self.tree(arg, place)

    def list_argument(self, arg: Node, place: Place) -> Json:
        """An argument that is a list: `items.price * 2` there is said of each row of `items`."""
        table = self.lifting(arg, place)
        if table is None:
            return self.tree(arg, place)
        body = self.tree(arg, place.inside(table))
        return {"map": [read((table,), place.depth), body]}

    def lifting(self, node: Node, place: Place) -> str | None:
        """The table of the first `table.column` in `node` that belongs to no inner list or loop."""
        match node:
            case Reference(parts, quoted) if len(parts) > 1 and not quoted[0] and self.is_table(parts[0], place):
                return parts[0]
            case Items(args) | Infix(_, args):
                return next(filter(None, (self.lifting(arg, place) for arg in args)), None)
            case Called(name, args):
                function = functions().get(name.upper())
                operator = function.operator if function else ""
                return next(
                    filter(
                        None,
                        (
                            self.lifting(arg, place)
                            for i, arg in enumerate(args)
                            if not is_list_place(operator, i) and not is_each_place(operator, i)
                        ),
                    ),
                    None,
                )
            case _:
                return None

    def is_table(self, name: str, place: Place) -> bool:
        """Whether `name.column` can be a column: of a table, as far as is known."""
        if (name.startswith("_") and (name == "_" or name[1:].isdigit())) or name == "$":
            return False
        if place.in_fold and name in FOLDED:
            return False
        return self.fields is None or (name in self.fields and self.fields[name].kind == "table")

    def reference(self, node: Reference, place: Place) -> Json:
        """A name: of the record, of the row at hand, of an element."""
        head, *rest = node.parts
        path: tuple[Any, ...] = tuple(
            int(part) if part.isdigit() and not quoted else part
            for part, quoted in zip(rest, node.quoted[1:], strict=True)
        )
        if node.quoted[0]:
            return self.known(node, (head, *path), place)
        if head == "$":
            return self.known(node, path, place)
        if head == "_" or (head[0] == "_" and head[1:].isdigit()):
            levels = int(head[1:] or 0)
            if levels >= place.depth:
                raise self.fail(
                    node.at, "“{name}” is the element of a list, inside a function that goes through one.", name=head
                )
            return read(path, levels)
        if place.in_fold and head in FOLDED:
            return read((head, *path), 0)
        levels_out = place.levels_to(head) if path else None
        if levels_out is not None:
            return read(path, levels_out)
        return self.known(node, (head, *path), place)

    def known(self, node: Reference, path: tuple[Any, ...], place: Place) -> Json:
        """A field of the record; where the fields are known, it must be one."""
        if not path:
            raise self.fail(node.at, "Write the name of a field behind “$.”.")
        if self.fields is not None and path[0] not in self.fields:
            message = say(self.lang, "There is no field “{word}”.", word=path[0])
            near = meant(self.lang, path[0], self.fields)
            if len(node.parts) == 1 and not near:
                near = meant(self.lang, str(path[0]).upper(), functions())
            raise FormulaError(message + near, self.text, node.at)
        return read(path, place.depth)
