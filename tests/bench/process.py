"""One process, three engines: two human steps and an exclusive choice, the state as JSON between them.

The others' side of the engine benchmark stands in `spiff_process`; ours in `our_process`. Each gives the process from start
to end and says how large the state was between the human steps.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FORM = {
    "$id": "request",
    "title": "Request",
    "type": "object",
    "properties": {
        "amount": {"type": "number", "title": "Amount", "minimum": 0},
        "note": {"type": "string", "title": "Note"},
    },
    "required": ["amount"],
}
WORKFLOW = {
    "form": "request",
    "steps": [
        {"id": "first", "type": "approval", "assignees": [{"member": "li"}]},
        {
            "id": "size",
            "type": "branch",
            "branches": [
                {
                    "title": "Large",
                    "when": {">": [{"var": "amount"}, 5000]},
                    "steps": [{"id": "second", "type": "approval", "assignees": [{"member": "wang"}]}],
                },
                {"title": "Small", "otherwise": True, "steps": []},
            ],
        },
    ],
}
PEOPLE = {
    "departments": [],
    "roles": [],
    "members": [
        {"id": name, "name": name, "email": f"{name}@example.com", "roles": []} for name in ("amy", "li", "wang")
    ],
}


def our_process() -> Callable[[], int]:
    """A function that runs one instance in our engine: the state is serialised and restored once, between the human steps."""
    from formloom.form_engine import definition
    from formloom.workflow_engine import definition as workflows
    from formloom.workflow_engine.commands import Decide, Start
    from formloom.workflow_engine.directory import PeopleDirectory
    from formloom.workflow_engine.engine import Applied, Context, apply
    from formloom.workflow_engine.state import from_json

    workflow = workflows.load(WORKFLOW, definition.load(FORM))
    context = Context(now=NOW, directory=PeopleDirectory.from_json(PEOPLE), record={"amount": 6000, "note": "n"})

    def step(state: Any, command: Any) -> Any:
        result = apply(workflow, state, command, context)
        if not isinstance(result, Applied):
            raise AssertionError(result)
        return result.state

    def run() -> int:
        state = step(None, Start("amy"))
        state = step(state, Decide("li", state.open_tasks[0].id, "approve"))
        text = json.dumps(state.to_json())
        state = from_json(json.loads(text))
        state = step(state, Decide("wang", state.open_tasks[0].id, "approve"))
        if state.outcome != "approved":
            raise AssertionError(state)
        return len(text)

    return run


def spiff_process(folder: Any) -> Callable[[], int]:
    """The same in SpiffWorkflow: parsed once, serialised and restored between the human steps with its own serialiser."""
    from SpiffWorkflow.bpmn import BpmnWorkflow
    from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.util.task import TaskState

    file = folder / "request.bpmn"
    file.write_text(SPIFF_BPMN, encoding="utf-8")
    parser = BpmnParser()
    parser.add_bpmn_file(str(file))
    spec = parser.get_spec("request")
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())

    def ready(workflow: Any) -> Any:
        return next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)))

    def run() -> int:
        workflow = BpmnWorkflow(spec)
        workflow.data["amount"] = 6000
        workflow.get_next_task(state=TaskState.READY).data["amount"] = 6000
        workflow.do_engine_steps()
        ready(workflow).run()
        workflow.do_engine_steps()
        text = serializer.serialize_json(workflow)
        workflow = serializer.deserialize_json(text)
        ready(workflow).run()
        workflow.do_engine_steps()
        if not workflow.is_completed():
            raise AssertionError("the process did not end")
        return len(text)

    return run


SPIFF_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="bench">
  <process id="request" isExecutable="true">
    <startEvent id="start"><outgoing>f1</outgoing></startEvent>
    <sequenceFlow id="f1" sourceRef="start" targetRef="first"/>
    <userTask id="first"><incoming>f1</incoming><outgoing>f2</outgoing></userTask>
    <sequenceFlow id="f2" sourceRef="first" targetRef="size"/>
    <exclusiveGateway id="size" default="f4"><incoming>f2</incoming><outgoing>f3</outgoing><outgoing>f4</outgoing></exclusiveGateway>
    <sequenceFlow id="f3" sourceRef="size" targetRef="second"><conditionExpression xsi:type="tFormalExpression">amount &gt; 5000</conditionExpression></sequenceFlow>
    <sequenceFlow id="f4" sourceRef="size" targetRef="end"/>
    <userTask id="second"><incoming>f3</incoming><outgoing>f5</outgoing></userTask>
    <sequenceFlow id="f5" sourceRef="second" targetRef="end"/>
    <endEvent id="end"><incoming>f4</incoming><incoming>f5</incoming></endEvent>
  </process>
</definitions>
"""
