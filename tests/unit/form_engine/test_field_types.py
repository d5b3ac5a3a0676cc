"""Each field type: what it takes, how it is read, shown, stored, asked for, and made of an older type."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from form_builders import a_field, a_form, errors, kept
from form_strategies import KEYWORDS, SETTINGS

from formloom.form_engine import definition, field_types
from formloom.form_engine.field_types import BLANK, Unreadable
from formloom.form_engine.field_types.contacts import company, iban, luhn, resident
from formloom.form_engine.field_types.derived import serial_of, series_of
from formloom.form_engine.field_types.regions import children, line_of, regions
from formloom.form_engine.field_types.text import plain_text, sanitised

NAMES = definition.IDS


def field(type_=None, /, schema=None, **settings):
    """The one field of a form."""
    settings = {**SETTINGS.get(type_, {}), **settings}
    document = a_form(
        x=a_field(type_, None, schema=schema if schema is not None else KEYWORDS.get(type_, {}), **settings)
    )
    return definition.load(document).fields["x"]


def read(entry, raw, lang="en", zone="UTC"):
    return entry.type.read(entry, raw, lang, zone)


def shown(entry, value, lang="en", zone="UTC"):
    return entry.type.text(entry, value, lang, NAMES, zone)


def meant(entry, text):
    return entry.type.from_text(entry, text, "en", "UTC")


# -- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("5", 5),
        ("1,234.50", 1234.5),
        ("１２．５", 12.5),
        (" 7 ", 7),
        ("-3", -3),
        ("¥ 12", 12),
        ("12.5%", 12.5),
        ("1e3", 1000),
        ("", None),
    ],
)
def test_numbers_are_read_as_people_write_them(typed, value):
    assert read(field("number"), typed) == value


@pytest.mark.parametrize("typed", ["abc", "1.2.3", "nan", "inf", "1e999", "1_000", "--5"])
def test_what_is_no_number_is_refused_in_a_sentence(typed):
    with pytest.raises(Unreadable, match="number"):
        read(field("number"), typed)


def test_amounts_are_shown_in_their_currency():
    assert shown(field("money"), 8199) == "8,199.00 CNY"
    assert shown(field("money"), 8199, "zh_Hans") == "¥8,199.00"
    assert shown(field("money"), -5, "zh_Hans") == "-¥5.00"
    assert shown(field("money", currency="JPY"), 8199) == "8,199 JPY"
    assert shown(field("money", currency="KWD"), 1.5) == "1.500 KWD"
    assert shown(field("percent"), 12.5) == "12.5 %"
    assert shown(field("number", unit="kg"), 1234.5) == "1,234.5 kg"
    assert shown(field("number", decimals=2), 3) == "3.00"


def test_numbers_are_stored_as_decimals_of_exactly_their_digits():
    assert field("money").type.stored(field("money"), 19.99) == Decimal("19.99")
    assert field("number").type.stored(field("number"), 1e-7) == Decimal("1E-7")
    assert field("integer").type.stored(field("integer"), 5.0) == 5


@pytest.mark.parametrize(
    ("settings", "digits"),
    [
        ({"type": "money", "currency": "JPY"}, 0),
        ({"type": "money"}, 2),
        ({"type": "percent", "decimals": 1}, 1),
        ({"type": "number"}, None),
    ],
)
def test_precision_belongs_to_the_type(settings, digits):
    assert field(settings.pop("type"), **settings).digits == digits


def test_a_number_too_large_for_its_precision_is_an_error():
    document = a_form(x=a_field("money", "number"))
    assert kept(document, {"x": 9_999_999_999_999.99})
    assert list(errors(document, {"x": 10_000_000_000_000})) == ["/x"]


@pytest.mark.parametrize("value", [19.99, 4.35, 0.07, 1.1, 1234567.89, 0.29, 8.2])
def test_valid_amounts_of_two_decimals_are_valid_although_their_binary_remainder_is_not_zero(value):
    document = a_form(x=a_field("money", "number", schema={"multipleOf": 0.01}))
    assert kept(document, {"x": value}) == {"x": value}
    assert list(errors(document, {"x": value + 0.001})) == ["/x"]


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(1.005, 1.01), (2.675, 2.68), (1.115, 1.12), (-1.005, -1.01), (0.285, 0.29), (1.15 * 0.1, 0.12)],
)
def test_computed_amounts_are_rounded_half_away_from_zero_on_their_text(value, rounded):
    assert kept(a_form(x=a_field("money", "number", compute={"+": [value, 0]})), {}) == {"x": rounded}


def test_a_rating_and_a_slider_have_ends():
    assert list(errors(a_form(x=a_field("rating", "integer", max=3)), {"x": 4})) == ["/x"]
    assert list(errors(a_form(x=a_field("slider", "number")), {"x": 101})) == ["/x"]
    assert errors(a_form(x=a_field("slider", "number", schema={"minimum": 200})), {"x": 250}) == {}


# -- time --------------------------------------------------------------------------------------------------------------


def test_days_are_read_in_many_spellings_and_shown_in_words():
    day = field("date")
    for typed in ("2026-11-24", "2026/11/24", "2026.11.24", "2026年11月24日", "２０２６-１１-２４"):
        assert read(day, typed) == "2026-11-24"
    assert shown(day, "2026-11-24") == "24 Nov 2026"
    assert shown(day, "2026-11-24", "zh_Hans") == "2026年11月24日"
    assert day.type.stored(day, "2026-11-24") == date(2026, 11, 24)
    for typed in ("24/11/2026", "2026-02-30", "today"):
        with pytest.raises(Unreadable):
            read(day, typed)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"])
def test_a_date_never_shifts_and_a_moment_keeps_itself_in_every_zone(zone):
    day, moment = field("date"), field("datetime")
    assert read(day, day.type.typed(day, "2026-03-29", "en", zone), "en", zone) == "2026-03-29"
    for value in ("2026-03-29T01:30:00Z", "2026-10-25T01:30:00Z", "1999-12-31T23:59:59Z"):
        assert read(moment, moment.type.typed(moment, value, "en", zone), "en", zone) == value


def test_a_moment_is_read_in_the_reader_s_zone_and_shown_in_it():
    moment = field("datetime")
    assert read(moment, "2026-11-24T17:30", "en", "Asia/Shanghai") == "2026-11-24T09:30:00Z"
    assert read(moment, "2026-11-24 17:30", "en", "Asia/Shanghai") == "2026-11-24T09:30:00Z"
    assert read(moment, "2026-11-24T17:30:00+08:00") == "2026-11-24T09:30:00Z"
    assert shown(moment, "2026-11-24T09:30:00Z", "en", "Asia/Shanghai") == "24 Nov 2026, 17:30"
    assert moment.type.stored(moment, "2026-11-24T17:30:00+08:00") == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    with pytest.raises(Unreadable):
        read(moment, "2026-11-24T25:00")


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("09:30", True),
        ("23:00+08:00", True),
        ("16:00Z", True),
        ("09:30:15.5Z", True),
        ("24:00", False),
        ("9:30", False),
    ],
)
def test_a_time_of_day_needs_no_offset(value, good):
    for schema in ({"type": "string", "format": "time"}, a_field("time", "string")):
        assert (errors(a_form(x=schema), {"x": value}) == {}) is good


def test_times_are_read_and_stored():
    clock = field("time")
    assert read(clock, "9:30") == "09:30"
    assert shown(clock, "09:30:00") == "09:30"
    assert clock.type.stored(clock, "23:00+08:00") == time(23)


def test_a_range_ends_after_it_begins():
    document = a_form(x={"title": "Leave", **a_field("daterange", "object")})
    assert errors(document, {"x": {"start": "2026-11-24", "end": "2026-11-20"}}) == {
        "/x": "Leave must not end before it begins."
    }
    assert list(errors(document, {"x": {"start": "2026-11-24"}})) == ["/x"]
    entry = field("daterange")
    assert read(entry, ["2026-11-24", "2026-11-26"]) == {"start": "2026-11-24", "end": "2026-11-26"}
    assert meant(entry, "2026/11/24 ~ 2026/11/26") == {"start": "2026-11-24", "end": "2026-11-26"}
    assert read(entry, ["", ""]) is None
    with pytest.raises(Unreadable):
        read(entry, ["2026-11-24", ""])


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1:30", "PT1H30M"),
        ("2d 4h", "P2DT4H"),
        ("45 min", "PT45M"),
        ("PT5M", "PT5M"),
        ("2天", "P2D"),
        ("1.5h", "PT1.5H"),
    ],
)
def test_durations_are_read_as_people_write_them(typed, value):
    assert read(field("duration"), typed) == value


def test_durations_are_shown_in_units():
    assert shown(field("duration"), "P2DT4H") == "2 d 4 h"
    assert shown(field("duration"), "PT1H30M", "zh_Hans") == "1 小时 30 分钟"


@pytest.mark.parametrize(
    ("value", "lang", "typed"),
    [
        ("P2DT4H", "en", "2 d 4 h"),
        ("PT1H30M", "zh_Hans", "1 小时 30 分钟"),
        ("P1M", "en", "P1M"),
        ("-PT5M", "en", "-PT5M"),
        ("P0Y2D", "en", "P0Y2D"),
    ],
)
def test_a_duration_stands_in_its_input_as_people_write_it_and_is_read_back_as_it_was(value, lang, typed):
    entry = field("duration")
    assert entry.type.typed(entry, value, lang) == typed
    assert read(entry, typed) == value


# -- texts with a shape ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (resident, "11010519491231002X", "110105194912310021"),
        (resident, "110101199003074477", "110101199013074477"),
        (company, "91350100M000100Y43", "91350100M000100Y44"),
        (iban, "DE89370400440532013000", "DE89370400440532013001"),
        (luhn, "4111111111111111", "4111111111111112"),
    ],
)
def test_check_digits_are_checked(check, good, bad):
    assert check(good)
    assert not check(bad)
    assert not check("")
    assert not check("x" * 18)


def test_an_id_number_is_kept_without_spaces_in_capitals():
    document = a_form(x={"title": "ID", **a_field("idnumber", "string")})
    assert kept(document, {"x": "110105 19491231 002x"}) == {"x": "11010519491231002X"}
    assert errors(document, {"x": "110105194912310020"}) == {
        "/x": "ID is no valid resident identity number: check its digits."
    }


def test_phone_numbers_are_checked_and_found_however_they_are_typed():
    phone = field("phone")
    assert {phone.type.stored(phone, value) for value in ("131 2345 6789", "+86 13123456789", "13123456789")} == {
        "+8613123456789"
    }
    assert errors(a_form(x=a_field("phone", "string")), {"x": "010-8888 8888"}) == {}
    assert list(errors(a_form(x=a_field("phone", "string")), {"x": "12"})) == ["/x"]
    assert list(errors(a_form(x=a_field("phone", "string")), {"x": "call me"})) == ["/x"]


def test_a_web_address_runs_nothing():
    document = a_form(x={"type": "string", "format": "uri"})
    for value in ("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "not an address"):
        assert list(errors(document, {"x": value})) == ["/x"]
    assert errors(document, {"x": "https://例子.中国/a?b=c"}) in (
        {},
        {"/x": "x must be a web address, like https://example.com."},
    )
    assert errors(document, {"x": "urn:isbn:0451450523"}) == {}
    assert read(field("url"), "example.com/x") == "https://example.com/x"


def test_rich_text_is_sanitised_before_it_is_kept():
    document = a_form(x=a_field("richtext", "string"))
    dirty = (
        '<p onclick="x()">Hi <b>you</b><script>alert(1)</script><a href="javascript:x">l</a><img src=x onerror=y></p>'
    )
    clean = kept(document, {"x": dirty})["x"]
    assert "script" not in clean
    assert "onclick" not in clean
    assert "onerror" not in clean
    assert "<b>you</b>" in clean
    assert kept(document, {"x": "<p> </p><script>x</script>"}) == {}
    assert plain_text("<p>a &amp; b</p><p>c</p>") == "a & b\nc"
    assert sanitised("a < b") == "a &lt; b"


# -- choices ------------------------------------------------------------------------------------------------------------


def test_options_are_read_by_value_and_meant_by_label():
    entry = field("select")
    assert read(entry, "a") == "a"
    assert meant(entry, "alpha") == "a"
    assert shown(entry, "a") == "Alpha"
    assert shown(entry, "gone") == "gone"
    with pytest.raises(Unreadable, match="Alpha, Beta, c"):
        read(entry, "z")


def test_options_may_be_numbers():
    entry = field("select", {"enum": [1, 2.5]})
    assert read(entry, "2.5") == 2.5
    assert list(errors(a_form(x={"enum": [1, 2]}), {"x": "1"})) == ["/x"]


def test_several_options_are_read_meant_and_stored_as_a_list():
    entry = field("multiselect")
    assert read(entry, ["a", "b", "a", ""]) == ["a", "b"]
    assert meant(entry, "Alpha，Beta; c") == ["a", "b", "c"]
    assert shown(entry, ["a", "b"], "zh_Hans") == "Alpha、Beta"
    assert entry.type.stored(entry, ["a", "b"]) == "|a|b|"


def test_a_switch_knows_off_from_nothing():
    entry = field("switch")
    assert [read(entry, raw) for raw in (["false", "true"], ["false"], "on", "否", "", [])] == [
        True,
        False,
        True,
        False,
        None,
        None,
    ]
    assert [shown(entry, value, "zh_Hans") for value in (True, False)] == ["是", "否"]
    with pytest.raises(Unreadable):
        read(entry, "maybe")


def test_a_ranking_holds_every_option_once():
    document = a_form(x=a_field("ranking", None, schema=KEYWORDS["ranking"]))
    assert errors(document, {"x": ["c", "a", "b"]}) == {}
    assert list(errors(document, {"x": ["c", "a"]})) == ["/x"]
    assert list(errors(document, {"x": ["c", "a", "a"]})) == ["/x"]


def test_a_colour_may_be_written_without_its_sign_and_a_word_is_refused_with_an_example():
    assert read(field("color"), " 2F6FDE ") == "#2f6fde"
    with pytest.raises(Unreadable, match="#2f6fde"):
        read(field("color"), "red")


def test_a_cascade_that_stops_too_early_is_told_in_words_not_in_values():
    document = a_form(x=a_field("cascade", None, **SETTINGS["cascade"]))
    assert errors(document, {"x": ["cn"]}) == {"/x": "x: choose from each list, down to the last step."}


def test_a_cascade_is_a_way_down_its_tree():
    document = a_form(x=a_field("cascade", None, **SETTINGS["cascade"]))
    assert errors(document, {"x": ["cn", "hz"]}) == {}
    for value in (["cn"], ["hz"], ["cn", "sg"], ["cn", "hz", "x"]):
        assert list(errors(document, {"x": value})) == ["/x"]
    entry = field("cascade")
    assert shown(entry, ["cn", "hz"]) == "China / hz"
    assert meant(entry, "China / hz") == ["cn", "hz"]
    assert errors(a_form(x=a_field("cascade", None, partial=True, **SETTINGS["cascade"])), {"x": ["cn"]}) == {}


def test_a_grid_has_a_mark_for_each_row():
    document = a_form(x=a_field("matrix", None, allRows=True, **SETTINGS["matrix"]))
    assert errors(document, {"x": {"one": "two", "two": "one"}}) == {}
    for value in ({"one": "two"}, {"one": "x", "two": "one"}, {"one": "two", "two": "one", "three": "one"}):
        assert list(errors(document, {"x": value})) == ["/x"]
    entry = field("matrix")
    assert read(entry, ["one=two", "two=one"]) == {"one": "two", "two": "one"}
    assert shown(entry, {"one": "two"}) == "one: Two"
    assert meant(entry, "one: Two; two: one") == {"one": "two", "two": "one"}


def test_regions_are_those_of_china():
    assert len([code for code in regions() if code.endswith("0000")]) == 34
    assert line_of("330106") == ("330000", "330100", "330106")
    assert line_of("110101") == ("110000", "110101")
    assert line_of("999999") == ()
    assert "330100" in children()["330000"]
    entry = field("region")
    assert shown(entry, "330106") == "浙江省 杭州市 西湖区"
    assert meant(entry, "浙江省杭州市西湖区") == meant(entry, "浙江省 / 杭州市 / 西湖区") == "330106"
    assert read(entry, ["330000", "330100", "330106"]) == "330106"
    document = a_form(x=a_field("region", "string"))
    for code, good in (
        ("330106", True),
        ("110101", True),
        ("441900", True),
        ("330100", False),
        ("123456", False),
        ("330000", False),
    ):
        assert (errors(document, {"x": code}) == {}) is good, code
    city = a_form(x=a_field("region", "string", level="city"))
    for code, good in (("330100", True), ("110000", True), ("330000", False), ("330106", False)):
        assert (errors(city, {"x": code}) == {}) is good, code


# -- references, the rest ----------------------------------------------------------------------------------------------


def test_people_and_records_are_kept_by_id_and_shown_by_name():
    class People(type(NAMES)):
        def member(self, id):
            return {"wang": "王芳"}.get(id, id)

    several = field("member", multiple=True)
    assert several.several
    assert several.type.text(several, ["wang", "li"], "zh_Hans", People()) == "王芳、li"
    assert read(several, ["wang", "", "wang"]) == ["wang"]
    assert read(field("member"), " wang ") == "wang"
    assert definition.check(a_form(x=a_field("member", "string", multiple=True)))
    assert definition.check(a_form(x=a_field("link", "string")))[0].message == "“form” is missing here."


def test_serial_numbers_follow_their_pattern():
    day = date(2026, 3, 9)
    assert series_of("CT-{yyyy}-{0000}", day) == "CT-2026-{0000}"
    assert serial_of("CT-{yyyy}-{0000}", day, 42) == "CT-2026-0042"
    assert serial_of("{yy}{mm}{dd}/{00}", day, 123) == "260309/123"
    assert serial_of("", day, 7) == "0007"
    for pattern in ("CT", "{0000}{00}", "{yyy}-{0000}", "{0000"):
        assert definition.check(a_form(x=a_field("serial", "string", pattern=pattern)))
    assert definition.check(a_form(x=a_field("serial", "string", pattern="CT-{yyyy}-{0000}"))) == []


def test_a_computed_field_acts_as_the_type_that_it_gives():
    for schema, name, tree in (
        ({"type": "number"}, "number", 1),
        ({"type": "string", "format": "date"}, "date", {"today": []}),
        ({"type": "boolean"}, "switch", True),
    ):
        entry = definition.load(a_form(x={**schema, "x-field": {"type": "computed", "compute": tree}})).fields["x"]
        assert entry.type.name == name
        assert entry.read_only
    looked = field("lookup", {"type": "number", "title": "Price"})
    assert (looked.type.name, looked.column, looked.live) == ("lookup", None, True)
    assert shown(looked, 1234.5) == "1,234.5"
    assert field("lookup", {"type": "number"}, mode="snapshot").column == "decimal"


def test_a_roll_up_with_a_currency_is_shown_as_an_amount():
    total = field("rollup", {"type": "number", "title": "Total"}, aggregate="sum", field="price", currency="CNY")
    assert shown(total, 1234.5) == "1,234.50 CNY"
    assert shown(field("rollup", {"type": "number"}, aggregate="sum", field="price"), 1234.5) == "1,234.5"


def test_an_amount_that_is_looked_up_is_shown_with_its_currency():
    price = field("lookup", {"type": "number", "title": "Price"}, currency="JPY")
    assert (price.type.name, price.digits) == ("lookup", 0)
    assert shown(price, 1234) == "1,234 JPY"


@pytest.mark.parametrize("settings", [{"type": "lookup", "link": "l", "field": "f"}, {"type": "rollup", "form": "f", "link": "l", "aggregate": "count"}])  # fmt: skip
def test_a_worked_out_amount_is_in_a_currency_that_there_is(settings):
    link = {"type": "string", "x-field": {"type": "link", "form": "f"}}
    document = a_form(l=link, x={"type": "number", "x-field": {**settings, "currency": "EURO"}})
    told = [(problem.pointer, problem.message) for problem in definition.check(document)]
    assert told == [("/properties/x/x-field/currency", "“EURO” is no ISO 4217 currency code. Did you mean “EUR”?")]


def test_a_location_is_a_place_on_earth():
    document = a_form(x=a_field("location", "object"))
    assert errors(document, {"x": {"lat": 30.25, "lng": 120.14}}) == {}
    assert list(errors(document, {"x": {"lat": 95, "lng": 120.14}})) == ["/x"]
    assert read(field("location"), "30.25, 120.14") == {"lat": 30.25, "lng": 120.14}
    assert read(field("location"), ["30.25", "120.14", "West Lake"]) == {
        "lat": 30.25,
        "lng": 120.14,
        "name": "West Lake",
    }


def test_json_is_read_and_shown():
    assert read(field("json"), '{"a": [1, null]}') == {"a": [1, None]}
    with pytest.raises(Unreadable):
        read(field("json"), "{a: 1}")


# -- changing a form with data -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "value", "made"),
    [
        (field("number"), field("text"), 12.5, "12.5"),
        (field("text"), field("number"), "1,200", 1200),
        (field("text"), field("number"), "many", BLANK),
        (field("text"), field("date"), "2026/11/24", "2026-11-24"),
        (field("date"), field("text"), "2026-11-24", "24 Nov 2026"),
        (field("select"), field("text"), "a", "Alpha"),
        (field("text"), field("select"), "Alpha", "a"),
        (field("text"), field("select"), "zzz", BLANK),
        (field("select"), field("multiselect"), "a", ["a"]),
        (field("member"), field("member", multiple=True), "wang", ["wang"]),
        (field("member", multiple=True), field("member"), ["wang", "li"], "wang"),
        (field("text"), field("member"), "wang", BLANK),
        (field("switch"), field("text"), True, "Yes"),
        (field("text"), field("switch"), "no", False),
        (field("number"), field("money"), 5, 5),
        (field("text"), field("text"), "x", "x"),
        (field("datetime"), field("date"), "2026-11-24T09:30:00Z", "2026-11-24"),
    ],
)
def test_a_value_of_an_older_version_is_read_as_the_new_type_or_not_at_all(old, new, value, made):
    assert new.type.convert(new, old, value) == made


# -- the database ----------------------------------------------------------------------------------------------------------


class Column:
    """Stands for a SQL column: writes down what is asked of it."""

    def __getattr__(self, name):
        return lambda *args, **more: (name, *args, more) if more else (name, *args)

    __eq__ = lambda self, other: Condition(("eq", other))  # noqa: E731
    __ne__ = lambda self, other: Condition(("ne", other))  # noqa: E731
    __lt__ = lambda self, other: Condition(("lt", other))  # noqa: E731
    __le__ = lambda self, other: Condition(("le", other))  # noqa: E731
    __gt__ = lambda self, other: Condition(("gt", other))  # noqa: E731
    __ge__ = lambda self, other: Condition(("ge", other))  # noqa: E731
    __hash__ = None


class Condition(tuple):
    def __new__(cls, parts):
        return super().__new__(cls, parts)

    def __or__(self, other):
        return ("or", tuple(self), tuple(other))


@pytest.mark.parametrize(
    ("entry", "operator", "operand", "asked"),
    [
        (field("money"), "ge", 19.99, ("ge", Decimal("19.99"))),
        (field("date"), "between", ["2026-01-01", "2026-02-01"], ("between", date(2026, 1, 1), date(2026, 2, 1))),
        (field("text"), "contains", "x%", ("contains", "x%", {"autoescape": True})),
        (field("select"), "in", ["a", "b"], ("in_", ["a", "b"])),
        (field("text"), "empty", None, ("is_", None)),
        (field("text"), "ne", "x", ("or", ("ne", "x"), ("is_", None))),
        (field("multiselect"), "contains", "a", ("contains", "|a|", {"autoescape": True})),
        (field("tags"), "contains", "a|b", ("contains", "|a\\Ib|", {"autoescape": True})),
        (field("region"), "starts", "330000", ("startswith", "33", {"autoescape": True})),
        (field("switch"), "eq", True, ("eq", True)),
    ],
)
def test_a_type_says_how_it_is_filtered(entry, operator, operand, asked):
    assert operator in entry.type.operators
    assert entry.type.where(entry, operator, Column(), operand) == asked


@pytest.mark.parametrize("entry", field_types.all(), ids=lambda entry: entry.name)
def test_every_type_answers_every_operator_that_it_offers(entry):
    name = entry.name
    if name in ("table", "group"):
        return
    made = definition.load(
        a_form(x={**KEYWORDS.get(name, {}), "x-field": {"type": name, **SETTINGS.get(name, {})}})
    ).fields["x"]
    sample = made.type.sample(made)
    operand = {
        "text": "x",
        "decimal": 1,
        "integer": 1,
        "date": "2026-11-24",
        "time": "09:30",
        "datetime": "2026-11-24T09:30:00Z",
        "boolean": True,
    }
    value = (
        operand.get(made.type.column, "x")
        if sample is BLANK or made.type.column != "text" or isinstance(sample, list | dict)
        else sample
    )
    for operator in made.type.operators:
        many = operator in ("in", "between")
        assert made.type.where(made, operator, Column(), [value, value] if many else value) is not None
    assert made.type.sort(made, "column") == "column"
    assert made.type.icon
    assert made.type.macro
