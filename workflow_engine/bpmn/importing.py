"""A block-structured BPMN process as a workflow.

A split is matched with the node that its ways come through again (`meeting`); what lies between is its branches. A picture
that cannot be cut this way (a flow that jumps into a branch, or back) is refused with the element named, because a workflow
is a tree (formats.md section 2). What stands in a sub-process is read as if it stood around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from formloom.form_engine.errors import DefinitionError, FormloomError
from formloom.form_engine.limits import LIMITS
from formloom.form_engine.logic import formula
from formloom.form_engine.messages import say
from formloom.workflow_engine.calendar import duration
from formloom.workflow_engine.definition import normalised

from .graph import NESTED, Flow, Graph, Node, read, refuse
from .meeting import EXIT, is_split, meetings, without_our_rejections
from .vocabulary import key_from, local, tag

JOINS = {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway"}
AGAIN = "{what} ({id}) is reached by a way that leads back or into another branch: branches must meet in one place, and going back is an action of a step."
BEGINS = "{what} ({id}) is not reached from the one beginning that a workflow has."
OTHER_KIND = "{what} ({id}) joins branches that a gateway of another kind split."
ENDS_ONE = "{what} ({id}) ends while other ways go on to the same join: a workflow can't say this in a sub-process or beside parallel branches."


def from_bpmn(text: str | bytes, lang: str = "en") -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The workflow of a BPMN 2.0 file, and a report `[{"source", "message"}]` of what could not be carried over.

    Raises DefinitionError, naming the element, for a file that is no BPMN or a process that is not block-structured.
    """
    graph = read(text, lang)
    reader = _Reader(graph, lang, graph.report)
    steps = reader.steps()
    document = {"$schema": "https://formloom.dev/schema/workflow/v1", **graph.settings, "steps": steps}
    return normalised(document), graph.report


