"""What a step says of single columns: `"items.price": "hidden"`, "read", "edit" or "required"."""

from datetime import UTC, datetime
from typing import Any

from formloom.form_engine import definition, record
from formloom.form_engine.access import without_hidden
from formloom.form_engine.record import Context, Settled

FORM = definition.load(
    {
        "type": "object",
        "properties": {
            "items": {
                "type": "array",
                "title": "Items",
                "items": {
                    "type": "object",
                    "properties": {
                        "what": {"type": "string", "title": "What"},
                        "price": {"type": "number", "title": "Price"},
                        "count": {"type": "integer", "title": "Count"},
                    },
                },
            },
            "total": {
                "type": "number",
                "readOnly": True,
                "x-field": {
                    "compute": {"sum": [{"map": [{"var": "items"}, {"*": [{"var": "price"}, {"var": "count"}]}]}]}
                },
            },
        },
    }
)
STORED = {
    "items": [{"_row": "a", "what": "Pen", "price": 5, "count": 2}, {"_row": "b", "what": "Cup", "count": 1}],
    "total": 10,
}
NOW = Context(now=datetime(2026, 11, 24, tzinfo=UTC))
Access = dict[str, Any]
PRICED: Access = {"*": "read", "items.price": "required"}
BLIND: Access = {"*": "edit", "items.price": "hidden"}


def settled(items: Any, access: Access, stored: Any = STORED) -> Settled:
    return record.settle(FORM, {"items": items} if items is not None else {}, NOW, stored=stored, access=access)


def wrong(items: Any, access: Access, stored: Any = STORED) -> dict[str, str]:
    return {problem.pointer: problem.message for problem in settled(items, access, stored).errors}


def test_a_column_of_a_read_table_is_filled_in_and_all_else_stays() -> None:
    found = settled([{"_row": "a", "price": 7}, {"_row": "b", "price": 3}], PRICED)
    assert found.record == {
        "items": [
            {"_row": "a", "what": "Pen", "price": 7, "count": 2},
            {"_row": "b", "what": "Cup", "price": 3, "count": 1},
        ],
        "total": 17,
    }


def test_a_required_column_is_asked_for_in_every_row_at_its_cell() -> None:
    assert wrong(None, PRICED) == {"/items/1/price": "Price is required."}
    assert wrong([{"_row": "a", "price": None}, {"_row": "b", "price": 1}], PRICED) == {
        "/items/0/price": "Price is required."
    }


def test_rows_are_neither_added_nor_removed_where_only_cells_may_be_filled_in() -> None:
    assert wrong([{"_row": "b", "price": 3}, {"price": 1}], PRICED) == {"/items/1": "No row can be added here."}
    kept = settled([{"_row": "b", "price": 3}], PRICED).record
    assert kept is not None
    assert [row["_row"] for row in kept["items"]] == ["a", "b"]


def test_a_cell_that_is_only_read_keeps_what_is_stored() -> None:
    rows = [{"_row": "a", "what": "Pen", "price": 7}, {"_row": "b", "what": "Mug", "price": 3}]
    assert wrong(rows, PRICED) == {"/items/1/what": "What can only be read here."}
    edits: Access = {"*": "edit", "items.what": "read"}
    assert wrong([{"_row": "a", "what": "Ink", "price": 1}], edits) == {"/items/0/what": "What can only be read here."}
    kept = settled([{"_row": "a", "price": 1}], edits).record
    assert kept is not None
    assert kept["items"] == [{"_row": "a", "what": "Pen", "price": 1}]


def test_a_hidden_column_keeps_its_value_and_sending_it_is_an_error_at_its_cell() -> None:
    found = settled([{"_row": "a", "what": "Pen", "count": 3}, {"what": "New", "count": 1}], BLIND)
    assert found.record == {
        "items": [{"_row": "a", "price": 5, "what": "Pen", "count": 3}, {"what": "New", "count": 1}],
        "total": 15,
    }
    assert wrong([{"_row": "a", "what": "Pen", "price": 5}], BLIND) == {
        "/items/0/price": "“price” cannot be given here."
    }


def test_states_the_schema_and_the_browser_see_the_columns_as_they_are_granted() -> None:
    states = record.state(FORM, STORED, NOW, stored=STORED, access=PRICED)
    assert not states["items/0/price"].readonly
    assert states["items/0/price"].required
    assert states["items/0/what"].readonly
    schema = record.effective_schema(FORM, STORED, NOW, stored=STORED, access=PRICED)
    first = schema["properties"]["items"]["prefixItems"][0]
    assert first["required"] == ["price"]
    assert first["properties"]["what"]["readOnly"] is True
    hidden = record.effective_schema(FORM, without_hidden(FORM, STORED, BLIND), NOW, stored=STORED, access=BLIND)
    assert "price" not in hidden["properties"]["items"]["prefixItems"][0]["properties"]
    model = record.browser_model(FORM, NOW, BLIND, "en")
    assert set(model["fields"]["items"]["columns"]) == {"what", "count"}
    assert model["fields"]["total"]["compute"]["ask"] is True
    priced = record.browser_model(FORM, NOW, PRICED, "en")["fields"]["items"]["columns"]
    assert (priced["price"]["required"], priced["what"]["readonly"]) == (True, True)


def test_nothing_hidden_is_sent() -> None:
    assert without_hidden(FORM, STORED, BLIND)["items"] == [
        {"_row": "a", "what": "Pen", "count": 2},
        {"_row": "b", "what": "Cup", "count": 1},
    ]
    assert without_hidden(FORM, STORED, {"items": "hidden", "items.price": "edit"}) == {"total": 10}
