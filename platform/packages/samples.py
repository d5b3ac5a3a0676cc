"""The samples of a package: people who fit together, and records that their forms accept."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from formloom.form_engine import record as form_record
from formloom.form_engine.errors import RecordInvalid
from formloom.form_engine.field_types.references import Department, File, Link, Member
from formloom.form_engine.form import Form
from formloom.form_engine.pointers import join
from formloom.platform.packages import shapes
from formloom.platform.packages.crossing import unknown
from formloom.platform.records.references import references_of
from formloom.workflow_engine.directory import PeopleDirectory

if TYPE_CHECKING:
    from formloom.platform.packages.check import Checking

PEOPLE = "sample/people.json"


def directory_of(checking: "Checking") -> PeopleDirectory | None:
    """Who the package knows: its roles and its sample people. None where these have no shape."""
    document = checking.documents.get(PEOPLE, {})
    app = checking.documents.get("app.json")
    own = app.get("roles") if isinstance(app, Mapping) else None
    roles = (
        [role for role in own if isinstance(role, Mapping) and isinstance(role.get("id"), str)]
        if isinstance(own, list)
        else []
    )
    try:
        people = PeopleDirectory.from_json(document)
        return PeopleDirectory.from_json(dict(document) | {"roles": roles}) if people else None
    except ValueError as error:
        checking.note(PEOPLE, "", "{sentence}", sentence=str(error))
        return None


def check(checking: "Checking") -> None:
    """Note what is wrong with the sample people and records."""
    if PEOPLE in checking.documents and checking.directory is not None:
        _check_people(checking, checking.documents[PEOPLE], checking.directory)
    known = {key: _ids(records) for key, records in checking.of("sample/records").items()}
    for key, records in checking.of("sample/records").items():
        file = f"sample/records/{key}.json"
        found = shapes.problems("sample", records, checking.lang)
        checking.take(file, found)
        if key not in checking.of("forms"):
            unknown(checking, file, "", "The package has no form “{key}”.", key, checking.of("forms"))
        if found or key not in checking.forms:
            continue
        _check_ids(checking, file, records)
        for number, sample in enumerate(records):
            _check_record(checking, file, f"/{number}", sample, checking.forms[key], known)


def _ids(records: Any) -> set[str]:
    return (
        {entry["id"] for entry in records if isinstance(entry, Mapping) and isinstance(entry.get("id"), str)}
        if isinstance(records, list)
        else set()
    )


def _check_ids(checking: "Checking", file: str, records: list[Any]) -> None:
    seen: set[str] = set()
    for number, sample in enumerate(records):
        if sample["id"] in seen:
            checking.note(file, join("", number, "id"), "“{id}” stands here twice.", id=sample["id"])
        seen.add(sample["id"])


def _check_people(checking: "Checking", document: Mapping[str, Any], directory: PeopleDirectory) -> None:
    for part, pairs in (
        ("departments", (("parent", directory.department_ids), ("head", directory.member_ids))),
        ("members", (("department", directory.department_ids), ("manager", directory.member_ids))),
    ):
        for number, entry in enumerate(document.get(part, ())):
            for key, known in pairs:
                if entry.get(key) is not None and entry[key] not in known:
                    pointer = join("", part, number, key)
                    unknown(checking, PEOPLE, pointer, "There is no “{key}” here.", entry[key], known)
    roles = {role["id"] for role in document.get("roles", ())} | set(directory.role_ids)
    for number, member in enumerate(document.get("members", ())):
        for place, role in enumerate(member.get("roles") or ()):
            if role not in roles:
                pointer = join("/members", number, "roles", place)
                unknown(checking, PEOPLE, pointer, "There is no role “{key}”.", role, roles)


def _check_record(
    checking: "Checking", file: str, pointer: str, sample: Mapping[str, Any], form: Form, known: Mapping[str, set[str]]
) -> None:
    for at, member in _people_of(sample):
        if checking.directory is not None and member not in checking.directory.member_ids:
            unknown(checking, file, pointer + at, "There is no member “{key}”.", member, checking.directory.member_ids)
    context = form_record.Context(now=datetime.fromisoformat(sample["at"]), lang=checking.lang, system=True)
    try:
        values = form_record.read(sample["values"], lang=checking.lang)
    except RecordInvalid as error:
        for problem in error.errors:
            checking.note(file, f"{pointer}/values{problem.pointer}", "{sentence}", sentence=problem.message)
        return
    for problem in form_record.settle(form, values, context).errors:
        checking.note(file, f"{pointer}/values{problem.pointer}", "{sentence}", sentence=problem.message)
    _check_references(checking, file, f"{pointer}/values", form, values, known)
    for number, act in enumerate(sample.get("history", ())):
        filled = act.get("values", {})
        at = f"{pointer}/history/{number}/values"
        for key in filled:
            if key not in form.fields:
                unknown(checking, file, join(at, key), "There is no field “{key}”.", key, form.fields)
        _check_references(checking, file, at, form, filled, known)


def _people_of(sample: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "/by", sample["by"]
    for number, act in enumerate(sample.get("history", ())):
        yield f"/history/{number}/by", act["by"]
        if act["action"] in ("transfer", "addSigner"):
            yield f"/history/{number}/to", act.get("to", "")


def _check_references(
    checking: "Checking", file: str, pointer: str, form: Form, values: Mapping[str, Any], known: Mapping[str, set[str]]
) -> None:
    directory = checking.directory
    for field, at, ident in references_of(form, values):
        if isinstance(field.type, Link):
            target = str(field.settings["form"])
            if ident not in known.get(target, ()):
                sentence = "There is no sample record “{key}” of that form."
                unknown(checking, file, pointer + at, sentence, ident, known.get(target, ()))
        elif isinstance(field.type, File):
            checking.note(file, pointer + at, "A sample record can't hold files.")
        elif directory is not None and isinstance(field.type, Member) and ident not in directory.member_ids:
            unknown(checking, file, pointer + at, "There is no member “{key}”.", ident, directory.member_ids)
        elif directory is not None and isinstance(field.type, Department) and ident not in directory.department_ids:
            unknown(checking, file, pointer + at, "There is no department “{key}”.", ident, directory.department_ids)
