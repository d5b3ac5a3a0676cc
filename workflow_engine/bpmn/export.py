"""A workflow as BPMN 2.0 XML with diagram interchange.

Each step becomes the element that any BPMN tool knows; what BPMN cannot say stands as JSON in that element's
`extensionElements`, so that importing our own export gives the same workflow. An approval that may be rejected is
followed by a gateway for it. Boxes and lines come from `diagram`; this module only says which.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import formloom.form_engine.logic.formula as formula
from formloom.form_engine.definition import Form
from formloom.workflow_engine.definition import normalised

from .diagram import GAP_X, Block, Diagram, Flow, Node, in_a_row, single, stacked
from .vocabulary import BPMNDI, DC, DI, ELEMENT_OF_STEP, FORMLOOM, XSI, tag

NESTED = ("branches",)
NOT_IN_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""The characters that no XML document may hold, however they are written."""


def to_bpmn(document: Mapping[str, Any], form: Form | None = None) -> str:
    """The workflow `document` (formats.md section 2; it must have passed its check) as BPMN 2.0 XML text.

    `form` lends its title to the process; without it the form's key does.
    """
    document, diagram = normalised(document), Diagram()
    start, finish = Node("start", "startEvent"), Node("finish", "endEvent", role="finish")
    steps = _list_of(document["steps"], diagram)
    whole = in_a_row(
        [single(start), steps, single(finish)] if steps.ends or not steps.nodes else [single(start), steps], diagram
    )
    whole.move(160, 80 + whole.above)
    diagram.nodes = whole.nodes
    root = ElementTree.Element(tag("definitions"), {"id": "definitions", "targetNamespace": FORMLOOM})
    name = form.title("en") if form else str(document.get("form", "Workflow"))
    process = ElementTree.SubElement(
        root, tag("process"), {"id": "process", "name": _plain(name), "isExecutable": "true"}
    )
    _extend(process, {"workflow": {key: value for key, value in document.items() if key != "steps"}})
    _write_process(process, diagram)
    _write_picture(root, diagram)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _list_of(steps: list[dict[str, Any]], diagram: Diagram) -> Block:
    """The steps of a list up to the first that no way leads on from; those behind it are kept beside that one."""
    blocks: list[Block] = []
    for number, step in enumerate(steps):
        blocks.append(_step(step, diagram))
        if not blocks[-1].ends:
            blocks[-1].nodes[0].behind = steps[number + 1 :]
            break
    return in_a_row(blocks, diagram)


def _step(step: Mapping[str, Any], diagram: Diagram) -> Block:
    match step["type"]:
        case "branch" | "parallel":
            return _gateways(step, diagram)
        case "approval" if step.get("onReject", "end") == "end" and "reject" in step.get("actions", ["reject"]):
            return _approval(step, diagram)
        case kind:
            return single(Node(f"step_{step['id']}", ELEMENT_OF_STEP[kind], step.get("title", ""), step))


