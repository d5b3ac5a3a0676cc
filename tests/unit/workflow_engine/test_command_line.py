"""`formloom workflow check` and `try`, as acceptance tests call them (formats.md section 6)."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from processes import FORM, PEOPLE, approval, at_least, branch, fill, member, notify, parallel, workflow

from formloom.platform.cli import main

LI, BOB, CAT = member("li"), member("bob"), member("cat")
AT = "2026-01-02T15:00:00+08:00"


class Files:
    """A folder with the files of one call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, value: Any) -> str:
        path = self.folder / name
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return str(path)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def call(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["workflow", *arguments], input=stdin)


def tried(
    files: Files,
    document: Any,
    record: Any,
    *decisions: str,
    by: str = "amy",
    at: str = AT,
    people: Any = PEOPLE,
    lang: str = "en",
) -> Result:
    return call(
        "try",
        *("--lang", lang),
        files.write("workflow.json", document),
        *("--form", files.write("form.json", FORM)),
        *("--directory", files.write("people.json", people)),
        *("--record", files.write("record.json", record)),
        *("--initiator", by, "--at", at, "--json"),
        *(part for decision in decisions for part in ("--decide", decision)),
    )


def run(files: Files, document: Any, record: Any = None, *decisions: str, **more: Any) -> dict[str, Any]:
    result = tried(files, document, record or {}, *decisions, **more)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    assert set(answer) == {"path", "outcome", "open"}
    for entry in answer["path"]:
        assert list(entry) == ["step", "type", "result", "assignees", "due", "took", "because"]
        assert entry["because"]
    return answer


def results(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(entry["step"], entry["result"]) for entry in answer["path"]]


def test_a_path_has_one_entry_for_each_visit(files: Files) -> None:
    document = workflow(
        approval("a", LI, due={"after": "P1D", "calendar": "business"}),
        branch("x", (at_least(100), []), (None, [fill("f", BOB)])),
        notify("n", CAT, {"initiator": True}),
    )
    assert run(files, document, {"amount": 5})["path"] == [
        {
            "step": "a",
            "type": "approval",
            "result": "approved",
            "assignees": ["li"],
            "due": "2026-01-05T15:00:00+08:00",
            "took": [],
            "because": "Li approved.",
        },
        {
            "step": "x",
            "type": "branch",
            "result": "done",
            "assignees": [],
            "due": None,
            "took": [1],
            "because": "Not “Branch 0”: Amount 5 < 100. “Branch 1”: nothing else holds.",
        },
        {
            "step": "f",
            "type": "fill",
            "result": "done",
            "assignees": ["bob"],
            "due": None,
            "took": [],
            "because": "Bob filled it in.",
        },
        {
            "step": "n",
            "type": "notify",
            "result": "done",
            "assignees": ["cat", "amy"],
            "due": None,
            "took": [],
            "because": "Told: Cat, Amy.",
        },
    ]


def test_given_decisions_are_made_in_their_order_each_as_soon_as_it_can_be(files: Files) -> None:
    document = workflow(approval("a", LI), approval("b", BOB, CAT, mode="all"))
    answer = run(files, document, None, "b=reject@cat", "a=return:initiator@li", "a=return@li")
    assert results(answer) == [("a", "returned"), ("a", "returned"), ("a", "approved"), ("b", "rejected")]
    assert answer["outcome"] == "rejected"


def test_a_later_open_step_waits_while_a_given_decision_can_be_made(files: Files) -> None:
    sides = parallel("p", [approval("a", LI)], [approval("b", BOB)], join="any")
    assert results(run(files, workflow(sides), None, "b=approve"))[1:] == [("a", "cancelled"), ("b", "approved")]


def test_without_a_member_it_is_the_first_who_may(files: Files) -> None:
    document = workflow(approval("a", {"role": "finance"}, mode={"count": 2}))
    assert run(files, document, None, "a=reject")["path"][0]["because"] == "Li rejected. Bob approved. Cat approved."


