from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from formloom.form_engine.names import IDS
from formloom.web.paths import Stop, stops
from formloom.workflow_engine.path import PathStep
from formloom.workflow_engine.trail import Decision

AT = "2026-11-24T01:12:00Z"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    app = Flask("paths")
    Babel(app)
    with app.test_request_context():
        yield


def step(
    result: str, *people: str, kind: str = "approval", decisions: tuple[Decision, ...] = (), **more: object
) -> PathStep:
    return PathStep("s", "Manager approves", kind, result, people, "", AT, decisions=decisions, **more)  # type: ignore[arg-type]


def decided(member: str, action: str, comment: str | None = None) -> Decision:
    return Decision(AT, member, member, action, None, comment)


def only(*steps: PathStep, begun: bool = True) -> Stop:
    [stop] = stops(steps, IDS, begun=begun)
    return stop


def test_what_one_person_decided_is_told_of_them() -> None:
    stop = only(step("approved", "li", decisions=(decided("li", "approve"),), comment="Well done."))
    assert (stop.state, stop.title, stop.meta, stop.says, stop.sign) == (
        "is-done", "li approved", "Manager approves", "Well done.", "check",
    )  # fmt: skip


def test_what_several_decided_has_a_line_for_each_of_them() -> None:
    stop = only(
        step("approved", "li", "wang", "zhao", decisions=(decided("li", "approve"), decided("wang", "approve")))
    )
    assert stop.title == "Manager approves"
    assert [(one.name, one.words) for one in stop.people] == [
        ("li", "approved"), ("wang", "approved"), ("zhao", "not needed any more"),
    ]  # fmt: skip


def test_a_return_is_no_approval() -> None:
    stop = only(step("returned", "li", decisions=(decided("li", "return"),)))
    assert (stop.state, stop.title, stop.sign) == ("is-done is-back", "li returned it", "arrow-back-up")


def test_where_it_stands_says_who_has_it_and_until_when() -> None:
    stop = only(step("open", "li", "wang", decisions=(decided("li", "approve"),), due="2026-11-26T10:00:00Z"))
    assert stop.now
    assert [(one.name, one.words) for one in stop.people] == [("li", "approved"), ("wang", "waiting")]
    assert stop.due is not None
    assert stop.due.isoformat() == "2026-11-26T10:00:00+00:00"


def test_what_lies_ahead_names_who_will_have_it_three_at_most() -> None:
    stop = only(step("ahead", "a", "b", "c", "d"))
    assert (stop.state, stop.meta, stop.at) == ("is-later", "a, b, c and 1 more", None)


def test_branches_are_no_stops_of_their_own_unless_the_request_is_stuck_at_one() -> None:
    assert stops([step("done", kind="branch"), step("done", kind="parallel")], IDS) == []
    assert only(step("blocked", kind="branch")).sign == "alert-triangle"


def test_before_it_is_submitted_nobody_waits() -> None:
    stop = only(step("open", "li"), begun=False)
    assert (stop.state, stop.meta, stop.people) == ("is-now", "li", ())
    assert only(step("skipped"), begun=False).state == "is-later"
    [ahead] = stops([step("blocked", kind="branch")], IDS, begun=False)
    assert (ahead.state, ahead.title) == ("is-later", "How it goes on depends on what you fill in.")


def test_the_first_step_inside_a_branch_says_why_it_was_taken() -> None:
    size = PathStep("size", "Size", "branch", "open", (), "“Large”, because Amount 8,000 > 5,000.", AT)
    inside, after = step("open", "li", depth=1), step("ahead", "wang")
    assert [stop.because for stop in stops([size, inside, after], IDS)] == [size.because, ""]


def test_a_branch_without_steps_says_why_it_was_taken_in_a_line_of_its_own() -> None:
    small = PathStep("size", "Size", "branch", "done", (), "“Small”, because Amount 800 ≤ 5,000.", AT)
    assert [stop.state for stop in stops([small], IDS, begun=False)] == ["is-later"]
    inner = PathStep("kind", "Kind", "branch", "ahead", (), "“Gift”, because Kind = Gift.", None, depth=1)
    after = step("ahead", "wang")
    assert [(one.title, one.state) for one in stops([small, after], IDS)] == [
        (small.because, "is-done"),
        ("Manager approves", "is-later"),
    ]
    assert [one.title for one in stops([after, small], IDS)] == ["Manager approves", small.because]
    assert [one.title for one in stops([small, small], IDS)] == [small.because] * 2
    assert [one.title for one in stops([small, inner, after], IDS)] == [
        small.because,
        inner.because,
        "Manager approves",
    ]
    inside = step("open", "li", depth=1)
    assert [one.because for one in stops([small, inner, inside], IDS)] == ["", small.because]
