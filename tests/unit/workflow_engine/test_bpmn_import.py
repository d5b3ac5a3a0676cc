"""BPMN of other tools: what its ways, ends, people and sub-processes become, and what is refused with the element named."""

import json
from typing import Any

import pytest
from processes import form

from formloom.form_engine.errors import DefinitionError
from formloom.workflow_engine.bpmn import from_bpmn
from formloom.workflow_engine.definition import check

Json = dict[str, Any]
HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">'


def drawn(*elements: str) -> str:
    """A process of these elements; `a>b` is a flow, `a>b?x` one with a condition, `kind:id:name` a node."""
    flows = 0
    parts = []
    for element in elements:
        if element.startswith("<"):
            parts.append(element)
        elif ">" in element:
            flows += 1
            source, _, rest = element.partition(">")
            target, _, condition = rest.partition("?")
            asked = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
            parts.append(
                f'<sequenceFlow id="f{flows}" sourceRef="{source}" targetRef="{target}">{asked}</sequenceFlow>'
            )
        else:
            kind, ident, name = (*element.split(":"), "")[:3]
            parts.append(f'<{kind} id="{ident}" name="{name}"/>')
    return "".join(parts)


def process(*elements: str) -> str:
    return f'{HEAD}<process id="p">{drawn(*elements)}</process></definitions>'


def opened(*elements: str) -> list[Json]:
    """The steps, which pass the check."""
    document, _ = from_bpmn(process(*elements))
    found = check({**document, "form": "request"}, forms={"request": form()}, directory=None)
    assert [finding for finding in found if finding.severity == "error"] == []
    steps: list[Json] = document["steps"]
    return steps


def ids(steps: list[Json]) -> list[Any]:
    """Ids and, for branches, the ids inside."""
    return [
        (step["id"], *(ids(branch["steps"]) for branch in step["branches"])) if "branches" in step else step["id"]
        for step in steps
    ]


def roles(*elements: str) -> list[Any]:
    return [step["assignees"][0].get("role") for step in opened(*elements)]


CHOICE = ("exclusiveGateway:x", "x>a?amount &gt; 5", "x>b")
AGAIN, BEGINS = "leads back or into another branch", "not reached from the one beginning"
EARLY = (
    "startEvent:s",
    "s>x",
    *CHOICE,
    "task:a:A",
    "exclusiveGateway:b",
    "b>c?amount &lt; 1",
    "b>d",
    "task:c:C",
    "task:d:D",
)


def test_a_way_may_end_early_inside_an_outer_choice() -> None:
    joined = (
        "exclusiveGateway:j",
        "a>j",
        "d>j",
        "c>no",
        "endEvent:no:Refused",
        "task:z:Z",
        "j>z",
        "z>yes",
        "endEvent:yes:Done",
    )
    steps = opened(*EARLY, *joined)
    assert ids(steps) == [("split", ["a"], [("split_2", ["c", "refused"], ["d"])]), "z", "done"]


def test_an_end_that_several_ways_lead_to_is_one_outcome() -> None:
    steps = opened(*EARLY, "a>no", "c>no", "endEvent:no:Refused", "d>yes", "endEvent:yes:Done")
    found = json.dumps(steps)
    assert found.count('"outcome": "refused"') == 2
    assert found.count('"outcome": "done"') == 1


def test_ends_of_parallel_ways_end_only_those() -> None:
    steps = opened("startEvent:s", "parallelGateway:x", "s>x", "x>a", "x>b", "task:a:A", "task:b:B", "a>e1", "b>e2", "endEvent:e1:Sent", "endEvent:e2:Paid")  # fmt: skip
    assert ids(steps) == [("split", ["a"], ["b"])]


def test_the_ends_of_a_sub_process_end_only_that() -> None:
    inside = drawn("startEvent:s2", "s2>x", *CHOICE, "task:a:A", "task:b:B", "a>e1", "b>e2", "endEvent:e1:Good", "endEvent:e2:Bad")  # fmt: skip
    sub = f'<subProcess id="sub" name="Look">{inside}</subProcess>'
    assert ids(opened("startEvent:s", sub, "task:z:Z", "s>sub", "sub>z")) == [("split", ["a"], ["b"]), "z"]