def test_a_decision_in_a_sequence_is_made_when_its_turn_comes(files: Files) -> None:
    document = workflow(approval("a", LI, BOB, mode="sequence"))
    answer = run(files, document, None, "a=reject@bob")
    assert answer["path"][0]["because"] == "Li approved. Bob rejected."


def test_a_decision_that_can_never_be_made_is_left_out_and_said(files: Files) -> None:
    result = tried(files, workflow(approval("a", LI)), {}, "a=approve@wang")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["outcome"] == "approved"


def test_a_transfer_and_its_new_holder(files: Files) -> None:
    document = workflow(approval("a", LI, actions=["approve", "transfer"]))
    (entry,) = run(files, document, None, "a=transfer:amy@li", "a=approve@amy")["path"]
    assert (entry["assignees"], entry["because"]) == (["li", "amy"], "Amy approved.")


def test_what_comes_back_is_submitted_again_unchanged(files: Files) -> None:
    document = workflow(approval("a", LI), settings={"resubmit": "fromReturningStep"})
    answer = run(files, document, {"amount": 1}, "a=return:initiator@li")
    assert results(answer) == [("a", "returned"), ("a", "approved")]


def test_an_inclusive_step_that_takes_nothing_is_done_with_no_branch(files: Files) -> None:
    (entry,) = run(files, workflow(branch("x", (at_least(1), []), mode="inclusive")))["path"]
    assert (entry["result"], entry["took"]) == ("done", [])


def test_a_parallel_step_takes_no_branches(files: Files) -> None:
    assert run(files, workflow(parallel("p", [], [])))["path"][0]["took"] == []


def test_an_outcome_is_null_exactly_while_something_is_open(files: Files) -> None:
    answer = run(files, workflow(branch("x", (at_least(1), []))))
    assert (answer["outcome"], answer["open"], results(answer)) == (None, ["x"], [("x", "blocked")])


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-01-02T15:00:00+08:00", "2026-01-05T15:00:00+08:00"),
        ("2026-01-02T15:00:00Z", "2026-01-05T15:00:00+00:00"),
        ("2026-01-02T15:00:00-05:00", "2026-01-05T15:00:00-05:00"),
        ("2026-01-02T15:00:00+05:30", "2026-01-05T15:00:00+05:30"),
        ("2026-01-02T15:00:00-03:30", "2026-01-05T15:00:00-03:30"),
        ("2026-07-03T15:00:00-02:30", "2026-07-06T15:00:00-02:30"),
        ("2026-01-02T15:00:00", "2026-01-05T15:00:00+00:00"),
    ],
)
def test_due_is_written_with_the_offset_of_at(files: Files, at: str, due: str) -> None:
    document = workflow(approval("a", LI, due={"after": "P1D", "calendar": "business"}))
    assert run(files, document, at=at)["path"][0]["due"] == due


def test_today_is_reckoned_in_the_zone_of_at(files: Files) -> None:
    today = {"==": [{"var": "begins"}, {"today": []}]}
    document = workflow(branch("x", (today, []), (None, [])))
    record = {"begins": "2026-01-03"}
    assert run(files, document, record, at="2026-01-03T01:00:00+08:00")["path"][0]["took"] == [0]
    assert run(files, document, record, at="2026-01-02T17:00:00+00:00")["path"][0]["took"] == [1]


def test_what_check_finds_beside_definition_errors_does_not_stop_a_try(files: Files) -> None:
    document = workflow(approval("a", LI, mode={"count": 2}), approval("b", LI))
    assert results(run(files, document)) == [("a", "rejected")]


def test_a_definition_with_errors_is_answered_with_exit_code_1(files: Files) -> None:
    result = tried(files, workflow(approval("a", {"role": "x"})), {})
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["problems"][0]["pointer"] == "/steps/0/assignees/0/role"
    assert (answer["path"], answer["outcome"], answer["open"]) == ([], None, [])


