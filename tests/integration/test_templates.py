"""The templates as an admin gets them: installed from the library with their sample, on a real database."""

from datetime import UTC, datetime

import pytest
from builders import Clock
from sqlalchemy import func, select

from formloom.platform.errors import RecordInvalid
from formloom.platform.models import Record
from formloom.platform.runtime import Caller, Runtime, caller_for
from formloom.platform.services import accounts, installing, processes, records

SIGN_UP = {"purpose": "job"}


@pytest.fixture
def admin(runtime: Runtime) -> Caller:
    """The admin of an empty workspace, two weeks after the day of the sample data."""
    runtime.clock = Clock(datetime(2026, 12, 8, 9, 0, tzinfo=UTC))
    signed_in = accounts.create_workspace(
        runtime,
        workspace="Hesheng",
        name="Rita Root",
        email="rita@hesheng.example",
        password="a-long-passphrase-7",
        language="en",
        zone="Asia/Shanghai",
    )
    return caller_for(runtime, signed_in.workspace_id, signed_in.member_id)


def member(admin: Caller, member_id: str) -> Caller:
    return caller_for(admin.runtime, admin.workspace_id, member_id)


def found(admin: Caller, form: str, title: str) -> str:
    """The id of the record of a form with this title."""
    with admin.reading() as db:
        return db.scalars(select(Record.id).where(Record.form_key == form, Record.title == title)).one()


def count(admin: Caller, form: str, *statuses: str) -> int:
    query = select(func.count()).select_from(Record).where(Record.form_key == form)
    if statuses:
        query = query.where(Record.status.in_(statuses))
    with admin.reading() as db:
        return db.scalar(query) or 0


def full_course(admin: Caller) -> str:
    installing.install(admin, "training", sample_data=True)
    return found(admin, "course", "Weighing in clean rooms: hands-on")


def test_a_sign_up_for_a_full_course_is_refused_with_a_clear_sentence(admin: Caller) -> None:
    course = full_course(admin)
    before = count(admin, "training_signup")
    with pytest.raises(RecordInvalid) as refused:
        records.create_record(
            member(admin, "sun_hao"), "training_signup", {"course": course, "participant": "sun_hao", **SIGN_UP}
        )
    assert [(problem.pointer, problem.message) for problem in refused.value.errors] == [
        (
            "/course",
            "Weighing in clean rooms: hands-on is full: all 6 seats are taken. Choose another date, or ask the organiser.",
        )
    ]
    assert count(admin, "training_signup") == before


def test_a_seat_that_is_given_back_can_be_taken_by_somebody_else(admin: Caller) -> None:
    course = full_course(admin)
    jiang, sun = member(admin, "jiang_nan"), member(admin, "sun_hao")
    with admin.reading() as db:
        signup = db.scalars(
            select(Record.id)
            .where(Record.form_key == "training_signup", Record.created_by == "jiang_nan", Record.status == "running")
            .order_by(Record.created_at)
        ).all()
    request = next(
        shown.process_id
        for ident in signup
        if (shown := records.record(jiang, "training_signup", ident)).row.values["course"] == course
    )
    processes.withdraw(jiang, request)
    saved = records.create_record(sun, "training_signup", {"course": course, "participant": "sun_hao", **SIGN_UP})
    assert records.record(sun, "training_signup", saved.id).row.status == "running"


def test_the_sample_of_the_rewards_fills_the_ledger_by_the_approvals_alone(admin: Caller) -> None:
    installing.install(admin, "rewards", sample_data=True)
    assert count(admin, "reward_ledger") == count(admin, "reward_request", "approved") == 12
    assert count(admin, "reward_request", "running") == 10


def test_a_reward_goes_by_a_criterion_for_its_own_kind(admin: Caller) -> None:
    installing.install(admin, "rewards", sample_data=True)
    with admin.reading() as db:
        kinds = dict(
            db.execute(
                select(Record.id, Record.document["kind"].as_string()).where(Record.form_key == "reward_criterion")
            ).all()
        )
    amy, title = (
        member(admin, "amy_chen"),
        {"money": {"amount": 800, "payroll": "salary"}, "honour": {"honour": "Star"}},
    )
    reason = {"nominee": "amy_chen", "achieved_on": "2026-12-01", "reason": "Kept a customer whom we had given up."}
    for criterion, kind in sorted(kinds.items(), key=lambda entry: entry[1])[:: len(kinds) // 3]:
        for wanted, more in title.items():
            values = {"kind": wanted, "criterion": criterion, **more, **reason}
            if wanted == kind:
                assert records.create_record(amy, "reward_request", values).id
                continue
            with pytest.raises(RecordInvalid) as refused:
                records.create_record(amy, "reward_request", values)
            assert [problem.pointer for problem in refused.value.errors] == ["/criterion"]
