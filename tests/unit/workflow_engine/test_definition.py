"""What is wrong with a workflow document is said, each at its place and with its step (meaning.md section 5, first row)."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from processes import DIRECTORY, Process, approval, at_least, branch, fill, form, member, notify, parallel, workflow

from formloom.form_engine import definition as form_definition
from formloom.form_engine.errors import DefinitionError
from formloom.form_engine.limits import LIMITS
from formloom.workflow_engine import definition
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.findings import Finding
from formloom.workflow_engine.shape import meta_schema

REWARD = json.loads((Path(__file__).parents[2] / "vectors" / "workflow" / "reward.json").read_text(encoding="utf-8"))
LI = member("li")
A = approval("a", LI)
FORM = form()


def check(document: Any, **more: Any) -> list[Finding]:
    return definition.check(document, forms={FORM.key: FORM}, directory=DIRECTORY, **more)


def found(document: Any) -> list[tuple[str | None, str | None]]:
    findings = check(document)
    assert all(finding.kind == "definition" and finding.severity == "error" for finding in findings)
    return [(finding.step, finding.pointer) for finding in findings]


def test_the_example_of_the_formats_page_has_no_problem() -> None:
    own = form_definition.load(REWARD["form"])
    people = PeopleDirectory.from_json(REWARD["people"])
    assert definition.check(REWARD["workflow"], forms={own.key: own}, directory=people) == []


def test_the_meta_schema_is_one_and_describes_every_keyword() -> None:
    schema = meta_schema()
    Draft202012Validator.check_schema(schema)
    bare: list[str] = []

    def look(node: Any, at: str) -> None:
        if isinstance(node, dict):
            for name, inner in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
                if (
                    isinstance(inner, dict)
                    and "if" not in at
                    and "description" not in inner
                    and inner != {"const": name}
                ):
                    bare.append(f"{at}/{name}")
            for key, inner in node.items():
                look(inner, f"{at}/{key}")
        elif isinstance(node, list):
            for index, inner in enumerate(node):
                look(inner, f"{at}/{index}")

    look(schema, "")
    assert [place for place in bare if not place.endswith("/type")] == []


SOUND = [
    workflow(),
    workflow(form="request"),
    {"$schema": "https://formloom.dev/schema/workflow/v1", "steps": []},
    workflow(approval("a", {"chosenBy": "initiator", "from": [LI]}, mode={"ratio": 0.5}, veto=True)),
    workflow(A, approval("b", {"doer": "a"}, onReject={"return": "a"}, notDoers=["a", "initiator"])),
    workflow(parallel("p", [A], [notify("n", LI)]), notify("m", {"doer": "a"})),
    workflow(parallel("p", [A], join=9)),  # the proof says so
    workflow(parallel("p", [A], join=0)),
    workflow(fill("f", LI, fields={"*": "hidden", "note": "required"})),
    workflow(A, translations={"zh_Hans": {"a": "审批", "a:help": "请看"}}),
    workflow(start={"who": [{"role": "hr"}], "fields": {"note": "hidden"}}),
    workflow({"id": "e", "type": "end", "outcome": "postponed"}),
    workflow(branch("x", (at_least(1), []), (None, []), mode="inclusive")),
]


@pytest.mark.parametrize("document", SOUND)
def test_a_sound_document_has_no_problem(document: dict[str, Any]) -> None:
    assert check(document) == []


WRONG: list[tuple[str, Any, list[tuple[str | None, str | None]]]] = [
    ("no object", [], [(None, "")]),
    ("no steps", {}, [(None, "")]),
    ("a misspelt key at the root", workflow(setings={}), [(None, "/setings")]),
    ("a misspelt setting", workflow(settings={"withdrawn": "never"}), [(None, "/settings/withdrawn")]),
    ("a misspelt value of a setting", workflow(settings={"withdraw": "newer"}), [(None, "/settings/withdraw")]),
    ("another version", {"$schema": "https://formloom.dev/schema/workflow/v9", "steps": []}, [(None, "/$schema")]),
    ("another form", workflow(form="requests"), [(None, "/form")]),
    ("a step that is no object", workflow("a"), [(None, "/steps/0")]),  # type: ignore[arg-type]
    ("a step without an id", workflow({"type": "end"}), [(None, "/steps/0")]),
    ("a step without a type", workflow({"id": "a"}), [("a", "/steps/0")]),
    ("a misspelt type", workflow({"id": "a", "type": "aproval"}), [("a", "/steps/0/type")]),
    ("a misspelt key of a step", workflow({**A, "asignees": []}), [("a", "/steps/0/asignees")]),
    ("a key of another type of step", workflow({**notify("n", LI), "mode": "all"}), [("n", "/steps/0/mode")]),
    ("no assignees", workflow({"id": "a", "type": "approval"}), [("a", "/steps/0")]),
    ("an id twice", workflow(A, A), [("a", "/steps/1/id")]),
    (
        "an id twice in a branch",
        workflow(A, parallel("p", [approval("a", LI)])),
        [("a", "/steps/1/branches/0/steps/0/id")],
    ),
    ("an id that is a word of ours", workflow(approval("initiator", LI)), [("initiator", "/steps/0/id")]),
    ("an unknown role", workflow(approval("a", {"role": "finanec"})), [("a", "/steps/0/assignees/0/role")]),
    ("an unknown member", workflow(approval("a", member("nemo"))), [("a", "/steps/0/assignees/0/member")]),
    ("an unknown department", workflow(approval("a", {"department": "x"})), [("a", "/steps/0/assignees/0/department")]),
    (
        "an unknown department of a head",
        workflow(approval("a", {"headOf": {"department": "x"}})),
        [("a", "/steps/0/assignees/0/headOf/department")],
    ),
    ("an unknown department of a role", workflow(approval("a", {"role": "hr", "in": "x"})), [("a", "/steps/0/assignees/0/in")]),
    ("an unknown role where nobody is found", workflow(approval("a", LI, whenEmpty={"role": "x"})), [("a", "/steps/0/whenEmpty/role")]),
    ("an unknown field of people", workflow(approval("a", {"field": "ownr"})), [("a", "/steps/0/assignees/0/field")]),
    ("a field that names nobody", workflow(approval("a", {"field": "amount"})), [("a", "/steps/0/assignees/0/field")]),
    (
        "a field inside a person",
        workflow(approval("a", {"managerOf": {"var": "note"}})),
        [("a", "/steps/0/assignees/0/managerOf/var")],
    ),
    ("two kinds of people at once", workflow(approval("a", {"role": "hr", "member": "li"})), [("a", "/steps/0/assignees/0/role")]),
    ("no kind of people", workflow(approval("a", {})), [("a", "/steps/0/assignees/0")]),
    ("a level of nothing", workflow(approval("a", {"role": "hr", "level": 2})), [("a", "/steps/0/assignees/0/level")]),
    (
        "a level and an upper one",
        workflow(approval("a", {"managerOf": {"initiator": True}, "level": 1, "upTo": 2})),
        [("a", "/steps/0/assignees/0/upTo")],
    ),
    ("an unknown person who may start", workflow(start={"who": [member("nemo")]}), [("start", "/start/who/0/member")]),
    ("an unknown field at the start", workflow(start={"fields": {"x": "edit"}}), [("start", "/start/fields/x")]),
    ("a misspelt access", workflow(start={"fields": {"note": "write"}}), [("start", "/start/fields/note")]),
    ("an unknown field at a step", workflow(fill("f", LI, fields={"amuont": "edit"})), [("f", "/steps/0/fields/amuont")]),
    ("a doer of an unknown step", workflow(approval("a", {"doer": "b"})), [("a", "/steps/0/assignees/0/doer")]),
    ("a doer of oneself", workflow(approval("a", {"doer": "a"})), [("a", "/steps/0/assignees/0/doer")]),
    ("a doer of a later step", workflow(approval("b", {"doer": "a"}), A), [("b", "/steps/0/assignees/0/doer")]),
    (
        "a doer of a step in a branch",
        workflow(branch("x", (at_least(1), [A]), (None, [])), approval("b", {"doer": "a"})),
        [("b", "/steps/1/assignees/0/doer")],
    ),
    (
        "a doer of a step in a parallel step that waits for one",
        workflow(parallel("p", [A], [notify("n", LI)], join="any"), notify("m", {"doer": "a"})),
        [("m", "/steps/1/to/0/doer")],
    ),
    ("a doer at the start", workflow(A, start={"who": [{"doer": "a"}]}), [("start", "/start/who/0/doer")]),
    ("a return to a later step", workflow(approval("b", LI, onReject={"return": "a"}), A), [("b", "/steps/0/onReject/return")]),
    (
        "a return into a sibling branch",
        workflow(parallel("p", [A], [approval("b", LI, onReject={"return": "a"})])),
        [("b", "/steps/0/branches/1/steps/0/onReject/return")],
    ),
    ("a return to an unknown step", workflow(approval("b", LI, onReject={"return": "q"})), [("b", "/steps/0/onReject/return")]),
    ("a misspelt word for a rejection", workflow(approval("b", LI, onReject="ends")), [("b", "/steps/0/onReject")]),
    ("a count below 1", workflow(approval("a", LI, mode={"count": 0})), [("a", "/steps/0/mode/count")]),
    ("a count that is not whole", workflow(approval("a", LI, mode={"count": 1.5})), [("a", "/steps/0/mode/count")]),
    ("a ratio of nothing", workflow(approval("a", LI, mode={"ratio": 0})), [("a", "/steps/0/mode/ratio")]),
    ("a ratio above one", workflow(approval("a", LI, mode={"ratio": 1.1})), [("a", "/steps/0/mode/ratio")]),
    ("a misspelt mode", workflow(approval("a", LI, mode="al")), [("a", "/steps/0/mode")]),
    ("a mode of no kind", workflow(approval("a", LI, mode={})), [("a", "/steps/0/mode")]),
    ("an unknown action", workflow(approval("a", LI, actions=["aprove"])), [("a", "/steps/0/actions/0")]),
    ("a decision at the due time of another kind", workflow(fill("f", LI, due={"after": "P1D", "then": {"decide": "approve"}})), [("f", "/steps/0/due/then/decide")]),
    ("a length that is none", workflow(approval("a", LI, due={"after": "2 days"})), [("a", "/steps/0/due/after")]),
    ("a due time that both escalates and decides", workflow(approval("a", LI, due={"after": "P1D", "then": {"escalate": {}, "decide": "approve"}})), [("a", "/steps/0/due/then")]),
    ("a step that bars itself", workflow(approval("a", LI, notDoers=["a"])), [("a", "/steps/0/notDoers/0")]),
    ("a step that bars an unknown one", workflow(approval("a", LI, notDoers=["b"])), [("a", "/steps/0/notDoers/0")]),
    ("otherwise not last", workflow(branch("x", (None, []), (at_least(1), []))), [("x", "/steps/0/branches/0/otherwise")]),
    ("otherwise twice", workflow(branch("x", (None, []), (None, []))), [("x", "/steps/0/branches/0/otherwise")]),
    ("otherwise false", workflow({"id": "x", "type": "branch", "branches": [{"steps": [], "otherwise": False}]}), [("x", "/steps/0/branches/0/otherwise")]),
    ("neither when nor otherwise", workflow({"id": "x", "type": "branch", "branches": [{"title": "t", "steps": []}]}), [("x", "/steps/0/branches/0")]),
    ("both when and otherwise", workflow({"id": "x", "type": "branch", "branches": [{"when": True, "otherwise": True, "steps": []}]}), [("x", "/steps/0/branches/0/otherwise")]),
    ("a branch without steps", workflow({"id": "p", "type": "parallel", "branches": [{}]}), [("p", "/steps/0/branches/0")]),
    ("no branches", workflow({"id": "p", "type": "parallel", "branches": []}), [("p", "/steps/0/branches")]),
    ("a condition in a parallel step", workflow({"id": "p", "type": "parallel", "branches": [{"when": True, "steps": []}]}), [("p", "/steps/0/branches/0/when")]),
    ("a join that is no number", workflow(parallel("p", [A], join="some")), [("p", "/steps/0/join")]),
    ("an unknown field in a condition", workflow(branch("x", ({"<=": [{"var": "amuont"}, 5]}, []), (None, []))), [("x", "/steps/0/branches/0/when/<=/0/var")]),
    ("a misspelt operator", workflow(branch("x", ({"=<": [{"var": "amount"}, 5]}, []), (None, []))), [("x", "/steps/0/branches/0/when/=<")]),
    ("types that don't compare", workflow(branch("x", ({"<": [{"var": "begins"}, {"var": "amount"}]}, []), (None, []))), [("x", "/steps/0/branches/0/when/<")]),
    ("an unknown option", workflow(branch("x", ({"==": [{"var": "kind"}, "z"]}, []), (None, []))), [("x", "/steps/0/branches/0/when/==/1")]),
    ("an unknown field in the condition of a person", workflow(approval("a", {"member": "li", "when": {"var": "x"}})), [("a", "/steps/0/assignees/0/when/var")]),
    ("a choice where nobody is asked to choose", workflow(notify("n", {"chosenBy": "initiator"})), [("n", "/steps/0/to/0/chosenBy")]),
    ("a translation of nothing", workflow(A, translations={"zh_Hans": {"b": "x"}}), [(None, "/translations/zh_Hans/b")]),
    ("a translation of no branch", workflow(A, translations={"zh_Hans": {"a/0": "x"}}), [(None, "/translations/zh_Hans/a~10")]),
    ("a wait for two things", workflow({"id": "w", "type": "wait", "for": "P1D", "until": {"changed": ["note"]}}), [("w", "/steps/0/until")]),
    ("a wait for nothing", workflow({"id": "w", "type": "wait"}), [("w", "/steps/0")]),
    ("a wait for a field that is no date", workflow({"id": "w", "type": "wait", "until": {"field": "note"}}), [("w", "/steps/0/until/field")]),
    ("a wait for a change of an unknown field", workflow({"id": "w", "type": "wait", "until": {"changed": ["x"]}}), [("w", "/steps/0/until/changed/0")]),
    ("an action that does nothing", workflow({"id": "d", "type": "action", "do": {}}), [("d", "/steps/0/do")]),
    ("an action on an unknown field of ours", workflow({"id": "d", "type": "action", "do": {"updateRecord": {"set": {"x": 1}}}}), [("d", "/steps/0/do/updateRecord/set/x")]),
    ("an action that reads an unknown field", workflow({"id": "d", "type": "action", "do": {"createRecord": {"form": "other", "set": {"y": {"var": "x"}}}}}), [("d", "/steps/0/do/createRecord/set/y/var")]),
    ("a subprocess for each row of no table", workflow({"id": "s", "type": "subprocess", "form": "other", "set": {}, "each": "note"}), [("s", "/steps/0/each")]),
    ("a subprocess with an unknown column", workflow({"id": "s", "type": "subprocess", "form": "other", "set": {"k": {"row": "whta"}}, "each": "items"}), [("s", "/steps/0/set/k/row")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "document", "expected"), WRONG, ids=[name for name, _, _ in WRONG])
def test_what_is_wrong_is_said_at_its_place(
    name: str, document: Any, expected: list[tuple[str | None, str | None]]
) -> None:
    assert found(document) == expected


def test_the_nearest_right_word_is_offered() -> None:
    messages = [finding.message for finding in check(workflow({**approval("a", {"role": "finanec"}), "modes": "any"}))]
    assert messages == [
        "There is no key “modes” here. Did you mean “mode”?",
        "There is no role “finanec”. Did you mean “finance”?",
    ]


def test_several_mistakes_are_all_said() -> None:
    document = workflow(approval("a", {"role": "x"}, {"field": "y"}), approval("a", {"doer": "z"}, mode="al"))
    assert len(check(document)) == 5


def test_mistakes_are_said_in_chinese_too() -> None:
    (finding,) = check(workflow(A, A), lang="zh_Hans")
    assert finding.message == "有两个步骤都叫“a”。"


def test_without_a_directory_people_are_not_checked() -> None:
    assert definition.check(workflow(approval("a", {"role": "x"})), forms={FORM.key: FORM}) == []


def test_forms_that_were_not_given_are_no_findings() -> None:
    step = {"id": "d", "type": "action", "do": {"createRecord": {"form": "other", "set": {"anything": 1}}}}
    assert check(workflow(step)) == []


def test_forms_that_were_given_are_checked() -> None:
    other = form_definition.load({"$id": "other", "type": "object", "properties": {"known": {"type": "number"}}})
    step = {
        "id": "d",
        "type": "action",
        "do": {"createRecord": {"form": "other", "set": {"knwon": 1, "known": {"var": "note"}}}},
    }
    findings = definition.check(workflow(step, form="request"), forms={FORM.key: FORM, "other": other})
    assert [finding.pointer for finding in findings] == [
        "/steps/0/do/createRecord/set/knwon",
        "/steps/0/do/createRecord/set/known/var",
    ]


def test_without_form_it_belongs_to_the_only_one() -> None:
    nameless = form_definition.load({"type": "object", "properties": {"total": {"type": "number"}}})
    document = workflow(branch("x", ({">": [{"var": "total"}, 1]}, []), (None, [])))
    assert definition.check(document, forms={"": nameless}) == []
    assert definition.check({**document, "form": "named"}, forms={"": nameless}) == []
    assert definition.own_form(document, {"": nameless, "request": FORM}) is None


def test_var_among_people_is_written_back_as_field() -> None:
    document = workflow(approval("a", {"managerOf": {"var": "owner"}}, whenEmpty={"var": "owner"}))
    loaded = definition.load(document, FORM)
    (step,) = loaded.document["steps"]
    assert step["assignees"] == [{"managerOf": {"field": "owner"}}]
    assert step["whenEmpty"] == {"field": "owner"}


def test_conditions_keep_their_vars() -> None:
    document = workflow(branch("x", (at_least(1), [approval("a", {"var": "owner"})]), (None, [])))
    (step,) = definition.normalised(document)["steps"]
    assert step["branches"][0]["when"] == at_least(1)
    assert step["branches"][0]["steps"][0]["assignees"] == [{"field": "owner"}]


def test_a_document_with_errors_is_not_loaded() -> None:
    with pytest.raises(DefinitionError) as caught:
        definition.load(workflow(A, A), FORM)
    assert [problem.pointer for problem in caught.value.problems] == ["/steps/1/id"]


def test_a_document_that_is_nested_too_deeply_is_answered() -> None:
    steps: list[Any] = []
    for index in range(400):
        steps = [parallel(f"p{index}", steps)]
    assert [finding.pointer for finding in check(workflow(*steps))] == [""]


def test_a_document_as_deep_as_allowed_is_checked_and_run() -> None:
    from processes import run

    steps: list[Any] = [A]
    for index in range(LIMITS.step_depth - 1):
        steps = [parallel(f"p{index}", steps)]
    assert check(workflow(*steps)) == []
    assert run(workflow(*steps)).outcome == "approved"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_json_value_is_answered(document: Any) -> None:
    check(document)


WHOLE = workflow(
    approval("a", {"managerOf": {"initiator": True}, "when": at_least(1)}, {"role": "hr", "in": "north"}, mode={"ratio": 0.5}, due={"after": "P1D", "remind": ["PT1H"], "then": {"escalate": {"level": 1}}}, onReject="initiator", whenEmpty={"member": "li"}, notDoers=["initiator"], fields={"note": "edit"}),
    branch("x", (at_least(5), [parallel("p", [notify("n", {"field": "items.buyer"})], [{"id": "w", "type": "wait", "until": {"field": "begins", "before": "P1D"}}], join=1)]), (None, [])),
    {"id": "d", "type": "action", "do": {"webhook": {"url": "https://example.com", "body": {"n": {"var": "amount"}}, "into": {"note": "/id"}}}, "retry": {"times": 1, "after": "PT1M"}, "timeout": "PT1H", "onError": {"steps": [{"id": "e", "type": "end"}]}},
    {"id": "s", "type": "subprocess", "form": "other", "each": "items", "set": {"k": {"row": "what"}}, "await": False, "onReject": {"return": "a"}},
    start={"who": [{"role": "hr"}], "fields": {"note": "hidden"}},
    settings={"withdraw": "never"},
    translations={"zh_Hans": {"x/0": "大"}},
)  # fmt: skip


def test_the_document_of_everything_is_sound() -> None:
    assert check(WHOLE) == []


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_anything_may_stand_anywhere_and_is_answered(data: st.DataObject) -> None:
    document = deepcopy(WHOLE)
    places: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            places.append((node, key))
            collect(inner)

    collect(document)
    node, key = data.draw(st.sampled_from(places))
    node[key] = data.draw(JSON)
    for finding in check(document):
        assert finding.message


# limits


def nested(depth: int) -> dict[str, Any]:
    """An approval inside so many branch steps, less one."""
    step = approval("inner", member("li"))
    for number in range(depth - 1):
        step = branch(f"b{number}", (at_least(5), [step]), (None, []))
    return step


def test_more_steps_or_deeper_branches_than_the_limits_are_refused_and_run_where_they_were_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = workflow(*(approval(f"s{number}", member("li")) for number in range(LIMITS.steps)))
    for document, limit, pointer in (
        (many, "steps", "/steps"),
        (workflow(nested(8)), "step_depth", "/steps/0" + "/branches/0/steps/0" * 7),
    ):
        assert [found for found in check(document) if found.severity == "error"] == []
        monkeypatch.setattr(LIMITS, limit, getattr(LIMITS, limit) - 1)
        [found] = [found for found in check(document) if found.severity == "error"]
        assert found.pointer == pointer
        assert str(getattr(LIMITS, limit)) in found.message
        definition.load(document, form())
        monkeypatch.undo()


def test_a_step_that_finds_more_people_than_may_have_a_task_at_once_is_blocked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(LIMITS, "open_tasks", 1)
    everybody = [member("li"), member("wang")]
    assert Process(workflow(approval("all", *everybody))).start().blocked == {"all": "crowd"}
    in_turn = Process(workflow(approval("turn", *everybody, mode="sequence"))).start()
    assert in_turn.open == {"turn": ["li"]}


@pytest.mark.parametrize("value", [5, None, [{"member": "li"}]])
def test_what_is_of_the_wrong_kind_is_told_once(value: Any) -> None:
    told = [(finding.pointer, finding.message) for finding in check(workflow(approval("a", LI, whenEmpty=value)))]
    assert told == [("/steps/0/whenEmpty", "This must be a text or an object.")]
