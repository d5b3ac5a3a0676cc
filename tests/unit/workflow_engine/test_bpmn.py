"""BPMN: what goes out is BPMN that other tools read, and comes back as it was; what cannot come in is refused by name."""

import copy
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import SpiffWorkflow
from hypothesis import given
from lxml import etree
from processes import approval, workflow
from random_workflows import workflows
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser

from formloom.form_engine import definition
from formloom.form_engine.errors import DefinitionError
from formloom.workflow_engine.bpmn import from_bpmn, to_bpmn
from formloom.workflow_engine.definition import check

VECTORS = Path(__file__).parents[2] / "vectors"
CASES = json.loads((VECTORS / "proof" / "cases.json").read_text(encoding="utf-8"))
FORMS = {key: definition.load(document) for key, document in CASES["forms"].items()}
UNDRAWABLE = {"definition", "join"}
SOUND = [case for case in CASES["cases"] if not any(kind in UNDRAWABLE for _, kind in case["expect"])]


def reference(name: str) -> bytes:
    return (VECTORS / "bpmn" / f"{name}.bpmn").read_bytes()


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case["name"])
def test_what_is_exported_comes_back_as_it_was(case: dict[str, Any]) -> None:
    document = copy.deepcopy(case["workflow"])
    back, report = from_bpmn(to_bpmn(document, FORMS[case["form"]]))
    assert back == document
    assert report == []


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case["name"])
def test_every_box_and_line_is_drawn_once_and_lines_end_at_their_boxes(case: dict[str, Any]) -> None:
    root = ElementTree.fromstring(to_bpmn(case["workflow"], None))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    names = {re.sub(r".*}", "", element.tag): element for element in root.iter()}
    process = names["process"]
    nodes = {element.get("id") for element in process if "sequenceFlow" not in element.tag and element.get("id")}
    flows = {element.get("id"): element for element in process if "sequenceFlow" in element.tag}
    drawn = {element.get("bpmnElement") for element in root.iter() if element.tag.endswith(("BPMNShape", "BPMNEdge"))}
    assert drawn == nodes | set(flows)
    assert all(flow.get("sourceRef") in nodes and flow.get("targetRef") in nodes for flow in flows.values())


def boxes(text: str) -> list[tuple[float, float, float, float]]:
    bounds = [element for element in ElementTree.fromstring(text).iter() if element.tag.endswith("Bounds")]
    return [tuple(float(element.get(name) or 0) for name in ("x", "y", "width", "height")) for element in bounds]  # type: ignore[misc]


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case["name"])
def test_no_box_lies_on_another(case: dict[str, Any]) -> None:
    placed = boxes(to_bpmn(case["workflow"], None))
    for number, (x, y, width, height) in enumerate(placed):
        for other_x, other_y, other_width, other_height in placed[:number]:
            apart = (
                x >= other_x + other_width
                or other_x >= x + width
                or y >= other_y + other_height
                or other_y >= y + height
            )
            assert apart


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case["name"])
def test_no_line_runs_through_a_box(case: dict[str, Any]) -> None:
    text = to_bpmn(case["workflow"], None)
    placed = boxes(text)
    for edge in (element for element in ElementTree.fromstring(text).iter() if element.tag.endswith("BPMNEdge")):
        points = [(float(point.get("x") or 0), float(point.get("y") or 0)) for point in edge if point.get("x")]
        for (from_x, from_y), (to_x, to_y) in pairwise(points):
            assert (from_x, from_y) != (to_x, to_y)
            for x, y, width, height in placed:
                beside = max(from_x, to_x) <= x or min(from_x, to_x) >= x + width
                assert beside or max(from_y, to_y) <= y or min(from_y, to_y) >= y + height


def test_texts_may_hold_what_xml_may_not(of_the_omg: etree.XMLSchema) -> None:
    steps = [{"id": "a", "type": "fill", "title": '<b>"\x01审批\ufffe" & 😀</b>', "assignees": [{"initiator": True}]}]
    text = to_bpmn({"steps": steps})
    of_the_omg.assertValid(etree.fromstring(text.encode()))
    assert 'name="&lt;b&gt;&quot;审批&quot; &amp; 😀&lt;/b&gt;"' in text
    assert from_bpmn(text)[0]["steps"] == steps


@pytest.fixture(scope="module")
def of_the_omg() -> etree.XMLSchema:
    """The OMG's own schema of BPMN 2.0, as SpiffWorkflow brings it along."""
    return etree.XMLSchema(etree.parse(str(Path(SpiffWorkflow.__file__).parent / "bpmn/parser/schema/BPMN20.xsd")))


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case["name"])
def test_the_export_keeps_to_the_schema_of_the_omg(case: dict[str, Any], of_the_omg: etree.XMLSchema) -> None:
    of_the_omg.assertValid(etree.fromstring(to_bpmn(case["workflow"], FORMS[case["form"]]).encode()))


