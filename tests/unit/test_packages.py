"""App packages: read from folders and zips safely, checked to the last reference, written back as they were."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import MEMBER, MONEY, PEOPLE, TEXT, app_document, form, link

from formloom.platform.errors import InputInvalid
from formloom.platform.packages import library
from formloom.platform.packages.check import check, check_files
from formloom.platform.packages.files import read_folder, read_zip, write_folder, write_zip
from formloom.platform.packages.package import Package, to_files, write_json

Json = dict[str, Any]


def _package() -> Package:
    """A sound package with one of everything."""
    request = form("request", {"nominee": MEMBER, "amount": MONEY, "customer": link("customer")}, required=["nominee"])
    workflow = {
        "form": "request",
        "steps": [
            {"id": "check", "type": "approval", "assignees": [{"role": "finance"}], "fields": {"amount": "edit"}}
        ],
    }
    view = {"form": "request", "title": "Large", "columns": ["amount", "status"], "filters": [{"field": "amount", "operator": "gt", "value": 5}],
            "sort": [{"field": "created_at", "descending": True}]}  # fmt: skip
    sample = [{"id": "r1", "by": "amy", "at": "2026-11-20T09:00:00+08:00", "values": {"nominee": "li", "customer": "c1"},
               "history": [{"by": "li", "at": "2026-11-20T10:00:00+08:00", "action": "approve"}]}]  # fmt: skip
    customers = [{"id": "c1", "by": "amy", "at": "2026-11-19T09:00:00+08:00", "values": {"name": "Hengyue"}}]
    app = app_document("office", ["request"], permissions={"request": {"see": [{"role": "hr"}, {"field": "nominee"}]}})
    app["navigation"].append({"title": "More", "items": [{"view": "large"}, {"form": "customer"}]})
    app["translations"] = {
        "zh_Hans": {"name": "办公", "roles/hr": "人事", "navigation/1": "更多", "navigation/1/0": "大额"}
    }
    parts = {
        "views/large.json": view,
        "dashboards/main.json": {"widgets": []},
        "sample/people.json": PEOPLE,
        "sample/records/request.json": sample,
        "sample/records/customer.json": customers,
    }
    forms = {"request": request, "customer": form("customer", {"name": TEXT})}
    return Package(app, forms, {"request": workflow}, parts)


def test_a_sound_package_has_no_problem_and_reads_back_as_it_is() -> None:
    package = _package()
    found, problems = check_files(to_files(package))
    assert problems == []
    assert found == package


def test_a_package_is_the_same_from_a_folder_and_from_a_zip(tmp_path: Path) -> None:
    files = to_files(_package())
    write_folder(files, tmp_path)
    (tmp_path / ".DS_Store").write_bytes(b"x")
    assert read_folder(tmp_path) == read_zip(write_zip(files)) == files
    assert write_zip(files) == write_zip(read_folder(tmp_path))
    assert [problem.severity for problem in check(tmp_path)] == ["note"]  # who approves may be who asks


def test_a_zip_of_the_folder_itself_is_read_as_well() -> None:
    files = to_files(_package())
    assert read_zip(write_zip({f"rewards/{path}": content for path, content in files.items()})) == files


def _changed(change: Callable[[Json], None]) -> list[tuple[str, str, str]]:
    """Problems of the sound package after `change` was made to its documents (by path)."""
    documents = {path: json.loads(content) for path, content in to_files(_package()).items()}
    change(documents)
    files = {path: write_json(document) for path, document in documents.items()}
    return [(problem.file, problem.pointer, problem.severity) for problem in check_files(files)[1]]


def _set(path: str, *keys: Any) -> Callable[[Json], None]:
    """Put the last of `keys` at the place that the others lead to in the document at `path`."""

    def change(documents: Json) -> None:
        place = documents[path]
        for key in keys[:-2]:
            place = place[key]
        place[keys[-2]] = keys[-1]

    return change


BROKEN: list[tuple[Callable[[Json], None], tuple[str, str]]] = [
    (lambda d: d.pop("app.json"), ("app.json", "")),
    (lambda d: d["app.json"].pop("category"), ("app.json", "")),
    (_set("app.json", "categry", "crm"), ("app.json", "/categry")),
    (_set("app.json", "accent", "pink"), ("app.json", "/accent")),
    (_set("app.json", "key", "My App"), ("app.json", "/key")),
    (_set("app.json", "sampleDay", "soon"), ("app.json", "/sampleDay")),
    (_set("app.json", "navigation", 0, {"form": "reqest"}), ("app.json", "/navigation/0/form")),
    (_set("app.json", "navigation", 1, "items", 0, {"view": "small"}), ("app.json", "/navigation/1/items/0/view")),
    (_set("app.json", "permissions", {"reqest": {}}), ("app.json", "/permissions/reqest")),
    (_set("app.json", "permissions", "request", {"see": [{"role": "boss"}]}), ("app.json", "/permissions/request/see/0/role")),
    (_set("app.json", "permissions", "request", {"see": [{"field": "amount"}]}), ("app.json", "/permissions/request/see/0/field")),
    (_set("app.json", "permissions", "request", {"see": [{"managerOf": {"field": "nobody"}}]}),
     ("app.json", "/permissions/request/see/0/managerOf/field")),
    (_set("app.json", "permissions", "request", {"add": ["own"]}), ("app.json", "/permissions/request/add/0")),
    (_set("app.json", "permissions", "request", {"fields": {"amont": {}}}), ("app.json", "/permissions/request/fields/amont")),
    (_set("app.json", "translations", "zh_Hans", "navigation/7", "x"), ("app.json", "/translations/zh_Hans/navigation~17")),
    (_set("forms/request.json", "$id", "other"), ("forms/request.json", "/$id")),
    (_set("forms/request.json", "properties", "customer", "x-field", "form", "client"),
     ("forms/request.json", "/properties/customer/x-field/form")),
    (_set("forms/request.json", "properties", "amount", "x-field", "currency", "XYZ"),
     ("forms/request.json", "/properties/amount/x-field/currency")),
    (lambda d: d.update({"forms/Bad Key.json": form("x", {"a": TEXT})}), ("forms/Bad Key.json", "")),
    (_set("workflows/request.json", "form", "customer"), ("workflows/request.json", "/form")),
    (_set("workflows/request.json", "steps", 0, "assignees", [{"role": "boss"}]), ("workflows/request.json", "/steps/0/assignees/0/role")),
    (_set("workflows/request.json", "steps", 0, "fields", {"amont": "edit"}), ("workflows/request.json", "/steps/0/fields/amont")),
    (_set("workflows/request.json", "steps", 0, {"id": "go", "type": "action", "do": {"createRecord": {"form": "ledger", "set": {}}}}),
     ("workflows/request.json", "/steps/0/do/createRecord/form")),
    (lambda d: d.update({"workflows/ledger.json": {"steps": []}}), ("workflows/ledger.json", "/form")),
    (_set("views/large.json", "form", "reqest"), ("views/large.json", "/form")),
    (_set("views/large.json", "columns", ["amount", "nothing"]), ("views/large.json", "/columns/1")),
    (_set("views/large.json", "filters", 0, "operator", "contains"), ("views/large.json", "/filters/0/operator")),
    (_set("views/large.json", "sort", 0, "field", "nothing"), ("views/large.json", "/sort/0/field")),
    (_set("views/large.json", "colums", []), ("views/large.json", "/colums")),
    (lambda d: d.update({"dashboards/main.json": []}), ("dashboards/main.json", "")),
    (_set("sample/people.json", "members", 0, "department", "nowhere"), ("sample/people.json", "/members/0/department")),
    (_set("sample/people.json", "departments", 0, "head", "nobody"), ("sample/people.json", "/departments/0/head")),
    (_set("sample/people.json", "members", {}), ("sample/people.json", "")),
    (_set("sample/records/request.json", 0, "by", "nobody"), ("sample/records/request.json", "/0/by")),
    (_set("sample/records/request.json", 0, "at", "yesterday"), ("sample/records/request.json", "/0/at")),
    (_set("sample/records/request.json", 0, "values", {}), ("sample/records/request.json", "/0/values/nominee")),
    (_set("sample/records/request.json", 0, "values", "amount", 1.234), ("sample/records/request.json", "/0/values/amount")),
    (_set("sample/records/request.json", 0, "values", "customer", "c9"), ("sample/records/request.json", "/0/values/customer")),
    (_set("sample/records/request.json", 0, "values", "nominee", "nobody"), ("sample/records/request.json", "/0/values/nominee")),
    (_set("sample/records/request.json", 0, "history", 0, "action", "aprove"), ("sample/records/request.json", "/0/history/0/action")),
    (_set("sample/records/request.json", 0, "history", 0, "values", {"amont": 1}),
     ("sample/records/request.json", "/0/history/0/values/amont")),
    (lambda d: d.update({"sample/records/ledger.json": []}), ("sample/records/ledger.json", "")),
    (lambda d: d["sample/records/customer.json"].append(d["sample/records/customer.json"][0]), ("sample/records/customer.json", "/1/id")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place"), BROKEN, ids=[f"{file}{pointer}" for _, (file, pointer) in BROKEN])
def test_one_mistake_is_found_at_its_place(change: Callable[[Json], None], place: tuple[str, str]) -> None:
    assert (*place, "error") in _changed(change)


def test_a_misspelt_word_is_answered_with_the_nearest_one() -> None:
    documents = {path: json.loads(content) for path, content in to_files(_package()).items()}
    documents["app.json"]["navigation"][0] = {"form": "reqest"}
    problems = check_files({path: write_json(document) for path, document in documents.items()})[1]
    assert "Did you mean “request”?" in problems[0].message


def test_a_file_that_belongs_to_no_package_is_left_out_with_a_warning() -> None:
    files = to_files(_package()) | {"README.md": b"# Hello", "forms/notes.txt": b"x"}
    package, problems = check_files(files)
    assert package == _package()
    assert [(problem.file, problem.severity) for problem in problems] == [
        ("README.md", "warning"),
        ("forms/notes.txt", "warning"),
    ]


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff", b'{"a": 1, "a": 2}', b"NaN", b"[" * 100_000, b'{"key": "' + b"x" * 2_000_000]
)
@pytest.mark.parametrize("path", ["app.json", "forms/request.json", "workflows/request.json", "views/large.json",
                                  "sample/people.json", "sample/records/request.json"])  # fmt: skip
def test_a_file_that_is_no_json_is_answered(path: str, text: bytes) -> None:
    package, problems = check_files(to_files(_package()) | {path: text})
    assert package is None
    assert path in {problem.file for problem in problems}


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [[]], [None], {"key": []}])
@pytest.mark.parametrize("path", list(to_files(_package())))
def test_any_json_value_in_any_file_is_answered(path: str, value: Any) -> None:
    check_files(to_files(_package()) | {path: write_json(value)})


def test_nothing_at_all_is_answered(tmp_path: Path) -> None:
    assert [(problem.file, problem.pointer) for problem in check(tmp_path)] == [("app.json", "")]


def _zip(*entries: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip",
        _zip(("../evil.json", b"{}")),
        _zip(("/etc/evil.json", b"{}")),
        _zip(("forms/..\\..\\evil.json", b"{}")),
        _zip(("c:/evil.json", b"{}")),
        _zip(("app.json", b"0" * 6_000_000)),
        _zip(*((f"forms/f{number}.json", b"{}") for number in range(2100))),
        _zip(*((f"forms/f{number}.json", b" " * 4_900_000) for number in range(12))),
        _zip(("app.json", b"{}"))[:-30],
    ],
    ids=[
        "nothing",
        "text",
        "up",
        "root",
        "backslashes",
        "drive",
        "large file",
        "many files",
        "large together",
        "cut off",
    ],
)
def test_a_zip_that_is_broken_leads_out_of_its_folder_or_is_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(InputInvalid):
        read_zip(data)


@pytest.mark.parametrize("key", library.keys())
def test_every_template_of_the_library_is_sound(key: str) -> None:
    assert [problem for problem in check(library.FOLDER / key) if problem.severity != "note"] == []
    assert library.package(key).key == key


def test_what_is_proven_of_a_workflow_is_a_problem_of_its_package(tmp_path: Path) -> None:
    package = _package()
    gap = {
        "id": "size",
        "type": "branch",
        "branches": [{"title": "Large", "when": {">": [{"var": "amount"}, 100]}, "steps": []}],
    }
    workflow = {"form": "request", "steps": [gap]}
    write_folder(to_files(Package(package.app, package.forms, {"request": workflow}, package.parts)), tmp_path)
    [error] = [problem for problem in check(tmp_path) if problem.severity == "error"]
    assert (error.file, error.pointer) == ("workflows/request.json", "/steps/0")
    assert '"record"' in error.message


def test_a_mistake_in_a_form_is_not_said_of_its_workflow_again() -> None:
    found = _changed(_set("forms/request.json", "required", ["nominee", "nothing"]))
    assert found == [("forms/request.json", "/required/1", "error")]


@pytest.mark.parametrize(
    ("stated", "pointer"), [({}, ""), ({"currency": "USD"}, "/currency"), ({"currency": "CNY"}, None)]
)
def test_an_amount_that_is_looked_up_names_the_currency_that_it_has_there(stated: Json, pointer: str | None) -> None:
    package = _package()
    package.forms["customer"] = form("customer", {"name": TEXT, "limit": MONEY})
    looked_up = {"type": "number", "x-field": {"type": "lookup", "link": "customer", "field": "limit", **stated}}
    package.forms["request"]["properties"]["limit"] = looked_up
    place = f"/properties/limit/x-field{pointer}"
    found = [(each.pointer, each.severity) for each in check_files(to_files(package))[1]]
    assert found == ([] if pointer is None else [(place, "warning")])
