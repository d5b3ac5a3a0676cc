"""The four templates: each passes its own check, says everything in two languages, and leads nowhere that is not there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import formloom.platform.packages.check as packages
from formloom.form_engine import definition
from formloom.form_engine.form import Form

LIBRARY = Path(packages.__file__).parents[2] / "templates_library"
TEMPLATES = ("crm", "kpi", "rewards", "training")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_CHINESE = re.compile(r"^[\d\s%.,–-]*$")  # figures read the same in both


def document(*path: str) -> Any:
    return json.loads(LIBRARY.joinpath(*path).read_text(encoding="utf-8"))


def documents(key: str, folder: str) -> dict[str, Any]:
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((LIBRARY / key / folder).glob("*.json"))
    }


def chinese(found: dict[str, Any]) -> dict[str, str]:
    return found["translations"]["zh_Hans"]


def texts_of_form(form: Form) -> Iterator[str]:
    """The path of every text that the form shows."""
    document = form.document
    yield ""
    yield ":help"
    for field in form.every_field():
        path = "/".join(field.keys)
        yield path
        if "description" in field.schema:
            yield f"{path}:help"
        yield from (f"{path}/{choice.value}" for choice in field.choices)
    own = document["x-form"]
    for number, section in enumerate(own["layout"]):
        yield f"layout/{number}"
        if "help" in section:
            yield f"layout/{number}:help"
    yield from (f"{part}/{number}" for part in ("rules", "capacity") for number in range(len(own.get(part, ()))))


def texts_of_steps(steps: list[dict[str, Any]]) -> Iterator[str]:
    """The path of every text that the steps show."""
    for step in steps:
        assert "title" in step, f"{step['id']} has no title"
        yield step["id"]
        if "message" in step:
            yield f"{step['id']}:message"
        for number, branch in enumerate(step.get("branches", ())):
            yield f"{step['id']}/{number}"
            yield from texts_of_steps(branch["steps"])


def texts_of_app(app: dict[str, Any]) -> Iterator[str]:
    """The path of every text of an app.json."""
    yield from ("name", "description")
    yield from (f"roles/{role['id']}" for role in app["roles"])
    for number, entry in enumerate(app["navigation"]):
        for path, one in [("", entry), *((f"/{inner}", item) for inner, item in enumerate(entry.get("items", ())))]:
            if "title" in one:
                yield f"navigation/{number}{path}"


def assert_in_chinese(translations: dict[str, str], paths: Iterator[str]) -> None:
    wanted = list(paths)
    assert sorted(translations) == sorted(wanted)
    english = {
        path for path, text in translations.items() if not CHINESE.search(text) and not SAME_IN_CHINESE.match(text)
    }
    assert english == set()


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_passes_its_check_with_no_error_and_no_warning(key: str) -> None:
    assert [problem for problem in packages.check(LIBRARY / key) if problem.severity != "note"] == []


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_text_of_a_template_is_there_in_chinese(key: str) -> None:
    for found in documents(key, "forms").values():
        assert_in_chinese(chinese(found["x-form"]), texts_of_form(definition.load(found)))
    for found in documents(key, "workflows").values():
        assert_in_chinese(chinese(found), texts_of_steps(found["steps"]))
    for found in documents(key, "views").values():
        assert_in_chinese(chinese(found), iter([""]))
    app = document(key, "app.json")
    assert_in_chinese(chinese(app), texts_of_app(app))


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_label_of_a_template_is_said_in_english_and_not_left_to_its_key(key: str) -> None:
    for found in documents(key, "forms").values():
        form = definition.load(found)
        assert form.title("en") != form.key
        assert [field.path for field in form.every_field() if "title" not in field.schema] == []


@pytest.mark.parametrize("key", TEMPLATES)
def test_the_menu_shows_every_form_and_every_view(key: str) -> None:
    entries = [one for entry in document(key, "app.json")["navigation"] for one in entry.get("items", [entry])]
    assert sorted(one["form"] for one in entries if "form" in one) == sorted(documents(key, "forms"))
    assert sorted(one["view"] for one in entries if "view" in one) == sorted(documents(key, "views"))


def test_the_keys_of_forms_and_views_differ_across_templates() -> None:
    for folder in ("forms", "views"):
        keys = [name for key in TEMPLATES for name in documents(key, folder)]
        assert len(keys) == len(set(keys))


def test_all_templates_share_the_same_people() -> None:
    people = [document(key, "sample", "people.json") for key in TEMPLATES]
    assert people[1:] == people[:1] * 3


def test_roles_and_departments_have_chinese_names_and_roles_are_called_the_same_everywhere() -> None:
    people = document("crm", "sample", "people.json")
    for one in people["departments"] + people["roles"]:
        assert CHINESE.search(one["translations"]["zh_Hans"])
    for key in TEMPLATES:
        app = document(key, "app.json")
        for role in app["roles"]:
            known = next(one for one in people["roles"] if one["id"] == role["id"])
            assert (known["name"], known["translations"]["zh_Hans"]) == (
                role["name"],
                chinese(app)[f"roles/{role['id']}"],
            )


def test_every_department_has_a_head_and_somebody_administers() -> None:
    people = document("crm", "sample", "people.json")
    members = {member["id"]: member for member in people["members"]}
    assert all(department["head"] in members for department in people["departments"])
    assert [member["id"] for member in members.values() if member.get("admin")] == ["zhou_xiaotong"]
    assert any(member.get("active") is False for member in members.values())
