"""What one decision costs in workflows of 10 and of 1,000 steps."""

from collections.abc import Callable, Iterator
from typing import Any

from bench.process import FORM, NOW, PEOPLE
from bench.rows import Row, per_second


def decision(steps: int) -> Callable[[], Any]:
    """A function that decides the first task of a workflow of so many steps."""
    from formloom.form_engine import definition
    from formloom.workflow_engine import definition as workflows
    from formloom.workflow_engine.commands import Decide, Start
    from formloom.workflow_engine.directory import PeopleDirectory
    from formloom.workflow_engine.engine import Context, apply

    document = {
        "form": "request",
        "steps": [{"id": f"s{n}", "type": "approval", "assignees": [{"member": "li"}]} for n in range(steps)],
    }
    workflow = workflows.load(document, definition.load(FORM))
    context = Context(now=NOW, directory=PeopleDirectory.from_json(PEOPLE), record={"amount": 1})
    state = apply(workflow, None, Start("amy"), context).state
    task = state.open_tasks[0].id
    return lambda: apply(workflow, state, Decide("li", task, "approve"), context)


def run() -> Iterator[Row]:
    few, many = per_second(decision(10), decision(1_000))
    yield Row(
        "one decision, in a workflow of 1,000 steps",
        f"{many:,.0f}/s",
        f"of 10 steps {few:,.0f}/s",
        f"{many / few:.2f}",
        "about 1 (flat)",
    )
