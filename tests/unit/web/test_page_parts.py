"""Small things that pages stand on: where one may be sent back to, zones by city, departments as a tree, pictures of forms."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, Response
from hypothesis import given
from hypothesis import strategies as st

from formloom.form_engine import definition
from formloom.form_engine.names import IDS
from formloom.platform.services.departments import DepartmentRow
from formloom.web import addresses, recent, trees, zones
from formloom.web.outline import OutlineStep
from formloom.web.picture import fit, measure, picture

LIBRARY = Path(__file__).parents[3] / "templates_library"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize("address", ["/", "/inbox?box=todo&form=x", "/apps/crm/customer/1#top", "/search?q=//x"])
def test_a_path_of_ours_may_be_gone_back_to(address):
    assert addresses.own(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "inbox", "/a\nSet-Cookie: x", "http:/evil", "/\t/evil.example"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(address):
    assert addresses.own(address, "/home") == "/home"


def test_zones_stand_from_west_to_east_by_city_in_the_readers_language():
    names = dict(zones.zones("zh_Hans", "UTC", NOW))
    assert names["Asia/Shanghai"] == "UTC+08:00 上海"
    keys = list(names)
    assert keys.index("America/New_York") < keys.index("UTC") < keys.index("Asia/Shanghai")


def test_a_zone_that_was_chosen_is_always_among_the_choices():
    assert "Etc/GMT+3" in dict(zones.zones("en", "Etc/GMT+3", NOW))


def test_a_city_stands_once_in_the_zones_under_its_name_of_today_unless_the_older_one_is_chosen():
    written = [text for _, text in zones.zones("en", "UTC", NOW)]
    assert len(written) == len(set(written))
    kolkata = {key for key, text in zones.zones("en", "UTC", NOW) if text.endswith("Kolkata")}
    assert kolkata == {"Asia/Kolkata"}
    assert "Asia/Calcutta" in dict(zones.zones("en", "Asia/Calcutta", NOW))
    assert "Nowhere/Land" not in dict(zones.zones("en", "Nowhere/Land", NOW))


def department(name, depth, members=1):
    return DepartmentRow(name, name, None, None, "", depth, members, {}, "")


ROWS = [
    department("Sales", 0),
    department("North", 1, 3),
    department("Far north", 2),
    department("South", 1),
    department("HR", 0),
]


def test_departments_hang_below_the_one_above_and_count_everybody_below():
    top = trees.tree(ROWS)
    assert [node.row.name for node in top] == ["Sales", "HR"]
    assert [child.row.name for child in top[0].children] == ["North", "South"]
    assert top[0].total == 6


def test_a_department_is_chosen_by_its_whole_path():
    assert [label for _id, label in trees.choices(ROWS)][1:4] == [
        "Sales / North",
        "Sales / North / Far north",
        "Sales / South",
    ]


@given(st.text(max_size=60), st.integers(20, 200))
def test_a_word_in_a_picture_never_leaves_its_box(text, width):
    cut = fit(text, width, 8)
    assert measure(cut, 8) <= width or len(cut) <= 1
    assert cut == text or cut.endswith("…")


@pytest.mark.parametrize("file", sorted(LIBRARY.glob("*/forms/*.json")), ids=lambda file: file.stem)
@pytest.mark.parametrize("lang", ["en", "zh_Hans"])
def test_every_form_of_the_library_makes_a_picture_inside_its_frame(file, lang):
    form = definition.load(json.loads(file.read_text("utf-8")))
    step = OutlineStep("a", "approval", "check", "Approval", "Manager approves it at once", "", (), "/steps/0")
    drawn = picture(form, {}, lang, IDS, [step])
    assert drawn.cells
    assert all(cell.x >= 14 and cell.x + cell.width <= 266 for cell in drawn.cells)
    assert len({(cell.x, cell.y) for cell in drawn.cells}) == len(drawn.cells)
    assert drawn.stops[0].x + measure(drawn.stops[0].text, 8) <= 280


def visited(paths):
    app = Flask("test")
    app.secret_key = "not a secret"
    app.after_request(recent.remember)
    app.add_url_rule("/<path:rest>", "any", lambda rest: Response("<p>", mimetype="text/html"))
    app.add_url_rule("/look", "look", lambda: json.dumps([place.address for place in recent.places()]))
    client = app.test_client()
    for path in paths:
        client.get(path)
    return json.loads(client.get("/look").data)


def test_the_last_places_are_kept_once_each_the_latest_first():
    record = "/apps/crm/customer/0190a1b2-1111-7222-8333-123456789abc"
    assert visited(["/apps/crm/customer", record, "/inbox", "/apps/crm/customer"]) == ["/apps/crm/customer", record]


def test_only_so_many_places_are_kept():
    assert len(visited([f"/apps/crm/form_{number}" for number in range(20)])) == recent.KEPT
