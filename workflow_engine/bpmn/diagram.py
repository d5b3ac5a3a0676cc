"""A workflow as boxes and lines, before it is XML: what is drawn, and where.

The tree is laid out from left to right. A block (a list, or a branch or parallel step with its gateways) knows its own
width and height, and the line on which its flow runs in and out, so blocks are put together without looking inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SIZES = {"event": (36, 36), "gateway": (50, 50), "task": (120, 80)}
GAP_X, GAP_Y = 50, 30


@dataclass(slots=True)
class Node:
    """One box. `element` is its BPMN element name; `step` the definition it stands for, if any; x, y its top left corner.

    `behind` are steps after it that are not drawn, because no way leads to them.
    """

    id: str
    element: str
    name: str = ""
    step: Mapping[str, Any] | None = None
    role: str = ""
    x: int = 0
    y: int = 0
    default: str | None = None
    behind: Sequence[Mapping[str, Any]] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in the units of the diagram."""
        kind = "gateway" if self.element.endswith("Gateway") else "event" if self.element.endswith("Event") else "task"
        return SIZES[kind]


@dataclass(frozen=True, slots=True)
class Flow:
    """One line from box to box. `when` is JSON Logic; `branch` the number of the branch it opens; `via` the height, from
    the source's own line, on which a line without boxes runs."""

    id: str
    source: Node
    target: Node
    name: str = ""
    when: Any = None
    branch: int | None = None
    via: int = 0


@dataclass(slots=True)
class Block:
    """A part of the picture with one way in (`first`) and the loose ends out of it (`ends`); None where nothing is drawn."""

    width: int
    above: int
    below: int
    nodes: list[Node]
    first: Node | None
    ends: list[Node]

    def move(self, x: int, y: int) -> None:
        """Shift the whole block by (x, y)."""
        for node in self.nodes:
            node.x += x
            node.y += y


@dataclass(slots=True)
class Diagram:
    """The whole picture."""

    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def connect(
        self, source: Node, target: Node, *, name: str = "", when: Any = None, branch: int | None = None, via: int = 0
    ) -> Flow:
        """Draw a line; gives it back."""
        flow = Flow(f"flow_{len(self.flows) + 1}", source, target, name, when, branch, via)
        self.flows.append(flow)
        return flow


def single(node: Node) -> Block:
    """A block of one box. An end event has no way out."""
    width, height = node.size
    node.x, node.y = 0, -height // 2
    ends = [] if node.element == "endEvent" else [node]
    return Block(width, height // 2, height // 2, [node], node, ends)


def in_a_row(blocks: list[Block], diagram: Diagram) -> Block:
    """The blocks one after the other on one line, connected."""
    row = Block(0, 0, 0, [], None, [])
    for block in blocks:
        if block.first is None:
            continue
        start = row.width + GAP_X if row.nodes else 0
        block.move(start, 0)
        for end in row.ends:
            diagram.connect(end, block.first)
        row = Block(
            start + block.width,
            max(row.above, block.above),
            max(row.below, block.below),
            row.nodes + block.nodes,
            row.first or block.first,
            block.ends,
        )
    return row


def stacked(arms: list[Block]) -> list[tuple[Block, int]]:
    """Each arm with the height of its line, one below the other, the whole centred around 0.

    A line that would run through the gateway is straight on instead, and the others move with it.
    """
    heights = [max(arm.above + arm.below, 20) for arm in arms]
    top = -(sum(heights) + GAP_Y * (len(arms) - 1)) // 2
    lines = []
    for arm, height in zip(arms, heights, strict=True):
        lines.append(top + (arm.above or height // 2))
        top += height + GAP_Y
    nearest = min(lines, key=abs, default=0)
    shift = nearest if abs(nearest) <= SIZES["gateway"][1] // 2 else 0
    return [(arm, line - shift) for arm, line in zip(arms, lines, strict=True)]
