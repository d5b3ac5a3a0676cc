"""Departments as a tree, from the flat list in which each comes right before its children."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from formloom.platform.services.departments import DepartmentRow


@dataclass(slots=True)
class Node:
    """A department with those below it; `total` counts the members of all of them."""

    row: DepartmentRow
    children: "list[Node]" = field(default_factory=list)

    @property
    def total(self) -> int:
        """Its own active members and those of every department below."""
        return self.row.members + sum(child.total for child in self.children)


def tree(rows: Sequence[DepartmentRow]) -> list[Node]:
    """The departments at the top, each with its children."""
    top: list[Node] = []
    way: list[Node] = []
    for row in rows:
        node = Node(row)
        del way[row.depth :]
        (way[-1].children if way else top).append(node)
        way.append(node)
    return top


def choices(rows: Sequence[DepartmentRow]) -> list[tuple[str, str]]:
    """(id, "Sales / North team") for a select."""
    names: list[str] = []
    found = []
    for row in rows:
        del names[row.depth :]
        names.append(row.name)
        found.append((row.id, " / ".join(names)))
    return found