@given(workflows)
def test_any_workflow_keeps_to_the_schema_and_comes_back(of_the_omg: etree.XMLSchema, document: Any) -> None:
    text = to_bpmn(document)
    of_the_omg.assertValid(etree.fromstring(text.encode()))
    back, report = from_bpmn(text)
    assert {key: value for key, value in back.items() if key != "$schema"} == document
    assert report == []


@pytest.mark.parametrize(
    ("wait", "sign", "text"),
    [
        ({"for": "P2D"}, "timerEventDefinition", "P2D"),
        ({"until": {"field": "begins"}}, "timerEventDefinition", '{"field": "begins"}'),
        ({"until": {"changed": ["amount", "kind"]}}, "conditionalEventDefinition", "changed: amount, kind"),
        ({"until": {"when": {">": [{"var": "amount"}, 5]}}}, "conditionalEventDefinition", "amount > 5"),
    ],
)
def test_a_wait_has_the_sign_of_what_it_waits_for(
    wait: Any, sign: str, text: str, of_the_omg: etree.XMLSchema, tmp_path: Path
) -> None:
    steps = [{"id": "w", "type": "wait", **wait}]
    written = to_bpmn({"steps": steps})
    root = etree.fromstring(written.encode())
    of_the_omg.assertValid(root)
    [event] = root.findall(f".//{{*}}intermediateCatchEvent/{{*}}{sign}")
    assert [part.text for part in event] == [text]
    assert from_bpmn(written)[0]["steps"] == steps
    (tmp_path / "wait.bpmn").write_text(written, encoding="utf-8")
    parser = BpmnParser()
    parser.add_bpmn_file(str(tmp_path / "wait.bpmn"))
    assert "step_w" in parser.get_spec("process").task_specs


def test_another_engine_reads_the_export(tmp_path: Path) -> None:
    supported = [case for case in SOUND if '"join": ' not in json.dumps(case["workflow"])]
    assert len(supported) > 40
    for number, case in enumerate(supported):
        file = tmp_path / f"{number}.bpmn"
        file.write_text(to_bpmn(case["workflow"], FORMS[case["form"]]), encoding="utf-8")
        parser = BpmnParser()
        parser.add_bpmn_file(str(file))
        spec = parser.get_spec("process")
        tasks = [step["id"] for step in case["workflow"]["steps"] if step["type"] in {"approval", "fill"}]
        waiting = [step for step in tasks if f'id="step_{step}"' in file.read_text(encoding="utf-8")]
        assert all(f"step_{step}" in spec.task_specs for step in waiting)


def test_a_sequence_of_tasks_opens() -> None:
    document, report = from_bpmn(reference("A.1.0"))
    assert [step["title"] for step in document["steps"]] == ["Task 1", "Task 2", "Task 3"]
    assert {step["type"] for step in document["steps"]} == {"fill"}
    assert len(report) == 3


def test_a_choice_opens_with_its_branches() -> None:
    document, report = from_bpmn(reference("A.2.0"))
    first, split = document["steps"]
    assert first["title"] == "Task 1"
    assert split["type"] == "branch"
    assert sorted(branch["steps"][0]["title"] for branch in split["branches"]) == ["Task 2", "Task 3", "Task 4"]
    assert split["branches"][-1]["otherwise"] is True
    assert any("The condition “Task 3” can't be read" in line["message"] for line in report)


@pytest.mark.parametrize("name", ["A.1.0", "A.2.0"])
def test_what_opens_passes_the_check(name: str) -> None:
    document, _ = from_bpmn(reference(name))
    assert check({**document, "form": "spend"}, forms=FORMS, directory=None) == []


@pytest.mark.parametrize(
    ("name", "element"), [("A.3.0", "boundaryEvent"), ("A.4.0", "process"), ("B.1.0", ""), ("C.1.0", "")]
)
def test_what_is_not_block_structured_is_refused_by_name(name: str, element: str) -> None:
    with pytest.raises(DefinitionError, match=element + r".*\(.+\) has no counterpart"):
        from_bpmn(reference(name))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no xml",
        "<a/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><definitions>&b;</definitions>",
        "<definitions/>",
        "\0",
        "{}",
    ],
)
def test_what_is_no_bpmn_is_answered_with_one_sentence(text: str) -> None:
    with pytest.raises(DefinitionError):
        from_bpmn(text)


def test_people_come_back_in_their_one_spelling() -> None:
    asked = {"managerOf": {"var": "owner"}}
    document, report = from_bpmn(to_bpmn(workflow(approval("a", asked))))
    assert (document["steps"][0]["assignees"], report) == ([{"managerOf": {"field": "owner"}}], [])
