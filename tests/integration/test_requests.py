"""What the page of a request is told: path, open tasks, what the caller may do, what changed, what is waited for."""

import pytest
from builders import World, form
from office import APPROVALS, purchases

from formloom.platform.errors import NotFound
from formloom.platform.services import accounts, inbox, notifications, processes, records, requests, search


def submit(world: World, **values: object) -> str:
    saved = records.create_record(world.caller("amy"), "purchase", {"subject": "Laptops", "amount": 8000} | values)
    assert saved.process_id
    return saved.process_id


def decide(world: World, by: str, action: str = "approve", **more: object) -> None:
    (row,) = inbox.todo(world.caller(by)).rows
    processes.decide(world.caller(by), row.task_id or "", action, **more)  # type: ignore[arg-type]


def test_the_path_says_what_was_done_what_is_open_and_what_lies_ahead(world: World) -> None:
    purchases(world)
    process = submit(world)
    decide(world, "li", comment="Good price.")
    view = requests.request(world.caller("amy"), process)
    assert [(step.step, step.result) for step in view.path] == [
        ("manager", "approved"),
        ("size", "open"),
        ("finance", "open"),
        ("pay", "ahead"),
        ("tell", "ahead"),
    ]
    assert view.path[0].comment == "Good price."
    assert view.path[2].people == ("li",)
    assert (view.status, view.initiator, view.form) == ("running", "Amy Chen", "Purchase")


def test_who_has_a_task_is_told_what_the_step_offers(world: World) -> None:
    purchases(world)
    process = submit(world)
    view = requests.request(world.caller("li"), process)
    (mine,) = view.mine
    assert mine.actions[:3] == ("approve", "reject", "return")
    assert mine.targets == (("initiator", None),)
    assert mine.access["*"] == "read"
    assert not view.can_withdraw
    assert not view.can_urge
    assert requests.process_of(mine.task.id) == process


def test_the_initiator_may_withdraw_and_urge_and_has_no_task(world: World) -> None:
    purchases(world)
    view = requests.request(world.caller("amy"), submit(world))
    assert (view.can_withdraw, view.can_urge, view.can_resubmit, view.can_help) == (True, True, False, False)
    assert view.mine == ()
    assert [task.member for task in view.open_tasks] == ["李雷"]


def test_what_changed_since_the_last_round_is_told_with_both_values(world: World) -> None:
    purchases(world)
    process = submit(world)
    assert requests.request(world.caller("li"), process).changes == ()
    decide(world, "li", "return", target="initiator", comment="Fewer.")
    back = requests.request(world.caller("amy"), process)
    assert (back.status, back.can_resubmit) == ("returned", True)
    processes.resubmit(world.caller("amy"), process, {"amount": 4000})
    (change,) = requests.request(world.caller("li"), process).changes
    assert (change.label, change.before, change.after) == ("Amount", "8,000.00 CNY", "4,000.00 CNY")


def test_titles_are_in_the_readers_language(world: World) -> None:
    purchases(world)
    process = submit(world)
    accounts.update_profile(world.caller("li"), name="李雷", language="zh_Hans", zone="Asia/Shanghai", theme="auto")
    view = requests.request(world.caller("li"), process)
    assert (view.form, view.mine[0].task.step) == ("采购", "上级审批")


def test_a_record_is_called_what_its_title_says_in_the_readers_language(world: World) -> None:
    kind = {"type": "string", "title": "Kind", "oneOf": [{"const": "money", "title": "Money"}]}
    reward = form(
        "reward", {"kind": kind}, title="{kind} for all", translations={"zh_Hans": {"": "奖励", "kind/money": "奖金"}}
    )
    approval = {"form": "reward", "steps": [{"id": "one", "type": "approval", "assignees": [{"member": "li"}]}]}
    world.app(forms=[reward], workflows={"reward": approval})
    accounts.update_profile(world.caller("li"), name="李雷", language="zh_Hans", zone="Asia/Shanghai", theme="auto")
    saved = records.create_record(world.caller("amy"), "reward", {"kind": "money"})
    li = world.caller("li")
    assert saved.process_id
    titles = (
        inbox.todo(li).rows[0].title,
        requests.request(li, saved.process_id).title,
        records.record(li, "reward", saved.id).row.title,
        records.records(li, "reward").rows[0].title,
        notifications.notifications(li).rows[0].data["title"],
        search.search(li, "money").records[0].title,
    )
    assert set(titles) == {"奖金 for all"}
    assert records.record(world.caller("amy"), "reward", saved.id).row.title == "Money for all"


def test_a_waiting_request_says_what_for_since_when_and_who_can_move_it(world: World) -> None:
    steps = [{"id": "one", "type": "approval", "assignees": [{"field": "buyer"}], "whenEmpty": "block"}]
    purchases(world, {"form": "purchase", "steps": steps})
    process = submit(world)
    (waiting,) = requests.request(world.admin, process).waiting
    assert (waiting.blocked, waiting.who, waiting.step) == (True, ("root",), "one")
    assert requests.request(world.admin, process).can_help


def test_why_a_branch_was_taken_is_not_told_to_whom_its_field_is_hidden(world: World) -> None:
    hidden = {"*": "read", "amount": "hidden"}
    steps = [dict(step, fields=hidden) if step["id"] == "pay" else step for step in APPROVALS["steps"]]
    steps = [dict(step, assignees=[{"member": "bob"}]) if step["id"] == "pay" else step for step in steps]
    purchases(world, {"form": "purchase", "steps": steps})
    process = submit(world, amount=100)
    decide(world, "li")

    def because(who: str) -> str:
        return next(step.because for step in requests.request(world.caller(who), process).path if step.step == "size")

    assert "100" in because("amy")
    assert because("bob") == ""


def test_a_request_is_seen_by_those_who_see_its_record_only(world: World) -> None:
    purchases(world)
    process = submit(world)
    for who in ("amy", "li", "root"):
        assert requests.request(world.caller(who), process).process_id == process
    with pytest.raises(NotFound):
        requests.request(world.caller("bob"), process)
    with pytest.raises(NotFound):
        requests.request(world.admin, "nothing")
