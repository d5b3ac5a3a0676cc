"""What depends on what among the fields: the order in which a record is worked out, and the cycles that forbid one.

A node is the path of a field. A field depends on what its `visibleWhen`, `compute` and `default` read; a column also on
its table. What `requiredWhen` and `readOnlyWhen` read decides no value, so it makes no cycle.
"""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from .build import every
from .field_types.derived import linked_by
from .form import Field
from .logic import Rule
from .pointers import join
from .report import Report
from .resolve import Resolver

DECIDING = (("compute", "compute"), ("visibleWhen", "visible_when"), ("default", "default"))
MOST_CYCLES = 20


class Graph:
    """The dependencies of a form's fields: path → the paths that it depends on."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = {field.path: field for field in every(fields)}
        self.edges: dict[str, set[str]] = {path: set() for path in self.fields}
        for path, field in self.fields.items():
            for _, rule in deciding(field):
                self.edges[path] |= self.read_by(field, rule)
            if len(field.keys) > 1:
                self.edges[path].add(".".join(field.keys[:-1]))
            link = linked_by(field.settings) if field.type.derived else None
            if link in self.fields:
                self.edges[path].add(link)

    def read_by(self, field: Field | None, rule: Rule) -> set[str]:
        """The nodes that a rule of `field` (None: of the form) reads."""
        found: set[str] = set()
        names = {self._node(field, read) for read in rule.reads} - {None}
        for name in names:
            assert name is not None
            found.add(name)
            inside = {path for path in self.fields if path.startswith(f"{name}.")}
            reader_inside = field is not None and field.path.startswith(f"{name}.")
            if inside and not (inside & names) and not reader_inside:
                found |= inside
        return found

    def _node(self, field: Field | None, read: str) -> str | None:
        """The path of the innermost field that `read` names, seen from inside `field`'s row."""
        scope = field.keys[:-1] if field is not None else ()
        for depth in range(len(scope), -1, -1):
            path = ".".join((*scope[:depth], read))
            while path and path not in self.fields and path.count(".") > depth:
                path = path.rpartition(".")[0]
            if path in self.fields:
                return path
        return None

    def order(self) -> list[str]:
        """All paths, each after what it depends on. Raises CycleError."""
        return list(TopologicalSorter(self.edges).static_order())


def deciding(field: Field) -> Iterator[tuple[str, Rule]]:
    """The rules that decide a field's value, each with its keyword."""
    for keyword, attribute in DECIDING:
        rule = getattr(field, attribute)
        if rule is not None:
            yield keyword, rule


def check_cycles(graph: Graph, resolver: Resolver, report: Report) -> None:
    """Report each cycle once, at the rule of its first field (in the document's order) that closes it."""
    rank = {path: number for number, path in enumerate(graph.fields)}
    edges = {path: set(needed) for path, needed in graph.edges.items()}
    for _ in range(MOST_CYCLES):
        try:
            TopologicalSorter(edges).prepare()
            return
        except CycleError as error:
            cycle = list(reversed(error.args[1]))[:-1]
        ruled = [path for path in cycle if any(True for _ in deciding(graph.fields[path]))]
        first = min(ruled, key=rank.__getitem__)
        start = cycle.index(first)
        members = cycle[start:] + cycle[:start]
        following = members[1] if len(members) > 1 else first
        keyword = _closing(graph, first, following)
        names = " → ".join([*members, first])
        field = graph.fields[first]
        place = resolver.origin(field.settings, keyword) or join(field.pointer, "x-field", keyword)
        report.error(place, "These fields wait for each other: {cycle}.", cycle=names)
        edges[first].discard(following)


def _closing(graph: Graph, path: str, needed: str) -> str:
    """The keyword of `path`'s rule that reads `needed`."""
    field = graph.fields[path]
    rules = list(deciding(field))
    return next((keyword for keyword, rule in rules if needed in graph.read_by(field, rule)), rules[0][0])
