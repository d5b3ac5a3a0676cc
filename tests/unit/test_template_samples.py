"""The sample data of the templates: every record is valid, every history can really happen, and together they tell a year."""

import itertools
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from sample_player import Player

import formloom.platform.packages.check as packages

LIBRARY = Path(packages.__file__).parents[2] / "templates_library"
TEMPLATES = ("crm", "kpi", "rewards", "training")
REQUESTS = (
    ("crm", "discount_request"),
    ("kpi", "kpi_review"),
    ("rewards", "reward_request"),
    ("training", "training_signup"),
)
SAMPLE_DAY = date(2026, 11, 24)


@cache
def package(key: str) -> Player:
    return Player(LIBRARY / key)


def where(key: str, form: str) -> Counter[str]:
    """How many sample requests stand where: their outcome, `initiator`, or the step that is open."""
    player = package(key)
    found: Counter[str] = Counter()
    for sample in player.samples[form]:
        state = player.play(form, sample)
        found[state.outcome or ("initiator" if state.back else state.open_tasks[0].step)] += 1
    return found


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_sample_record_is_valid_for_its_form_on_its_day(key: str) -> None:
    player = package(key)
    for form, samples in player.samples.items():
        assert all(player.settled(form, sample) for sample in samples)


@pytest.mark.parametrize(("key", "form"), REQUESTS)
def test_every_history_can_be_played_by_the_people_it_names(key: str, form: str) -> None:
    found = where(key, form)
    assert found["approved"] >= 5
    assert sum(found.values()) - found["approved"] >= 3


def test_reward_requests_stand_at_every_step_and_have_every_outcome() -> None:
    assert set(where("rewards", "reward_request")) == {
        "manager", "finance", "hr", "director", "pay", "hand_over", "announce", "initiator", "approved", "rejected", "withdrawn",
    }  # fmt: skip


def test_price_approvals_stand_at_every_step_and_have_every_outcome() -> None:
    assert set(where("crm", "discount_request")) == {
        "manager", "director", "director_large", "finance", "initiator", "approved", "rejected", "withdrawn",
    }  # fmt: skip


def test_every_granted_reward_is_written_into_the_ledger() -> None:
    player = Player(LIBRARY / "rewards")
    granted = [
        one for one in player.samples["reward_request"] if player.play("reward_request", one).outcome == "approved"
    ]
    assert len(player.created) == len(granted) == 12
    assert {event.form for event in player.created} == {"reward_ledger"}


def test_one_course_is_full_and_none_has_more_sign_ups_than_seats() -> None:
    player = package("training")
    taken: Counter[str] = Counter()
    for sample in player.samples["training_signup"]:
        if player.play("training_signup", sample).outcome in (None, "approved"):
            taken[sample["values"]["course"]] += 1
    seats = {course["id"]: course["values"]["seats"] for course in player.samples["course"]}
    assert [course for course, most in seats.items() if taken[course] == most] == ["cleanroom"]
    assert all(taken[course] <= most for course, most in seats.items())


def test_every_feedback_belongs_to_an_approved_sign_up_for_that_course() -> None:
    player = package("training")
    signups = {one["id"]: one for one in player.samples["training_signup"]}
    for feedback in player.samples["training_feedback"]:
        signup = signups[feedback["values"]["signup"]]
        assert signup["values"]["course"] == feedback["values"]["course"]
        assert signup["values"]["participant"] == feedback["by"]
        assert player.play("training_signup", signup).outcome == "approved"


def test_nobody_is_paid_more_than_a_contract_is_worth() -> None:
    player = package("crm")
    worth = {one["id"]: player.settled("contract", one)["total"] for one in player.samples["contract"]}
    paid: Counter[str] = Counter()
    for payment in player.samples["payment"]:
        paid[payment["values"]["contract"]] += round(payment["values"]["amount"] * 100)
    assert all(cents <= round(worth[contract] * 100) for contract, cents in paid.items())


@pytest.mark.parametrize("key", TEMPLATES)
def test_sample_data_end_on_the_sample_day_and_run_in_order(key: str) -> None:
    for samples in package(key).samples.values():
        times = [[sample["at"], *(act["at"] for act in sample.get("history", ()))] for sample in samples]
        assert all(early < late for moments in times for early, late in itertools.pairwise(moments))
        assert all(date.fromisoformat(moments[-1][:10]) <= SAMPLE_DAY for moments in times)


def test_eight_people_have_twelve_months_of_actuals() -> None:
    months = Counter(
        one["values"]["person"] for one in package("kpi").samples["kpi_actual"] if "person" in one["values"]
    )
    assert len(months) == 8
    assert set(months.values()) == {12}
