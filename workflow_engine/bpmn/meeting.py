"""Where the ways out of a split meet again: the one question of graphs that reading a picture as a tree needs."""

from collections.abc import Collection, Iterator

from .graph import Graph, Node

EXIT = "\0exit"
"""Stands for "they do not meet: each runs to an end of its own"."""


def without_our_rejections(graph: Graph) -> None:
    """Take out the gateway and the end that our own export draws for an approval that may be rejected."""
    rejected = {name for name, node in graph.nodes.items() if node.drawn_as == "rejected"}
    for name in rejected:
        del graph.nodes[name]
    for node in graph.nodes.values():
        node.outgoing = [flow for flow in node.outgoing if flow.target not in rejected]


def meetings(graph: Graph) -> dict[str, str]:
    """For each node with several ways out, the node in which those that go on meet, or EXIT."""
    return {name: _meeting(graph, node) for name, node in graph.nodes.items() if is_split(node)}


def is_split(node: Node) -> bool:
    """Whether branches begin here: several ways out, or a branch or parallel step of our own export, even of one branch."""
    return len(node.outgoing) > 1 or (node.ours is not None and node.ours.get("type") in {"branch", "parallel"})


def _meeting(graph: Graph, split: Node) -> str:
    if split.ours is not None:
        join = f"join_{split.ours.get('id')}"
        return join if join in graph.nodes else EXIT
    ways = [flow.target for flow in split.outgoing]
    reached = [set(_reachable(graph, way)) for way in ways]
    candidates = [name for name in _reachable(graph, *ways) if sum(name in nodes for nodes in reached) > 1]
    for candidate in candidates:
        if graph.nodes[candidate].kind == "endEvent":
            continue
        beyond = {name for name in _reachable(graph, candidate) if graph.nodes[name].kind != "endEvent"}
        if all(not beyond & set(_reachable(graph, way, avoiding={candidate})) for way in ways):
            return candidate
    return EXIT


def _reachable(graph: Graph, *starts: str, avoiding: Collection[str] = ()) -> Iterator[str]:
    """The nodes that can be reached, nearest first, the starts among them."""
    queue = [name for name in starts if name not in avoiding]
    seen = set(queue)
    while queue:
        name = queue.pop(0)
        yield name
        for flow in graph.nodes[name].outgoing:
            if flow.target not in seen and flow.target not in avoiding:
                seen.add(flow.target)
                queue.append(flow.target)
