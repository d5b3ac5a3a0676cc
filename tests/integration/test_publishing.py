"""Publishing: nothing changes for others before, only additions happen then, and what cannot be undone is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import DATE, MONEY, NUMBER, TEXT, World, form, select, table
from sqlalchemy import inspect, text

from formloom.form_engine.errors import DefinitionError, RecordInvalid
from formloom.platform.errors import Conflict, InputInvalid, NotAllowed, NotFound
from formloom.platform.models import Record
from formloom.platform.runtime import Caller, create_runtime
from formloom.platform.services import apps, forms, publishing, rebuilding, records
from formloom.platform.services.records import Filter, Query
from formloom.platform.settings import read_settings
from formloom.platform.transactions import WorkspaceSession

FIRST = form("thing", {"name": TEXT, "amount": NUMBER, "kind": select("a", "b")})
Json = dict[str, Any]


@pytest.fixture
def things(world: World) -> World:
    world.app(forms=[FIRST])
    return world


def _publish(world: World, document: Json) -> publishing.Publication:
    forms.save_draft(world.admin, "thing", "form", document)
    return publishing.publish(world.admin, "thing")


def _with(**properties: Any) -> Json:
    return FIRST | {"properties": FIRST["properties"] | properties}


def test_a_draft_changes_nothing_for_others_until_it_is_published(things: World) -> None:
    forms.save_draft(things.admin, "thing", "form", _with(on=DATE))
    assert "on" not in forms.published(things.caller("amy"), "thing").form.fields
    assert forms.draft(things.admin, "thing").changed
    publishing.publish(things.admin, "thing")
    assert "on" in forms.published(things.caller("amy"), "thing").form.fields
    assert not forms.draft(things.admin, "thing").changed
    assert [row.version for row in forms.versions(things.admin, "thing")] == [2, 1]


def test_a_published_version_stays_as_it_was(things: World) -> None:
    _publish(things, _with(on=DATE))
    assert forms.version(things.admin, "thing", "form", 1) == FIRST
    assert list(forms.version(things.admin, "thing", "form", 2)["properties"]) == ["name", "amount", "kind", "on"]


def test_the_order_of_fields_is_part_of_a_form(things: World) -> None:
    turned = FIRST | {"properties": dict(reversed(FIRST["properties"].items()))}
    _publish(things, turned)
    assert list(forms.published(things.admin, "thing").form.fields) == ["kind", "amount", "name"]


def test_a_record_is_saved_under_what_was_published_before_its_turn_to_write(
    things: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_ahead = records.look_ahead
    things.add("thing", name="makes the tables")
    things.add("thing", name="the form is in memory from here on, so that looking ahead asks for its version only")

    def _and_then_somebody_publishes(db: WorkspaceSession, caller: Caller, form_key: str) -> None:
        look_ahead(db, caller, form_key)
        _publish(things, _with(on=DATE))

    monkeypatch.setattr(records, "look_ahead", _and_then_somebody_publishes)
    saved = records.create_record(things.caller("amy"), "thing", {"name": "x"})
    with things.admin.reading() as db:
        assert db.get_one(Record, (things.workspace_id, saved.id)).form_version == 2


def test_a_process_that_knew_another_publication_saves_under_the_new_one(
    things: World, database_url: str, data_folder: Path
) -> None:
    given = {"FORMLOOM_DATABASE_URL": database_url, "FORMLOOM_DATA_FOLDER": str(data_folder)}
    elsewhere = create_runtime(read_settings(given))
    amy = replace(things.caller("amy"), runtime=elsewhere)
    records.create_record(amy, "thing", {"name": "knows the form from here on"})
    _publish(things, _with(on=DATE))
    saved = records.create_record(amy, "thing", {"name": "x", "on": "2026-11-24"})
    _publish(things, _with(on=DATE) | {"required": ["on"]})
    with pytest.raises(RecordInvalid):
        records.create_record(amy, "thing", {"name": "x"})
    _publish(things, FIRST)
    records.create_record(amy, "thing", {"name": "what the old one would refuse"})
    with things.admin.reading() as db:
        assert db.get_one(Record, (things.workspace_id, saved.id)).form_version == 2
    elsewhere.close()


def test_a_new_field_can_be_filled_filtered_and_sorted_by_at_once(things: World) -> None:
    old = things.add("thing", name="old")
    _publish(things, _with(on=DATE, rows=table({"what": TEXT})))
    new = things.add("thing", name="new", on="2026-11-24", rows=[{"what": "x"}])
    query = Query(filters=[Filter("on", "notEmpty")], sort=[records.Sort("on")])
    assert [row.id for row in records.records(things.admin, "thing", query).rows] == [new]
    assert dict(records.record(things.admin, "thing", old).row.values) == {"name": "old"}


def test_a_field_with_another_type_is_read_anew_and_the_document_stays(things: World) -> None:
    rows = [things.add("thing", name=name) for name in ("12.5", "many")]
    forms.save_draft(things.admin, "thing", "form", _with(name=NUMBER))
    plan = publishing.publication_plan(things.admin, "thing")
    assert [(each.field, each.converted, each.blank) for each in plan.conversions] == [("name", 1, 1)]
    publishing.publish(things.admin, "thing")
    assert records.record(things.admin, "thing", rows[0]).row.values["name"] == 12.5
    assert "name" not in records.record(things.admin, "thing", rows[1]).row.values
    found = records.records(things.admin, "thing", Query(filters=[Filter("name", "gt", 12)])).rows
    assert [row.id for row in found] == [rows[0]]
    _publish(things, FIRST)
    assert records.record(things.admin, "thing", rows[1]).row.values["name"] == "many"


def test_values_of_a_deleted_field_stay_in_the_document(things: World) -> None:
    ident = things.add("thing", name="x", amount=5)
    without = FIRST | {"properties": {key: FIRST["properties"][key] for key in ("name", "kind")}}
    _publish(things, without)
    assert dict(records.record(things.admin, "thing", ident).row.values) == {"name": "x"}
    records.update_record(things.caller("amy"), "thing", ident, {"name": "y"}, version=1)
    _publish(things, FIRST)
    assert dict(records.record(things.admin, "thing", ident).row.values) == {"name": "y", "amount": 5}
    assert records.count(things.admin, "thing", Query(filters=[Filter("amount", "eq", 5)])) == 1


def test_a_renamed_field_carries_its_values(things: World) -> None:
    ident = things.add("thing", name="x", amount=5)
    renamed = {key: value for key, value in FIRST["properties"].items() if key != "amount"}
    _publish(things, FIRST | {"properties": renamed | {"price": NUMBER | {"x-field": {"was": ["amount"]}}}})
    assert records.record(things.admin, "thing", ident).row.values["price"] == 5
    assert records.count(things.admin, "thing", Query(filters=[Filter("price", "eq", 5)])) == 1


def test_a_field_that_becomes_unique_over_doubles_is_refused_with_the_list(things: World) -> None:
    for name in ("same", "Same", "other"):
        things.add("thing", name=name)
    with pytest.raises(DefinitionError) as refused:
        _publish(things, _with(name=TEXT | {"x-field": {"unique": True}}))
    [problem] = refused.value.problems
    assert problem.pointer == "/properties/name"
    assert "2 records" in problem.message
    assert "same, Same" in problem.message or "Same, same" in problem.message


def test_a_field_that_becomes_unique_counts_the_records_there_are(things: World) -> None:
    things.add("thing", name="taken")
    _publish(things, _with(name=TEXT | {"x-field": {"unique": True}}))
    with pytest.raises(Exception, match="already"):
        things.add("thing", name="TAKEN")


def test_a_wrong_draft_is_kept_and_not_published(things: World) -> None:
    wrong = _with(on={"type": "string", "format": "date", "x-field": {"type": "dat"}})
    with pytest.raises(DefinitionError) as refused:
        _publish(things, wrong)
    assert refused.value.problems[0].pointer == "/properties/on/x-field/type"
    assert forms.draft(things.admin, "thing").document == wrong
    assert not publishing.publication_plan(things.admin, "thing").possible


def test_a_publish_that_fails_half_way_leaves_nothing(things: World, monkeypatch: pytest.MonkeyPatch) -> None:
    things.add("thing", name="x")

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    forms.save_draft(things.admin, "thing", "form", _with(on=DATE))
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "_needs_rereading", fail)  # after the columns were added
        with pytest.raises(ZeroDivisionError):
            publishing.publish(things.admin, "thing")
    with things.runtime.database.engine.connect() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns(_projection(things))}
    assert "f4" not in columns
    assert forms.published(things.admin, "thing").version == 1
    things.add("thing", name="y")
    publishing.publish(things.admin, "thing")
    things.add("thing", name="z", on="2026-11-24")
    assert records.count(things.admin, "thing", Query(filters=[Filter("on", "eq", "2026-11-24")])) == 1


def _projection(world: World) -> str:
    return f"p_{forms.published(world.admin, 'thing').number}"


def test_a_projection_can_be_dropped_and_made_anew_from_the_documents(world: World) -> None:
    world.app(forms=[form("thing", {"name": TEXT, "amount": MONEY, "rows": table({"what": TEXT, "price": MONEY})})])
    for number in range(7):
        world.add("thing", name=f"n{number}", amount=number, rows=[{"what": "x", "price": number}])
    table_name = _projection(world)
    with world.runtime.database.defining() as connection:
        before = [
            connection.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2, 3")).all()
            for name in (table_name, f"{table_name}_1")
        ]
        connection.execute(text(f"DELETE FROM {table_name} WHERE id > 'x' OR 1 = 1"))
        connection.execute(text(f"DELETE FROM {table_name}_1"))
    said: list[tuple[int, int | None]] = []
    done = rebuilding.rebuild(world.admin.system(), lambda done, total=None: said.append((done, total)), "thing")  # type: ignore[arg-type]
    with world.runtime.database.engine.connect() as connection:
        after = [
            connection.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2, 3")).all()
            for name in (table_name, f"{table_name}_1")
        ]
    assert after == before
    assert (done, said[0], said[-1]) == ({"records": 7}, (0, 7), (7, 7))


def test_nothing_to_publish_is_said(things: World) -> None:
    forms.save_draft(things.admin, "thing", "form", FIRST)
    with pytest.raises(Conflict):
        publishing.publish(things.admin, "thing")


def test_a_draft_is_saved_over_the_one_it_was_made_from_only(things: World) -> None:
    first = forms.draft(things.admin, "thing", "form").mark
    second = forms.save_draft(things.admin, "thing", "form", _with(on=DATE), over=first).mark
    assert second != first
    with pytest.raises(Conflict):
        forms.save_draft(things.admin, "thing", "form", FIRST, over=first)
    assert forms.draft(things.admin, "thing", "form").document == _with(on=DATE)
    assert forms.save_draft(things.admin, "thing", "form", FIRST, over=second).mark == first


def test_only_admins_design(things: World) -> None:
    amy = things.caller("amy")
    for act in (
        lambda: forms.draft(amy, "thing"),
        lambda: forms.save_draft(amy, "thing", "form", FIRST),
        lambda: forms.check_draft(amy, "thing", "form", "{}"),
        lambda: publishing.publish(amy, "thing"),
        lambda: publishing.publication_plan(amy, "thing"),
        lambda: forms.create_form(amy, "office", key="x", title="X"),
        lambda: apps.create_app(amy, name="X"),
        lambda: apps.export_app(amy, "office"),
        lambda: apps.delete_app(amy, "office", name_typed="Office"),
        lambda: apps.install(amy, "crm"),
        lambda: apps.import_app(amy, b""),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_form_is_begun_designed_and_published_in_a_blank_app(world: World) -> None:
    key = apps.create_app(world.admin, name="访客登记 Visitors", icon="door", accent="teal")
    forms.create_form(world.admin, key, key="visitor", title="Visitor")
    with pytest.raises(NotFound):
        forms.published(world.admin, "visitor")
    document = forms.draft(world.admin, "visitor").document | {"properties": {"name": TEXT}}
    workflow = {"form": "visitor", "steps": [{"id": "tell", "type": "notify", "to": [{"role": "hr"}]}]}
    forms.save_draft(world.admin, "visitor", "form", document)
    forms.save_draft(world.admin, "visitor", "workflow", workflow)
    published = publishing.publish(world.admin, "visitor")
    assert (published.form_version, published.workflow_version) == (1, 1)
    assert [form.title for form in apps.app(world.caller("amy"), key).forms] == ["Visitor"]
    world.add("visitor", name="Zoe")


def test_what_is_wrong_with_a_new_form_is_said_at_its_input(world: World) -> None:
    world.app(forms=[FIRST])
    with pytest.raises(InputInvalid) as refused:
        forms.create_form(world.admin, "office", key="Not A Key", title=" ")
    assert set(refused.value.errors) == {"key", "title"}
    with pytest.raises(Conflict):
        forms.create_form(world.admin, "office", key="thing", title="Again")


def test_a_workflow_draft_is_checked_over_the_draft_of_its_form(things: World) -> None:
    step = {"id": "a", "type": "approval", "assignees": [{"role": "finance"}], "fields": {"on": "edit"}}
    found = forms.check_draft(things.admin, "thing", "workflow", f'{{"form": "thing", "steps": [{_json(step)}]}}')
    assert [problem.pointer for problem in found] == ["/steps/0/fields/on"]
    forms.save_draft(things.admin, "thing", "form", _with(on=DATE))
    assert forms.check_draft(things.admin, "thing", "workflow", f'{{"form": "thing", "steps": [{_json(step)}]}}') == []


def test_text_that_is_no_json_is_a_problem_of_the_draft_and_no_failure(things: World) -> None:
    for kind in forms.KINDS:
        [problem] = forms.check_draft(things.admin, "thing", kind, '{"steps": [')
        assert problem.pointer == ""
    with pytest.raises(DefinitionError):
        forms.save_draft(things.admin, "thing", "form", ["no object"])  # type: ignore[arg-type]


def _json(value: Any) -> str:

    return json.dumps(value)


def test_a_workflow_with_a_gap_is_not_published_and_the_gap_is_shown(world: World) -> None:
    world.app(forms=[form("claim", {"amount": MONEY}, required=["amount"])])
    small = {"title": "Small", "when": {"<": [{"var": "amount"}, 100]}, "steps": []}
    large = {"title": "Large", "when": {">": [{"var": "amount"}, 100]}, "steps": []}
    workflow = {"form": "claim", "steps": [{"id": "size", "type": "branch", "branches": [small, large]}]}
    forms.save_draft(world.admin, "claim", "workflow", workflow)
    plan = publishing.publication_plan(world.admin, "claim")
    [gap] = [finding for finding in plan.findings if finding.severity == "error"]
    assert (gap.kind, gap.step) == ("gap", "size")
    assert gap.example is not None
    assert gap.example["record"]["amount"] == 100
    assert not plan.possible
    with pytest.raises(DefinitionError):
        publishing.publish(world.admin, "claim")
    large["when"] = {">=": [{"var": "amount"}, 100]}
    forms.save_draft(world.admin, "claim", "workflow", workflow)
    assert publishing.publish(world.admin, "claim").workflow_version == 1