def test_a_file_that_holds_no_json_cannot_be_read(files: Files) -> None:
    result = tried(files, "{", {})
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize(
    "document",
    [
        "[]",
        "null",
        '"x"',
        '{"steps": 7}',
        '{"steps": [null]}',
        '{"steps": [{"id": "a", "type": {}}]}',
        '{"steps": [{"type": []}]}',
    ],
)
def test_whatever_the_file_holds_is_answered(files: Files, document: str) -> None:
    result = tried(files, document, {})
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"]
    checked = call("check", files.write("w.json", document), "--form", files.write("form.json", FORM), "--json")
    assert checked.exit_code == 1
    assert json.loads(checked.stdout)["findings"][0]["kind"] == "definition"


def test_a_record_with_errors_is_answered_with_exit_code_1(files: Files) -> None:
    for record in ({"amount": "many"}, [], "no json", {"unknown": 1}):
        result = tried(files, workflow(), record)
        assert result.exit_code == 1
        assert json.loads(result.stdout)["problems"]


@pytest.mark.parametrize(
    ("decide", "sentence"),
    [
        ("a", "--decide: “a” is not STEP=ACTION[:TARGET][@MEMBER]."),
        ("b=approve", "--decide: there is no step “b”."),
        ("a=agree", "--decide: “agree” is none of"),
    ],
)
def test_wrong_decisions_are_wrong_use(files: Files, decide: str, sentence: str) -> None:
    result = tried(files, workflow(approval("a", LI)), {}, decide)
    assert result.exit_code == 2
    assert sentence in result.stderr


@pytest.mark.parametrize("by", ["gone", "unknown"])
def test_somebody_who_is_not_there_starts_nothing(files: Files, by: str) -> None:
    assert tried(files, workflow(), {}, by=by).exit_code == 2


def test_a_whole_record_is_tried_also_where_the_start_does_not_show_all_of_it(files: Files) -> None:
    """The examples of `check` are whole records."""
    step = fill("f", LI, fields={"note": "required"})
    document = workflow(step, start={"fields": {"note": "hidden", "amount": "read", "kind": "required"}})
    assert results(run(files, document, {"note": "Whole", "amount": 5, "kind": "a"})) == [("f", "done")]
    assert tried(files, document, {"note": "Whole", "kind": ""}).exit_code == 1


def test_a_start_that_asks_for_everything_asks_nothing_of_what_nobody_fills_in(files: Files) -> None:
    fields = {"note": {"type": "string"}, "made": {"type": "number", "readOnly": True}}
    form = files.write("own.json", {"$id": "own", "type": "object", "properties": fields})
    document = files.write("w.json", {"form": "own", "start": {"fields": {"*": "required"}}, "steps": []})
    people, who = files.write("people.json", PEOPLE), ("--initiator", "amy", "--json")
    for given, code in (({"note": "x"}, 0), ({}, 1)):
        record = files.write("record.json", given)
        assert call("try", document, "--form", form, "--directory", people, "--record", record, *who).exit_code == code


def test_reasons_name_what_a_list_has_in_it(files: Files) -> None:
    """`helpers` is a list of members; sentences in Chinese follow each other without a space."""
    steps = [
        branch("x", ({"in": ["bob", {"var": "helpers"}]}, []), (None, [])),
        approval("a", LI, BOB, mode="all"),
    ]
    record = {"helpers": ["amy", "cat"]}
    because = [entry["because"] for entry in run(files, workflow(*steps), record)["path"]]
    assert because == [
        "Not “Branch 0”: Helpers Amy, Cat does not include Bob. “Branch 1”: nothing else holds.",
        "Li approved. Bob approved.",
    ]
    because = [entry["because"] for entry in run(files, workflow(*steps), record, lang="zh_Hans")["path"]]
    assert because[1] == "Li已通过。Bob已通过。"
    assert "Helpers Amy、Cat 不包含 Bob。" in because[0]


def test_somebody_who_may_not_start_is_told_so(files: Files) -> None:
    result = tried(files, workflow(start={"who": [BOB]}), {})
    assert (result.exit_code, "You may not submit this request." in result.stderr) == (2, True)


