from unit.web.drawing_helpers import form_of
from werkzeug.datastructures import MultiDict

from formloom.form_engine.form import Form
from formloom.web import posted
from formloom.web.posted import Act, Posted

ITEMS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"gift": {"type": "string"}, "count": {"type": "integer"}, "done": {"type": "boolean"}},
    },
}


def reward() -> Form:
    return form_of(
        reason={"type": "string"},
        amount={"type": "number"},
        team={"type": "array", "x-field": {"type": "member", "multiple": True}},
        items=ITEMS,
        marks={"type": "object", "x-field": {"type": "matrix", "rows": [{"value": "a"}, {"value": "b"}], "columns": [{"value": "1"}, {"value": "2"}]}},
    )  # fmt: skip


def read(*pairs: tuple[str, str], act: Act | None = None) -> Posted:
    return posted.read(reward(), MultiDict(pairs), lang="en", zone="UTC", act=act)


def test_what_was_typed_becomes_values_and_is_kept_as_typed() -> None:
    given = read(("reason", " Good work "), ("amount", "1,250.50"))
    assert given.values == {"reason": "Good work", "amount": 1250.5}
    assert given.typed["amount"] == ["1,250.50"]


def test_what_cannot_be_read_is_said_and_stays_as_typed() -> None:
    given = read(("amount", "a lot"))
    assert given.typed["amount"] == ["a lot"]
    assert [problem.pointer for problem in given.problems] == ["/amount"]


def test_a_field_that_was_not_sent_is_not_touched_and_one_that_is_announced_is_emptied() -> None:
    assert read(("reason", "x")).values == {"reason": "x"}
    assert read(("reason", "x"), (":on", "team")).values == {"reason": "x", "team": None}


def test_rows_that_were_left_empty_are_gone_and_the_others_close_up() -> None:
    given = read(
        ("items/0/gift", ""), ("items/0/count", ""), ("items/0/done", "false"),
        ("items/3/gift", "Book"), ("items/3/_row", "r7"),
        ("items/10/count", "2"),
    )  # fmt: skip
    assert given.values["items"] == [{"_row": "r7", "gift": "Book"}, {"count": 2}]
    assert given.typed["items/0/gift"] == ["Book"]
    assert not any(name.startswith("items/3") for name in given.typed)


def test_a_table_whose_last_row_was_emptied_is_emptied() -> None:
    assert read((":on", "items"), ("items/0/gift", "")).values["items"] == []


def test_a_button_adds_a_row_to_be_drawn() -> None:
    given = read(("items/0/gift", "Book"), act=Act("add", "items"))
    assert given.values["items"] == [{"gift": "Book"}]
    assert given.rows == {"items": 2}


def test_a_button_removes_the_row_it_stands_in() -> None:
    pairs = (("items/0/gift", "Book"), ("items/1/gift", "Pen"), ("items/2/gift", "Cup"))
    given = read(*pairs, act=Act("remove", "items/1"))
    assert [row["gift"] for row in given.values["items"]] == ["Book", "Cup"]


def test_a_button_takes_one_of_several_choices_back() -> None:
    given = read(("team", "li"), ("team", "amy"), act=Act("drop", "team", "li"))
    assert given.values["team"] == ["amy"]


def test_the_marks_of_a_grid_are_put_together_from_its_lines() -> None:
    given = read((":on", "marks"), (":mark marks a", "a=2"), (":mark marks b", "b=1"))
    assert given.values["marks"] == {"a": "2", "b": "1"}


def test_the_pages_own_words_are_no_values() -> None:
    given = read(("csrf_token", "t"), (":key", "k"), (":do", "refresh"), ("reason", "x"))
    assert set(given.typed) == {"reason"}


def test_a_button_says_what_it_is_about() -> None:
    assert posted.act_of(MultiDict({":do": "drop team li lei"})) == Act("drop", "team", "li lei")
    assert posted.act_of(MultiDict({":do": "refresh"})) == Act("refresh")
    assert posted.act_of(MultiDict({"reason": "x"})) is None


def test_a_pointer_leads_to_the_name_of_its_input() -> None:
    assert posted.name_of("/items/0/price") == "items/0/price"
    assert posted.name_of("/a~1b~0c") == "a/b~c"
    assert posted.name_of("") == ""