@dataclass(slots=True)
class _Reader:
    """Reads one process, innermost blocks first; `seen` catches a node that two branches would both hold.

    `taken` are the keys of the steps so far, `roles` those of the people; `outer` is the reader of the process around a
    sub-process. `depth` counts the branches around what is being read, `side_by_side` those of them that are parallel.
    """

    graph: Graph
    lang: str
    report: list[dict[str, str]]
    taken: set[str] = field(default_factory=set)
    roles: dict[str, str] = field(default_factory=dict)
    outer: "_Reader | None" = None
    seen: set[str] = field(default_factory=set)
    meets: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    depth: int = 0
    side_by_side: int = 0

    def steps(self) -> list[dict[str, Any]]:
        """The steps from the only beginning to the end."""
        without_our_rejections(self.graph)
        nodes = list(self.graph.nodes.values())
        begins = [node for node in nodes if not node.incoming]
        begin, *others = sorted(begins or nodes, key=lambda node: node.kind != "startEvent")
        if not begins:
            raise refuse(begin.element, self.lang, AGAIN)
        if others:
            raise refuse(others[0].element, self.lang, BEGINS)
        self._note_trigger(begin)
        self.meets = meetings(self.graph)
        steps = self._list(begin.id, EXIT)
        for node in nodes:
            if node.id not in self.seen:
                raise refuse(node.element, self.lang, BEGINS)
        return steps

    def _note_trigger(self, start: Node) -> None:
        if start.kind == "startEvent" and _events(start):
            self._tell(
                start, say(self.lang, "The process begins when the form is submitted; what began it here was left out.")
            )

    def _list(self, name: str, stop: str) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = []
        while name not in {stop, EXIT}:
            node = self.graph.nodes[name]
            if name in self.seen and node.kind != "endEvent":
                raise refuse(node.element, self.lang, AGAIN)
            self.seen.add(name)
            steps += self._of_node(node)
            name = self._split(node, steps, stop) if is_split(node) else self._only_way(node)
            steps += node.behind
            if name == EXIT and stop != EXIT:
                self._ends_early(node, steps)
        return steps

    def _ends_early(self, node: Node, steps: list[dict[str, Any]]) -> None:
        """A way that ends where others go on ends the request, which it must not do beside parallel ones."""
        if node.ours is not None or (steps and steps[-1]["type"] == "end"):
            return
        if self.side_by_side or self.outer is not None:
            raise refuse(node.element, self.lang, ENDS_ONE)
        steps.append({"id": key_from("end", self.taken, "end"), "type": "end"})

    def _only_way(self, node: Node) -> str:
        """The node that comes next, or EXIT. Nothing but a split asks a condition."""
        if not node.outgoing:
            return EXIT
        if node.outgoing[0].condition and node.drawn_as is None:
            left_out = "The condition “{text}” of the only way on was left out."
            self._tell(node, say(self.lang, left_out, text=node.outgoing[0].condition))
        return node.outgoing[0].target

    def _split(self, node: Node, steps: list[dict[str, Any]], stop: str) -> str:
        """Read what lies between a split and where its ways meet; gives the node to go on from.

        Ways that never meet run to where the list around them stops, or end before.
        """
        own = self.meets[node.id]
        meeting = stop if own == EXIT else own
        step = self._branching(node, meeting)
        self.depth += 1
        if self.depth > LIMITS.step_depth and node.ours is None:
            raise refuse(node.element, self.lang, NESTED, limit=LIMITS.step_depth)
        self.side_by_side += step["type"] == "parallel"
        for branch, flow in zip(step["branches"], self._in_order(node), strict=True):
            branch["steps"] = self._list(flow.target, meeting)
        self.side_by_side -= step["type"] == "parallel"
        self.depth -= 1
        steps.append(step)
        join = self.graph.nodes.get(own)
        if join is not None and join.drawn_as != "join" and _another_kind(step, join):
            raise refuse(join.element, self.lang, OTHER_KIND)
        return meeting

    def _in_order(self, node: Node) -> list[Flow]:
        def place(flow: Flow) -> tuple[bool, int]:
            number = (flow.drawn or {}).get("number")
            return flow.id == node.default, number if isinstance(number, int) else 0

        return sorted(node.outgoing, key=place)

    def _branching(self, node: Node, meeting: str) -> dict[str, Any]:
        flows = self._in_order(node)
        if node.ours is not None:
            self.taken.add(str(node.ours.get("id")))
            return {
                **node.ours,
                "branches": [
                    {key: value for key, value in (flow.drawn or {}).items() if key != "number"} for flow in flows
                ],
            }
        parallel = node.kind == "parallelGateway" or (
            node.kind not in JOINS and not any(flow.condition for flow in flows)
        )
        if node.kind == "complexGateway":
            raise refuse(node.element, self.lang)
        step: dict[str, Any] = {
            "id": key_from(node.name, self.taken, "split"),
            "type": "parallel" if parallel else "branch",
        }
        if node.name:
            step["title"] = node.name
        if parallel:
            return step | {"branches": [{"title": flow.name} if flow.name else {} for flow in flows]}
        if node.kind != "exclusiveGateway":
            step["mode"] = "inclusive"
        return step | {"branches": [self._way(node, flow, last=flow is flows[-1]) for flow in flows]}

    def _way(self, node: Node, flow: Flow, *, last: bool) -> dict[str, Any]:
        """A branch with its condition; one that cannot be read never holds until an admin writes it."""
        title = {"title": flow.name} if flow.name else {}
        if flow.id == node.default or (last and not flow.condition and node.default is None):
            return {**title, "otherwise": True}
        if flow.condition:
            try:
                return {**title, "when": formula.parse(flow.condition)}
            except FormloomError:
                pass
        said = flow.condition or flow.name or self.graph.nodes[flow.target].name or flow.id
        self._tell(
            node,
            say(
                self.lang,
                "The condition “{text}” can't be read: write it in the branch, which is never taken until then.",
                text=said,
            ),
        )
        return {**title, "when": False}

    def _of_node(self, node: Node) -> list[dict[str, Any]]:
        if node.ours is not None and "type" in node.ours:
            if node.ours["type"] in {"branch", "parallel"}:
                return []
            self.taken.add(str(node.ours.get("id")))
            return [node.ours]
        match node.kind:
            case "startEvent" | "exclusiveGateway" | "inclusiveGateway" | "parallelGateway" | "complexGateway":
                return []
            case "endEvent":
                return self._end(node)
            case "subProcess" if node.inner is not None:
                return self._inner(node, node.inner)
            case "intermediateCatchEvent":
                return [self._wait(node)]
            case "callActivity":
                self._tell(node, say(self.lang, "Choose the form whose workflow is called here."))
                return [self._person_step(node)]
            case "sendTask" | "intermediateThrowEvent":
                return [self._notify(node)]
            case _:
                return [self._person_step(node)]

    def _inner(self, node: Node, graph: Graph) -> list[dict[str, Any]]:
        """The steps of a sub-process, one after the other with those around it."""
        if not graph.nodes:
            raise refuse(node.element, self.lang)
        inner = _Reader(graph, self.lang, self.report, self.taken, self.roles, outer=self, depth=self.depth)
        return inner.steps()

    def _end(self, node: Node) -> list[dict[str, Any]]:
        """An end with a name of its own is an outcome, unless it ends only a sub-process or one of parallel branches."""
        events = _events(node)
        if node.drawn_as is None and events and events[0] in {"messageEventDefinition", "signalEventDefinition"}:
            self._tell(node, say(self.lang, "The message that is sent at the end was left out."))
            events = []
        if events and self.outer is not None:
            raise refuse(node.element, self.lang)
        names = {end.name for end in self.graph.nodes.values() if end.kind == "endEvent" and end.drawn_as is None}
        named = node.name and len(names) > 1 and not self.side_by_side and self.outer is None
        if node.drawn_as or not (events or named):
            return []
        key = key_from(node.name, self.taken, "end")
        step = {"id": key, "type": "end", "outcome": self.outcomes.setdefault(node.id, key)}
        return [step | ({"title": node.name} if node.name else {})]

    def _wait(self, node: Node) -> dict[str, Any]:
        timer = node.element.find(tag("timerEventDefinition"))
        length = (timer.findtext(tag("timeDuration")) or "").strip() if timer is not None else ""
        try:
            duration(length)
        except ValueError:
            raise refuse(node.element, self.lang) from None
        return self._named(node, "wait") | {"for": length}

    def _notify(self, node: Node) -> dict[str, Any]:
        self._tell(
            node,
            say(
                self.lang,
                "A message to somebody outside becomes a notice to the person who started the request: choose who is told.",
            ),
        )
        return self._named(node, "notify") | {"to": [{"initiator": True}]}

    def _person_step(self, node: Node) -> dict[str, Any]:
        """A task somebody does. What a program did is done, until an admin says otherwise, by a person."""
        if node.kind in {"serviceTask", "scriptTask", "businessRuleTask"}:
            self._tell(node, say(self.lang, "A program did this: here a person does it until you choose an action."))
        step = self._named(node, "fill")
        if node.who is None:
            self._tell(
                node, say(self.lang, "Nobody is named for this step: it goes to the person who started the request.")
            )
            return step | {"assignees": [{"initiator": True}]}
        role = self.roles.get(node.who) or key_from(node.who, set(self.roles.values()), "role")
        self.roles[node.who] = role
        self._tell(
            node,
            say(
                self.lang,
                "“{who}” becomes the role “{role}”: make it, or choose who does this step.",
                who=node.who,
                role=role,
            ),
        )
        return step | {"assignees": [{"role": role}]}

    def _named(self, node: Node, kind: str) -> dict[str, Any]:
        step: Mapping[str, Any] = {"id": key_from(node.name, self.taken, "step"), "type": kind}
        return {**step, "title": node.name} if node.name else dict(step)

    def _tell(self, node: Node, message: str) -> None:
        self.report.append({"source": f"{node.kind} {node.name or node.id}", "message": message})


def _events(node: Node) -> list[str]:
    """What an event waits for or does, by the names of its definitions."""
    return [local(child) for child in node.element if local(child).endswith("EventDefinition")]


def _another_kind(step: Mapping[str, Any], join: Node) -> bool:
    """Whether branches of this step can't meet in this node as the picture says: all of them, or the one that was taken."""
    if step["type"] == "parallel":
        return join.kind != "parallelGateway"
    return join.kind == "parallelGateway" and len(join.incoming) > 1


__all__ = ["DefinitionError", "from_bpmn"]