def test_unreadable_files_and_dates_are_wrong_use(files: Files) -> None:
    assert call("check", "/nowhere.json", "--form", files.write("f.json", FORM)).exit_code == 2
    assert tried(files, workflow(), {}, at="yesterday").exit_code == 2
    assert tried(files, workflow(), {}, people="[]").exit_code == 2
    assert call("try").exit_code == 2


def test_a_dash_is_standard_input(files: Files) -> None:
    result = call(
        "check", "-", "--form", files.write("form.json", FORM), "--json", stdin=json.dumps(workflow(approval("a", LI)))
    )
    assert result.exit_code == 0
    assert json.loads(result.stdout)["findings"] == []


def test_check_gives_findings_and_what_was_explored(files: Files) -> None:
    document = workflow(branch("x", (at_least(10), [])), approval("a", {"role": "finanec"}))
    arguments = ["--form", files.write("form.json", FORM), "--directory", files.write("people.json", PEOPLE), "--json"]
    result = call("check", files.write("workflow.json", document), *arguments)
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert set(answer) == {"findings", "explored"}
    assert set(answer["explored"]) == {"states", "complete"}
    assert {"step": "a", "kind": "definition", "severity": "error"}.items() <= answer["findings"][0].items()
    assert "gap" in {finding["kind"] for finding in answer["findings"]}


def test_a_form_with_errors_is_told_with_its_file(files: Files) -> None:
    form = files.write("broken.json", {"type": "object", "properties": {"a": {"type": "nubmer"}}})
    result = call("check", files.write("w.json", workflow()), "--form", form, "--json")
    assert result.exit_code == 1
    assert "broken.json" in json.loads(result.stdout)["findings"][0]["message"]


def test_people_read_a_page_of_text(files: Files) -> None:
    document = workflow(approval("a", LI, title="Manager"), approval("b", {"role": "nobody"}, whenEmpty="block"))
    arguments = ["--form", files.write("f.json", FORM), "--directory", files.write("p.json", PEOPLE)]
    result = call(
        "try",
        files.write("w.json", document),
        *arguments,
        "--record",
        files.write("r.json", {}),
        "--initiator",
        "amy",
        "--decide",
        "a=reject@bob",
    )
    assert result.exit_code == 0
    assert "approved  Manager (Li)" in result.output
    assert "Open: b" in result.output
    assert "Not made: a=reject" in result.stderr
    assert (
        "Nothing to find"
        in call("check", files.write("w.json", workflow()), "--form", files.write("f.json", FORM)).output
    )


def test_it_speaks_chinese(files: Files) -> None:
    arguments = [
        "--form",
        files.write("f.json", FORM),
        "--directory",
        files.write("p.json", PEOPLE),
        "--lang",
        "zh_Hans",
        "--json",
    ]
    result = call(
        "try",
        files.write("w.json", workflow(approval("a", LI))),
        *arguments,
        "--record",
        files.write("r.json", {}),
        "--initiator",
        "amy",
    )
    assert json.loads(result.stdout)["path"][0]["because"] == "Li已通过。"


def test_a_workflow_goes_to_bpmn_and_back(files: Files) -> None:
    document = workflow(
        approval("a", LI), branch("x", (at_least(10), []), (None, [approval("b", BOB)])), form="request"
    )
    exported = call("export", files.write("w.json", document), "--form", files.write("f.json", FORM), "--to", "bpmn")
    assert exported.exit_code == 0
    imported = call("import", "--from", "bpmn", files.write("w.bpmn", exported.stdout), "--json")
    assert json.loads(imported.stdout)["workflow"] == {
        "$schema": "https://formloom.dev/schema/workflow/v1",
        **document,
    }
    refused = call("import", "--from", "bpmn", files.write("x.bpmn", "<no/>"), "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["workflow"] is None
    assert "definitions" in json.loads(refused.stdout)["report"][0]["message"]
    assert (
        call(
            "export", files.write("bad.json", {"steps": 1}), "--form", files.write("f.json", FORM), "--to", "bpmn"
        ).exit_code
        == 1
    )
