"""What was missed once: reminders that never come, columns that nobody fills in, automations that start each other."""

from collections.abc import Iterator
from typing import Any

import pytest

from formloom.form_engine import definition
from formloom.workflow_engine import automation

NUMBER = {"type": "number"}


def _on(form: str, key: str, on: dict[str, Any], *do: dict[str, Any], **more: Any) -> automation.Automation:
    return automation.load(key, {"form": form, "on": on, "do": list(do), **more}, _form(form))


def _form(key: str) -> Any:
    return definition.load({"$id": key, "type": "object", "properties": {"x": NUMBER, "y": NUMBER}})


def _create(form: str) -> dict[str, Any]:
    return {"createRecord": {"form": form, "set": {"x": 1}}}


def _update(form: str, field: str) -> dict[str, Any]:
    return {"updateRecord": {"form": form, "where": {"x": 1}, "set": {field: 1}}}


def _own(field: str) -> dict[str, Any]:
    return {"updateRecord": {"set": {field: 1}}}


def _started_by(*pairs: Any) -> Iterator[tuple[str, Any]]:
    for number, (form, on, do, *more) in enumerate(pairs):
        key = f"{form}{number}"
        yield key, _on(form, key, on, *do, **(more[0] if more else {}))


OFF = {"enabled": False}
LOOPS: dict[str, tuple[list[Any], list[tuple[str, ...]]]] = {
    "by the second update": (
        [
            ("a", {"updated": ["y"]}, [_update("b", "x"), _update("b", "y")]),
            ("b", {"updated": ["y"]}, [_update("a", "y")]),
        ],
        [("a0", "b1")],
    ),
    "by a record that is made after an update": (
        [("a", {"created": True}, [_update("b", "x"), _create("b")]), ("b", {"created": True}, [_create("a")])],
        [("a0", "b1")],
    ),
    "by an update of its own record after one of another": (
        [("a", {"updated": ["x"]}, [_update("b", "x"), _own("y")]), ("a", {"updated": ["y"]}, [_own("x")])],
        [("a0", "a1")],
    ),
    "other fields": (
        [("a", {"updated": ["y"]}, [_update("b", "x")]), ("b", {"updated": ["y"]}, [_update("a", "y")])],
        [],
    ),
    "what is made is not changed": (
        [("a", {"updated": True}, [_create("b")]), ("b", {"updated": True}, [_create("a")])],
        [],
    ),
    "an own update is one of the own form": (
        [("a", {"updated": True}, [_own("x")]), ("b", {"updated": True}, [_update("a", "x")])],
        [],
    ),
    "one that is off": (
        [("a", {"created": True}, [_create("b")]), ("b", {"created": True}, [_create("a")], OFF)],
        [],
    ),
    "one that starts itself is told by its check": ([("a", {"created": True}, [_create("a")])], []),
}


@pytest.mark.parametrize(("pairs", "expected"), LOOPS.values(), ids=LOOPS.keys())
def test_automations_that_start_each_other(pairs: list[Any], expected: list[tuple[str, ...]]) -> None:
    assert list(automation.loops(dict(_started_by(*pairs)))) == expected


@pytest.mark.parametrize(
    ("on", "do", "more", "told"),
    [
        ({"created": True}, _create("a"), {}, True),
        ({"created": True}, _create("b"), {}, False),
        ({"updated": True}, _create("a"), {}, False),
        ({"created": True}, _create("a"), OFF, False),
        ({"updated": ["x"]}, _update("a", "x"), {}, True),
        ({"updated": ["y"]}, _update("a", "x"), {}, False),
        ({"updated": ["x"]}, _update("b", "x"), {}, False),
        ({"updated": True}, _own("x"), {}, True),
        ({"updated": True}, _own("x"), OFF, False),
    ],
)
def test_an_automation_that_starts_itself(on: dict[str, Any], do: dict[str, Any], more: Any, told: bool) -> None:
    document = {"form": "a", "on": on, "do": [do], **more}
    found = automation.check(document, forms={"a": _form("a"), "b": _form("b")})
    assert [(one.pointer, one.severity) for one in found] == ([("/do/0", "warning")] if told else [])
