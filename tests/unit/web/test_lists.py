from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel
from unit.web.drawing_helpers import form_of
from werkzeug.datastructures import MultiDict

from formloom.form_engine.names import IDS
from formloom.platform.queries.records import Filter, Sort
from formloom.web.lists import Listing

STAGES = {"oneOf": [{"const": "new", "title": "New one"}, {"const": "won", "title": "Won"}]}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    app = Flask("lists")
    Babel(app)
    with app.test_request_context():
        yield


def listing(query: str = "", **view: object) -> Listing:
    from urllib.parse import parse_qsl

    form = form_of(
        no={"type": "string", "title": "No.", "x-field": {"type": "serial"}},
        name={"type": "string", "title": "Name"},
        stage={"title": "Stage", **STAGES},
        amount={"type": "number", "title": "Amount", "x-field": {"type": "money"}},
        owner={"type": "string", "title": "Owner", "x-field": {"type": "member"}},
        items={"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
    )  # fmt: skip
    return Listing(form, "/apps/crm/deal", MultiDict(parse_qsl(query, keep_blank_values=True)), "en", "UTC", IDS, view)


def test_an_address_without_anything_asks_for_everything_newest_first() -> None:
    query = listing().query()
    assert (query.filters, query.sort, query.text, query.after) == ((), (), "", None)


def test_filters_stand_in_the_address_in_the_words_of_their_fields() -> None:
    found = listing("ff=stage&fo=eq&fv=Won&ff=amount&fo=ge&fv=1,000")
    assert found.query().filters == (Filter("stage", "eq", "won"), Filter("amount", "ge", 1000))


def test_a_filter_on_somebody_is_written_with_names() -> None:
    people = {"Amy": ["amy"], "Chen": ["amy", "chen"]}

    def asked(query: str) -> tuple[Filter, ...]:
        found = listing(query)
        found.called = lambda _field, text, *, part=False: people.get(text, []) if part or text == "Amy" else []
        return tuple(found.query().filters)

    assert asked("ff=owner&fo=eq&fv=Amy") == (Filter("owner", "in", ["amy"]),)
    assert asked("ff=owner&fo=contains&fv=Chen") == (Filter("owner", "in", ["amy", "chen"]),)
    assert asked("ff=owner&fo=in&fv=Amy|Nobody") == (Filter("owner", "in", ["amy"]),)
    assert asked("ff=owner&fo=ne&fv=Amy") == (Filter("owner", "ne", "amy"),)
    assert asked("ff=owner&fo=eq&fv=Nobody") == (Filter("owner", "in", ["Nobody"]),)  # which finds nothing
    assert asked("ff=owner&fo=empty&fv=") == (Filter("owner", "empty"),)


def test_a_filter_that_is_not_filled_in_yet_asks_for_nothing() -> None:
    assert listing("ff=stage&fo=eq&fv=").query().filters == ()
    assert listing("ff=&fo=eq&fv=Won").query().filters == ()


def test_a_filter_that_cannot_be_read_is_left_out_and_said() -> None:
    found = listing("ff=amount&fo=ge&fv=much&ff=stage&fo=eq&fv=won")
    assert found.query().filters == (Filter("stage", "eq", "won"),)
    assert found.wrong


def test_a_chip_says_its_filter_in_words_and_leads_to_the_list_without_it() -> None:
    [stage, amount] = listing("q=x&ff=stage&fo=in&fv=new|won&ff=amount&fo=empty&fv=&sort=-amount").chips
    assert (stage.field, stage.operator, stage.value) == ("Stage", "is one of", "New one, Won")
    assert (amount.field, amount.operator, amount.value) == ("Amount", "is empty", "")
    assert stage.without == "/apps/crm/deal?q=x&ff=amount&fo=empty&fv=&sort=-amount"


def test_without_its_last_filter_a_saved_view_does_not_come_back_with_its_own() -> None:
    view = {
        "filters": [{"field": "stage", "operator": "eq", "value": "won"}],
        "sort": [{"field": "amount", "descending": True}],
    }
    saved = listing("view=won", **view)
    assert saved.query().filters == (Filter("stage", "eq", "won"),)
    assert saved.query().sort == (Sort("amount", True),)
    [chip] = saved.chips
    assert listing(chip.without.partition("?")[2], **view).query().filters == ()


def test_a_head_sorts_up_then_down() -> None:
    def amount(query: str) -> tuple[str, str]:
        column = next(column for column in listing(query).columns if column.key == "amount")
        return column.order, column.sort.partition("?")[2]

    assert amount("") == ("", "sort=amount")
    assert amount("sort=amount") == ("ascending", "sort=-amount")
    assert amount("sort=-amount&after=abc") == ("descending", "sort=amount")


def test_a_name_comes_before_a_number_and_tables_are_no_columns() -> None:
    assert [column.key for column in listing().columns] == ["name", "no", "stage", "amount", "owner"]


def test_columns_may_be_chosen_and_unknown_ones_are_left_out() -> None:
    assert [column.key for column in listing("col=amount&col=gone&col=created_at").columns] == ["amount", "created_at"]


def test_a_form_of_the_page_carries_the_rest_of_the_address_along() -> None:
    assert listing("q=x&ff=a&fo=b&fv=c&after=z").kept(["ff", "fo", "fv"]) == [("q", "x")]


def test_columns_that_are_no_fields_any_more_leave_the_usual_ones() -> None:
    usual = [column.key for column in listing().columns]
    assert usual
    assert [column.key for column in listing("col=gone").columns] == usual
    assert [column.key for column in listing(columns=["gone"]).columns] == usual
    assert [column.key for column in listing("col=gone&col=amount", columns=["name"]).columns] == ["amount"]
