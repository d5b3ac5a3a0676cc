"""Bringing a package's sample to life: people, records, and what people then did, all through the real services.

Nothing is written past the engine: a sample request is really submitted and decided, by whom and when the sample says.
All its times are shifted by whole weeks, so that the day for which it was written is in this week.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from formloom.form_engine.field_types.references import Link
from formloom.form_engine.field_types.spans import DateRange
from formloom.form_engine.field_types.times import Date, DateTime
from formloom.form_engine.form import Field, Form
from formloom.platform import organisation
from formloom.platform.definitions import PublishedForm, published_in
from formloom.platform.errors import FormloomError
from formloom.platform.language import gettext
from formloom.platform.models import Department, Member, MemberRole, Person, Process, Role, Task, new_id
from formloom.platform.packages.package import Package
from formloom.platform.runtime import Caller, caller_for
from formloom.platform.services import comments, forms, processes, records
from formloom.platform.transactions import WorkspaceSession

Json = dict[str, Any]


class SampleFailed(FormloomError):
    """A sample could not be played: the sentence says at which record and act, and why."""


@dataclass(slots=True)
class _Stage:
    """One loading: the package, how far its times are shifted, whom acts stand for, and which record each id became."""

    caller: Caller
    package: Package
    shift: timedelta
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    actors: dict[str, Caller] = field(default_factory=dict)
    known: dict[str, PublishedForm] = field(default_factory=dict)

    def published(self, form_key: str) -> PublishedForm:
        """A form of the package, as it was just installed."""
        if form_key not in self.known:
            self.known[form_key] = forms.published(self.caller, form_key)
        return self.known[form_key]

    def as_member(self, member: str, at: str) -> Caller:
        """A caller for `member`, at the shifted time of an act."""
        moment = datetime.fromisoformat(at) + self.shift
        if member not in self.actors:
            runtime = self.caller.runtime
            self.actors[member] = replace(caller_for(runtime, self.caller.workspace_id, member), quiet=True)
        actor = self.actors[member]
        return replace(actor, runtime=replace(actor.runtime, clock=lambda: moment))


def load(caller: Caller, package: Package) -> int:
    """Load the sample of an installed package; people who are there already are left alone. Gives the number of records.

    Raises:
        SampleFailed: a record was refused, or an act of its history was.
    """
    if package.people is not None:
        with caller.writing() as db:
            add_people_in(db, caller, package.people)
    stage = _Stage(caller, package, _shift(caller, package))
    acts = sorted(_acts(package), key=lambda act: (datetime.fromisoformat(act[0]), act[1] > 0))
    for _, number, form_key, sample in acts:
        _play(stage, form_key, sample, number)
    return len(stage.ids)


def add_people_in(db: WorkspaceSession, caller: Caller, people: Json) -> None:
    """Add the departments, roles and members that are missing; members get an account without a password."""
    own = caller.workspace_id
    departments = _missing(db, Department, people.get("departments", ()))
    for number, entry in enumerate(departments):
        db.add(
            Department(
                workspace_id=own,
                id=entry["id"],
                name=entry["name"],
                translations=entry.get("translations"),
                position=number,
            )
        )
    for number, entry in enumerate(_missing(db, Role, people.get("roles", ()))):
        db.add(
            Role(
                workspace_id=own,
                id=entry["id"],
                name=entry["name"],
                translations=entry.get("translations"),
                position=100 + number,
            )
        )
    db.flush()
    members = _missing(db, Member, people.get("members", ()))
    for number, entry in enumerate(members):
        _add_member(db, caller, entry, number)
    db.flush()
    for entry in departments:
        row = db.get_one(Department, (own, entry["id"]))
        row.parent_id, row.head_id = entry.get("parent"), entry.get("head")
    for entry in members:
        db.get_one(Member, (own, entry["id"])).manager_id = entry.get("manager")
    organisation.changed(db, own)


def _missing(db: WorkspaceSession, model: Any, entries: Any) -> list[Json]:
    there = set(db.scalars(select(model.id).where(model.id.in_([entry["id"] for entry in entries]))))
    return [entry for entry in entries if entry["id"] not in there]


def _add_member(db: WorkspaceSession, caller: Caller, entry: Json, number: int) -> None:
    own = caller.workspace_id
    email = entry.get("email") or f"{entry['id']}@example.com"
    person = db.scalars(select(Person).where(Person.email == email)).one_or_none()
    if person is None:
        person = Person(
            id=new_id(), email=email, name=entry["name"], language=entry.get("language"), created_at=caller.now()
        )
        db.add(person)
        db.flush()
    member = Member(workspace_id=own, id=entry["id"], person_id=person.id, name=entry["name"], email=email)
    member.department_id, member.admin = entry.get("department"), bool(entry.get("admin"))
    member.active, member.position, member.joined_at = entry.get("active", True), number, caller.now()
    db.add(member)
    db.flush()
    db.add_all(MemberRole(workspace_id=own, member_id=entry["id"], role_id=role) for role in entry.get("roles") or ())


def _shift(caller: Caller, package: Package) -> timedelta:
    """Whole weeks from the sample's day to today; never backwards."""
    day = package.app.get("sampleDay")
    if day is None:
        return timedelta()
    today = caller.now().astimezone(ZoneInfo(caller.workspace_zone)).date()
    return timedelta(weeks=max(0, (today - date.fromisoformat(day)).days // 7))


def _acts(package: Package) -> Iterator[tuple[str, int, str, Json]]:
    """Everything that happens: when, which act of its record it is (0 creates it), its form and its record."""
    for form_key, samples in package.records.items():
        for sample in samples:
            yield sample["at"], 0, form_key, sample
            for number, act in enumerate(sample.get("history", ()), 1):
                yield act["at"], number, form_key, sample


def _play(stage: _Stage, form_key: str, sample: Json, number: int) -> None:
    try:
        if number == 0:
            _record_id(stage, form_key, sample["id"])
        else:
            _act(stage, form_key, sample, sample["history"][number - 1])
    except FormloomError as error:
        place = f"sample/records/{form_key}.json, {sample['id']}, {number}"
        raise SampleFailed(gettext(stage.caller.lang, "{place}: {why}", place=place, why=error)) from error


def _create(stage: _Stage, form_key: str, sample: Json) -> None:
    """A request is submitted as its author could; a plain record is taken over as it is, whoever filled in which field."""
    actor = stage.as_member(sample["by"], sample["at"])
    published = stage.published(form_key)
    values = _values(stage, published.form, sample["values"])
    if published.workflow is not None:
        stage.ids[form_key, sample["id"]] = records.create_record(actor, form_key, values, confirmed=True).id
        return
    with actor.writing() as db:
        stage.ids[form_key, sample["id"]] = records.create_in(db, actor, published_in(db, actor, form_key), values).id


def _act(stage: _Stage, form_key: str, sample: Json, act: Json) -> None:
    actor, record_id = stage.as_member(act["by"], act["at"]), stage.ids[form_key, sample["id"]]
    form = stage.published(form_key).form
    values = _values(stage, form, act["values"]) if "values" in act else None
    comment = act.get("comment")
    if act["action"] == "edit":
        version = records.record(actor, form_key, record_id).row.version
        records.update_record(actor, form_key, record_id, values or {}, version=version, confirmed=True)
        return
    if act["action"] == "comment":
        comments.comment(actor, record_id, comment or "")
        return
    with actor.reading() as db:
        process = db.scalars(select(Process.id).where(Process.record_id == record_id)).one()
        task = _task_of(db, process, act)
    match act["action"]:
        case "withdraw":
            processes.withdraw(actor, process, comment=comment)
        case "urge":
            processes.urge(actor, process, comment=comment)
        case "resubmit":
            processes.resubmit(actor, process, values, comment=comment, confirmed=True)
        case "transfer":
            processes.transfer(actor, task, act["to"], comment=comment)
        case "addSigner":
            processes.add_signer(actor, task, act["to"], comment=comment)
        case action:
            processes.decide(actor, task, action, comment=comment, target=act.get("to"), values=values, confirmed=True)


def _task_of(db: WorkspaceSession, process: str, act: Json) -> str:
    """The open task that an act decides: the actor's own, at the step it names if they have several."""
    query = select(Task.id).where(Task.process_id == process, Task.member_id == act["by"], Task.status == "open")
    if "step" in act:
        query = query.where(Task.step_id == act["step"])
    return db.scalars(query.order_by(Task.opened_at, Task.id)).first() or ""


def _values(stage: _Stage, form: Form, values: Mapping[str, Any]) -> Json:
    """The values of a sample with its ids as they became and its times shifted."""
    return {key: _value(stage, form.fields.get(key), value) for key, value in values.items()}


def _value(stage: _Stage, entry: Field | None, value: Any) -> Any:
    if entry is None or value is None:
        return value
    if entry.columns and isinstance(value, list):
        return [_row(stage, entry, row) for row in value]
    if entry.columns and isinstance(value, Mapping):
        return _row(stage, entry, value)
    if isinstance(entry.type, Link):
        form = str(entry.settings["form"])
        ids = [_record_id(stage, form, ident) for ident in (value if isinstance(value, list) else [value])]
        return ids if isinstance(value, list) else ids[0]
    match entry.type:
        case Date():
            return (date.fromisoformat(value) + stage.shift).isoformat()
        case DateTime():
            return (datetime.fromisoformat(value) + stage.shift).isoformat()
        case DateRange():
            return {end: (date.fromisoformat(day) + stage.shift).isoformat() for end, day in value.items()}
    return value


def _record_id(stage: _Stage, form_key: str, ident: str) -> str:
    """Which record a sample became; one that is linked to before its time is made now."""
    if (form_key, ident) not in stage.ids:
        samples = {sample["id"]: sample for sample in stage.package.records.get(form_key, ())}
        _create(stage, form_key, samples[ident])
    return stage.ids[form_key, ident]


def _row(stage: _Stage, entry: Field, row: Mapping[str, Any]) -> Json:
    return {key: _value(stage, entry.columns.get(key), cell) for key, cell in row.items()}
