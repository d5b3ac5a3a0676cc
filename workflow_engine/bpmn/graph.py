"""A BPMN file as a plain flow graph: one process, its nodes and flows, and what was met on the way.

Whatever would change what happens (events at a task's edge, loops, compensation, several processes that talk) is
refused with the element named; whatever only explains (notes, data, lanes) becomes a line of the report.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.limits import LIMITS
from formloom.form_engine.messages import say

from .vocabulary import FORMLOOM, local, tag

LARGEST = 5_000_000
LONGEST_NAME = 400
TASKS = {"task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "callActivity"}
GATEWAYS = {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway"}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"}
EXPLAINING = {
    "dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation", "association", "group", "documentation",
    "property", "ioSpecification", "extensionElements", "laneSet", "sequenceFlow", "auditing", "monitoring",
    "incoming", "outgoing", "artifact", "correlationSubscription", "supports", "resourceRole", "performer", "potentialOwner", "humanPerformer",
}  # fmt: skip
REPORTED = {"dataObject", "dataStoreReference", "textAnnotation", "group"}
REFUSED_INSIDE = {
    "standardLoopCharacteristics",
    "multiInstanceLoopCharacteristics",
    "compensateEventDefinition",
    "cancelEventDefinition",
}


@dataclass(slots=True)
class Flow:
    """A sequence flow. `drawn` is what our own export wrote beside it, if it did."""

    id: str
    source: str
    target: str
    name: str
    condition: str | None
    drawn: dict[str, Any] | None


@dataclass(slots=True)
class Node:
    """A flow node; `ours` is the step that our own export wrote beside it; `inner` the process inside a subProcess;
    `behind` the steps that our export did not draw, because nothing leads to them."""

    id: str
    kind: str
    name: str
    element: ElementTree.Element
    who: str | None = None
    ours: dict[str, Any] | None = None
    drawn_as: str | None = None
    default: str | None = None
    inner: "Graph | None" = None
    behind: list[dict[str, Any]] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    incoming: list[Flow] = field(default_factory=list)


@dataclass(slots=True)
class Graph:
    """One process. `settings` are the root keys of a workflow that our own export wrote."""

    id: str
    name: str
    nodes: dict[str, Node]
    settings: dict[str, Any]
    report: list[dict[str, str]]


NO_COUNTERPART = "{what} ({id}) has no counterpart in a workflow: redraw this part without it."
TWICE = "{what} ({id}): another element has the same id."
NESTED = "{what} ({id}) is nested more than {limit} deep."


def refuse(element: ElementTree.Element, lang: str, why: str = NO_COUNTERPART, **more: object) -> DefinitionError:
    """The error for an element that can't be carried over; `why` is the sentence that names it."""
    name = name_of(element)
    what = f"{local(element)} “{name}”" if name else local(element)
    return DefinitionError([Problem("", say(lang, why, what=what, id=element.get("id", "-"), **more))])


def name_of(element: ElementTree.Element) -> str:
    """What an element is called, on one line and no longer than a title may be."""
    name = " ".join((element.get("name") or "").split())
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def read(text: str | bytes, lang: str = "en") -> Graph:
    """The one process of a BPMN file. Raises DefinitionError, naming the element that cannot be carried over."""
    root = _parse(text, lang)
    processes = [
        element
        for element in root
        if local(element) == "process" and any(local(child) in TASKS | EVENTS for child in element)
    ]
    if not processes:
        raise DefinitionError([Problem("", say(lang, "This file holds no process with steps."))])
    if len(processes) > 1:
        raise refuse(processes[1], lang)
    report = [_line(element, lang) for element in root.iter() if local(element) == "messageFlow"]
    return _graph(processes[0], report, lang)


def _parse(text: str | bytes, lang: str) -> ElementTree.Element:
    if len(text) > LARGEST:
        raise DefinitionError([Problem("", say(lang, "This file is larger than {limit} bytes.", limit=LARGEST))])
    try:
        root = defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DefinitionError([Problem("", say(lang, "This is no BPMN file: {reason}", reason=error))]) from None
    if local(root) != "definitions":
        raise DefinitionError(
            [
                Problem(
                    "",
                    say(lang, "This is no BPMN file: it begins with {found}, not with definitions.", found=local(root)),
                )
            ]
        )
    element: ElementTree.Element = root
    return element


