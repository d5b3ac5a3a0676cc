"""The proof of a workflow for a company of very many people: what is the same for nearly all of them is worked out once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from formloom.form_engine import definition
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.proof import prove
from formloom.workflow_engine.proof.cases import Case
from formloom.workflow_engine.proof.finding_people import Cases

FORM = definition.load(
    {
        "$schema": "https://formloom.dev/schema/form/v1",
        "$id": "request",
        "title": "Request",
        "type": "object",
        "properties": {"amount": {"type": "number"}},
    }
)
WORKFLOW: dict[str, Any] = {
    "$schema": "https://formloom.dev/schema/workflow/v1",
    "form": "request",
    "settings": {"ownRequest": "skip"},
    "steps": [
        {"id": "first", "type": "approval", "assignees": [{"role": "finance"}]},
        {"id": "second", "type": "approval", "assignees": [{"member": "m7"}], "whenEmpty": "skip"},
    ],
}


def _company(size: int) -> PeopleDirectory:
    members = [
        {"id": f"m{n}", "name": f"M {n}", "department": "all", "roles": ["finance"] if n < 3 else []}
        for n in range(size)
    ]
    return PeopleDirectory.from_json(
        {
            "departments": [{"id": "all", "name": "All", "parent": None, "head": "m0"}],
            "roles": [{"id": "finance", "name": "Finance"}],
            "members": members,
        }
    )


def test_only_for_those_whom_a_step_may_find_it_matters_that_they_began(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out = list[tuple[str, str]]()
    plain = Cases._of_step

    def noted(self: Cases, step: Any, initiator: str) -> Iterator[Case]:
        worked_out.append((step.id, initiator))
        return plain(self, step, initiator)

    monkeypatch.setattr(Cases, "_of_step", noted)
    proof = prove(
        WORKFLOW, forms={"request": FORM}, directory=_company(500), now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    )
    assert {initiator for _, initiator in worked_out} <= {"", "m0", "m1", "m2", "m7"}
    skipped = [finding for finding in proof.findings if finding.kind == "skipped"]
    assert [(finding.step, (finding.example or {})["member"]) for finding in skipped] == [
        ("first", "m0"),
        ("second", "m7"),
    ]