def _approval(step: Mapping[str, Any], diagram: Diagram) -> Block:
    """The task, a gateway 'approved?', and an end for the request that was rejected, drawn below it."""
    task = Node(f"step_{step['id']}", "userTask", step.get("title", ""), step)
    gateway = Node(f"decided_{step['id']}", "exclusiveGateway", role="decision")
    rejected = Node(f"rejected_{step['id']}", "endEvent", "Rejected", role="rejected")
    block = in_a_row([single(task), single(gateway)], diagram)
    below = single(rejected)
    below.move(gateway.x + (gateway.size[0] - rejected.size[0]) // 2, 80)
    refuse = diagram.connect(gateway, rejected, name="Rejected")
    gateway.default = refuse.id
    return Block(block.width, block.above, 80 + rejected.size[1] // 2, [*block.nodes, rejected], task, [gateway])


def _gateways(step: Mapping[str, Any], diagram: Diagram) -> Block:
    """A split, its arms one below the other, and the join that the arms which go on meet in."""
    opening, closing = _gateway_elements(step)
    split = Node(f"step_{step['id']}", opening, step.get("title", ""), step, role="split")
    join = Node(f"join_{step['id']}", closing, role="join")
    arms = [_list_of(branch["steps"], diagram) for branch in step["branches"]]
    left, inside = split.size[0] + GAP_X, max((arm.width for arm in arms), default=0)
    block = Block(left + inside, 25, 25, single(split).nodes, split, [])
    goes_on = any(arm.ends or arm.first is None for arm in arms)
    for number, (arm, line) in enumerate(stacked(arms)):
        arm.move(left, line)
        block.nodes += arm.nodes
        block.above, block.below = max(block.above, arm.above - line), max(block.below, arm.below + line)
        _open_arm(split, arm.first or join, number, line if arm.first is None else 0, diagram)
        for end in arm.ends:
            diagram.connect(end, join)
    if goes_on:
        join.x, join.y = left + inside + GAP_X, -join.size[1] // 2
        block.nodes.append(join)
        block.width, block.ends = join.x + join.size[0], [join]
    return block


def _gateway_elements(step: Mapping[str, Any]) -> tuple[str, str]:
    if step["type"] == "parallel":
        return "parallelGateway", "parallelGateway" if step.get("join", "all") == "all" else "complexGateway"
    kind = "inclusiveGateway" if step.get("mode") == "inclusive" else "exclusiveGateway"
    return kind, kind


def _open_arm(split: Node, target: Node, number: int, via: int, diagram: Diagram) -> None:
    branch = (split.step or {})["branches"][number]
    flow = diagram.connect(split, target, name=branch.get("title", ""), when=branch.get("when"), branch=number, via=via)
    if branch.get("otherwise"):
        split.default = flow.id


def _write_process(process: ElementTree.Element, diagram: Diagram) -> None:
    for node in diagram.nodes:
        attributes = (
            {"id": node.id}
            | ({"name": _plain(node.name)} if node.name else {})
            | ({"default": node.default} if node.default else {})
        )
        if node.element == "callActivity" and node.step is not None:
            attributes["calledElement"] = str(node.step.get("form", ""))
        element = ElementTree.SubElement(process, tag(node.element), attributes)
        _extend_node(element, node)
        for flow in diagram.flows:
            if flow.target is node:
                ElementTree.SubElement(element, tag("incoming")).text = flow.id
        for flow in diagram.flows:
            if flow.source is node:
                ElementTree.SubElement(element, tag("outgoing")).text = flow.id
        _write_details(element, node)
    for flow in diagram.flows:
        _write_flow(process, flow)


def _extend_node(element: ElementTree.Element, node: Node) -> None:
    if node.step is not None:
        step = {key: value for key, value in node.step.items() if key not in NESTED}
        _extend(element, {"step": step} | ({"behind": {"steps": node.behind}} if node.behind else {}))
    elif node.role in {"decision", "rejected", "join", "finish"}:
        _extend(element, {"drawn": {"as": node.role}})


def _extend(element: ElementTree.Element, contents: Mapping[str, Mapping[str, Any]]) -> None:
    extension = ElementTree.SubElement(element, tag("extensionElements"))
    for name, content in contents.items():
        ElementTree.SubElement(extension, tag(name, FORMLOOM)).text = _json(content)


def _json(content: Any) -> str:
    """JSON in which only what XML can't hold is escaped."""
    return NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(content, ensure_ascii=False))


def _plain(text: str) -> str:
    """A text for people to read, without what XML can't hold; the step's own JSON has all of it."""
    return NOT_IN_XML.sub("", text)


def _write_details(element: ElementTree.Element, node: Node) -> None:
    """The event definitions that the step's kind asks for, so that other tools draw the right sign."""
    if node.role == "rejected" or (node.step is not None and node.step["type"] == "end"):
        ElementTree.SubElement(element, tag("terminateEventDefinition"), {"id": f"terminate_{node.id}"})
    elif node.element == "intermediateCatchEvent" and node.step is not None:
        _write_wait(element, node.id, node.step)


def _write_wait(element: ElementTree.Element, ident: str, step: Mapping[str, Any]) -> None:
    """A clock for a wait for a time, a list for one for what the record says."""
    until = step.get("until", {})
    if "when" in until or "changed" in until:
        event = ElementTree.SubElement(element, tag("conditionalEventDefinition"), {"id": f"condition_{ident}"})
        text = formula.print(until["when"]) if "when" in until else f"changed: {', '.join(until['changed'])}"
        _write_expression(event, "condition", text)
        return
    event = ElementTree.SubElement(element, tag("timerEventDefinition"), {"id": f"timer_{ident}"})
    if "for" in step:
        _write_expression(event, "timeDuration", step["for"])
    else:
        _write_expression(event, "timeDate", _json(until))


def _write_expression(element: ElementTree.Element, name: str, text: str) -> None:
    written = ElementTree.SubElement(element, tag(name), {tag("type", XSI): "bpmn:tFormalExpression"})
    written.text = _plain(text)


def _write_flow(process: ElementTree.Element, flow: Flow) -> None:
    attributes = {"id": flow.id, "sourceRef": flow.source.id, "targetRef": flow.target.id}
    element = ElementTree.SubElement(
        process, tag("sequenceFlow"), attributes | ({"name": _plain(flow.name)} if flow.name else {})
    )
    if flow.branch is not None:
        branch = (flow.source.step or {})["branches"][flow.branch]
        ours = {"number": flow.branch, **{key: value for key, value in branch.items() if key != "steps"}}
        _extend(element, {"branch": ours})
    if flow.when is not None:
        _write_expression(element, "conditionExpression", formula.print(flow.when))
    elif flow.source.role == "decision" and flow.source.default != flow.id:
        _write_expression(element, "conditionExpression", "approved")


def _write_picture(root: ElementTree.Element, diagram: Diagram) -> None:
    picture = ElementTree.SubElement(root, tag("BPMNDiagram", BPMNDI), {"id": "diagram"})
    plane = ElementTree.SubElement(picture, tag("BPMNPlane", BPMNDI), {"id": "plane", "bpmnElement": "process"})
    for node in diagram.nodes:
        shape = ElementTree.SubElement(
            plane, tag("BPMNShape", BPMNDI), {"id": f"shape_{node.id}", "bpmnElement": node.id}
        )
        if node.element == "exclusiveGateway":
            shape.set("isMarkerVisible", "true")
        width, height = node.size
        ElementTree.SubElement(
            shape, tag("Bounds", DC), {"x": str(node.x), "y": str(node.y), "width": str(width), "height": str(height)}
        )
    for flow in diagram.flows:
        edge = ElementTree.SubElement(plane, tag("BPMNEdge", BPMNDI), {"id": f"edge_{flow.id}", "bpmnElement": flow.id})
        for x, y in _waypoints(flow):
            ElementTree.SubElement(edge, tag("waypoint", DI), {"x": str(x), "y": str(y)})


def _waypoints(flow: Flow) -> list[tuple[int, int]]:
    """Right angles only: out of the source's side (or foot, towards a box straight below), into the target's left."""
    (source_w, source_h), (target_w, target_h) = flow.source.size, flow.target.size
    source_x, source_y = flow.source.x + source_w, flow.source.y + source_h // 2
    target_x, target_y = flow.target.x, flow.target.y + target_h // 2
    if target_x < source_x:
        middle = flow.source.x + source_w // 2
        return [(middle, flow.source.y + source_h), (middle, flow.target.y)]
    if source_y == target_y and flow.via == 0:
        return [(source_x, source_y), (target_x, target_y)]
    if flow.source.role == "split":
        return _out_of_a_split(flow)
    if flow.target.role == "join":
        middle = target_x + target_w // 2
        return [
            (source_x, source_y),
            (middle, source_y),
            (middle, flow.target.y + (target_h if source_y > target_y else 0)),
        ]
    turn = source_x + GAP_X // 2
    return [(source_x, source_y), (turn, source_y), (turn, target_y), (target_x, target_y)]


def _out_of_a_split(flow: Flow) -> list[tuple[int, int]]:
    """Down or up to the arm's own line; an arm without boxes runs along it and comes back to the join."""
    (source_w, source_h), (target_w, target_h) = flow.source.size, flow.target.size
    middle, centre = flow.source.x + source_w // 2, flow.source.y + source_h // 2
    if flow.target.role != "join" or flow.via == 0:
        line = flow.target.y + target_h // 2
        edge = flow.source.y + (source_h if line > centre else 0)
        return [(middle, edge), (middle, line), (flow.target.x, line)]
    line, turn = centre + flow.via, flow.target.x + target_w // 2
    down = flow.via > 0
    edge, back = flow.source.y + (source_h if down else 0), flow.target.y + (target_h if down else 0)
    return [(middle, edge), (middle, line), (turn, line), (turn, back)]