def _line(element: ElementTree.Element, lang: str) -> dict[str, str]:
    source = f"{local(element)} {element.get('name') or element.get('id') or ''}".strip()
    return {
        "source": source,
        "message": say(lang, "Left out: it explains the picture and changes nothing that happens."),
    }


def _graph(process: ElementTree.Element, report: list[dict[str, str]], lang: str, depth: int = 0) -> Graph:
    if depth > LIMITS.step_depth:
        raise refuse(process, lang, NESTED, limit=LIMITS.step_depth)
    graph = Graph(process.get("id", ""), process.get("name", ""), {}, _ours(process, "workflow") or {}, report)
    lanes = dict(_lanes(process))
    for element in process:
        kind = local(element)
        if kind in TASKS | GATEWAYS | EVENTS | {"subProcess"}:
            node = _node(element, lanes.get(element.get("id", "")), report, lang, depth)
            if node.id in graph.nodes:
                raise refuse(element, lang, TWICE)
            graph.nodes[node.id] = node
        elif kind in REPORTED:
            report.append(_line(element, lang))
        elif kind not in EXPLAINING:
            raise refuse(element, lang)
    for element in process:
        if local(element) == "sequenceFlow":
            _connect(graph, element, lang)
    return graph


def _lanes(process: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for lane in process.iter(tag("lane")):
        for reference in lane.iter(tag("flowNodeRef")):
            yield (reference.text or "").strip(), lane.get("name") or ""


def _node(element: ElementTree.Element, lane: str | None, report: list[dict[str, str]], lang: str, depth: int) -> Node:
    for child in element:
        if local(child) in REFUSED_INSIDE:
            raise refuse(child if child.get("name") else element, lang)
    if local(element) == "subProcess" and element.get("triggeredByEvent") == "true":
        raise refuse(element, lang)
    drawn = _ours(element, "drawn")
    node = Node(
        element.get("id", ""),
        local(element),
        name_of(element),
        element,
        who=_owner(element) or lane or None,
        ours=_ours(element, "step"),
        drawn_as=drawn.get("as") if drawn else None,
        default=element.get("default"),
    )
    behind = (_ours(element, "behind") or {}).get("steps")
    node.behind = behind if isinstance(behind, list) else []
    if node.kind == "subProcess":
        node.inner = _graph(element, report, lang, depth + 1)
    return node


def _owner(element: ElementTree.Element) -> str:
    """Who does a task, as the standard or the makers of engines write it; what is computed there is no name."""
    said = []
    for owner in element:
        if local(owner) in {"potentialOwner", "performer", "humanPerformer"}:
            said += [owner.get("name"), *(inner.text for inner in owner.iter(tag("formalExpression")))]
    said += [text for key, text in element.items() if key.rpartition("}")[2] in {"candidateGroups", "assignee"}]
    names = (" ".join((text or "").split()) for text in said)
    return next((name for name in names if name and "{" not in name and not name.startswith("=")), "")


def _ours(element: ElementTree.Element, name: str) -> dict[str, Any] | None:
    found = element.find(f"{tag('extensionElements')}/{tag(name, FORMLOOM)}")
    if found is None or not found.text:
        return None
    try:
        content = json.loads(found.text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _connect(graph: Graph, element: ElementTree.Element, lang: str) -> None:
    source, target = graph.nodes.get(element.get("sourceRef", "")), graph.nodes.get(element.get("targetRef", ""))
    if source is None or target is None:
        raise refuse(element, lang)
    condition = element.find(tag("conditionExpression"))
    text = (condition.text or "").strip() if condition is not None else None
    flow = Flow(element.get("id", ""), source.id, target.id, name_of(element), text, _ours(element, "branch"))
    source.outgoing.append(flow)
    target.incoming.append(flow)