def test_a_process_may_begin_without_a_start_event() -> None:
    assert ids(opened("task:a:A", "task:b:B", "a>b")) == ["a", "b"]


def test_every_lane_becomes_a_role_of_its_own() -> None:
    lanes = '<laneSet><lane name="财务"><flowNodeRef>a</flowNodeRef><flowNodeRef>c</flowNodeRef></lane><lane name="人事"><flowNodeRef>b</flowNodeRef></lane></laneSet>'
    assert roles(lanes, "task:a", "task:b", "task:c", "a>b", "b>c") == ["role", "role_2", "role"]


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ('<userTask id="a" camunda:candidateGroups="finance"/>', "finance"),
        ('<userTask id="a" camunda:assignee="${initiator}"/>', None),
        (
            '<userTask id="a"><potentialOwner><resourceAssignmentExpression><formalExpression> accountancy </formalExpression></resourceAssignmentExpression></potentialOwner></userTask>',
            "accountancy",
        ),
    ],
)
def test_who_is_named_as_engines_write_it(written: str, role: str | None) -> None:
    assert roles("startEvent:s", written, "s>a") == [role]


def test_a_condition_on_the_only_way_is_reported() -> None:
    _, report = from_bpmn(process("startEvent:s", "task:a:A", "s>a?amount &gt; 5"))
    assert report[0] == {
        "source": "startEvent s",
        "message": "The condition “amount > 5” of the only way on was left out.",
    }


def test_a_long_name_is_cut_to_what_a_title_may_have() -> None:
    [step] = opened(f"task:a:{'x' * 1000}")
    assert len(step["title"]) == 400


NESTED = [
    part
    for n in range(20)
    for part in (
        f"exclusiveGateway:g{n}",
        f"g{n}>t{n}?amount &gt; 1",
        f"g{n}>g{n + 1}",
        f"task:t{n}",
        f"t{n}>j{n}",
        f"exclusiveGateway:j{n}",
        f"j{n + 1}>j{n}",
    )
]


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        (["startEvent:s", "task:a:A", "task:b:B", "s>a", "a>b", "b>a"], r"task “A” \(a\).*" + AGAIN),
        (["task:a:A", "task:b:B", "a>b", "b>a"], r"task “A” \(a\).*" + AGAIN),
        (["startEvent:s", "endEvent:e", "s>e", "task:a:A", "task:b:B", "a>b", "b>a"], r"task “A” \(a\).*" + BEGINS),
        (["startEvent:s", "task:a:A", "s>a", "task:lonely"], r"task \(lonely\).*" + BEGINS),
        (["task:a", "task:a:Again", "a>a"], r"task “Again” \(a\): another element has the same id"),
        (["startEvent:s", '<subProcess id="a" name="Later"/>', "s>a"], r"subProcess “Later” \(a\) has no counterpart"),
        (
            [
                "startEvent:s",
                "parallelGateway:x",
                "s>x",
                "x>a",
                "x>b",
                "task:a",
                "task:b",
                "a>j",
                "b>j",
                "exclusiveGateway:j",
            ],
            r"exclusiveGateway \(j\) joins branches",
        ),
        (
            [
                "startEvent:s",
                "parallelGateway:p",
                "s>p",
                "p>x",
                "p>c",
                "task:c",
                *CHOICE,
                "task:a",
                "a>j",
                "endEvent:b:No",
                "c>j",
                "parallelGateway:j",
            ],
            r"endEvent “No” \(b\) ends while other ways go on",
        ),
        (
            [*NESTED, "task:g20", "exclusiveGateway:j20", "g20>j20"],
            r"exclusiveGateway \(g8\) is nested more than 8 deep",
        ),
        (
            [
                '<intermediateCatchEvent id="w" name="Wait"><timerEventDefinition><timeDuration>5 days</timeDuration></timerEventDefinition></intermediateCatchEvent>'
            ],
            r"“Wait” \(w\) has no counterpart",
        ),
    ],
)
def test_what_can_not_be_said_is_refused_by_name_and_reason(elements: list[str], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        from_bpmn(process(*elements))
