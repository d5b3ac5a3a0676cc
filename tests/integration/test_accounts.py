"""Signing in, invitations, passwords, sessions: on real databases."""

import re

import pytest
from builders import Clock, World, new_world

from formloom.platform.errors import Conflict, InputInvalid, NotAllowed, NotFound, TooManyAttempts
from formloom.platform.models import Member, OutboxMessage, Person, Workspace
from formloom.platform.runtime import Runtime, caller_for
from formloom.platform.services import accounts, people, tickets, tokens

GOOD = "correct horse battery"


def first_workspace(runtime: Runtime, **changes: object) -> accounts.SignedIn:
    given = {
        "workspace": "Hesheng",
        "name": "Rita",
        "email": "rita@example.com",
        "password": GOOD,
        "language": "en",
        "zone": "Asia/Shanghai",
    }
    return accounts.create_workspace(runtime, **(given | changes))  # type: ignore[arg-type]


def mails(runtime: Runtime) -> list[dict[str, str]]:
    with runtime.reading() as db:
        return [row.body for row in db.query(OutboxMessage).order_by(OutboxMessage.id)]


def token_in(text: str) -> str:
    found = re.search(r"/(?:invite|reset)/(\S+)", text)
    assert found
    return found.group(1)


def test_the_first_run_makes_a_workspace_and_its_admin(runtime: Runtime) -> None:
    assert accounts.first_run_needed(runtime)
    made = first_workspace(runtime)
    assert not accounts.first_run_needed(runtime)
    info = accounts.session_of(runtime, made.person_id, made.workspace_id)
    assert info is not None
    assert (info.name, info.admin, info.workspace_name, info.zone) == ("Rita", True, "Hesheng", "Asia/Shanghai")


def test_a_second_first_run_is_refused(runtime: Runtime) -> None:
    first_workspace(runtime)
    with pytest.raises(NotAllowed):
        first_workspace(runtime, email="eve@example.com")


def test_every_wrong_field_of_the_first_run_is_named_at_once(runtime: Runtime) -> None:
    with pytest.raises(InputInvalid) as wrong:
        first_workspace(
            runtime, workspace=" ", name="", email="nobody", password="short", zone="Moon/Sea", language="xx"
        )
    assert set(wrong.value.errors) == {"workspace", "name", "email", "password", "zone", "language"}
    assert accounts.first_run_needed(runtime)


@pytest.mark.parametrize("easy", ["password", "aaaaaaaa", "rita@example.com", "1234567", "x" * 201])
def test_an_easy_password_is_refused(runtime: Runtime, easy: str) -> None:
    with pytest.raises(InputInvalid) as wrong:
        first_workspace(runtime, password=easy)
    assert set(wrong.value.errors) == {"password"}


def test_a_person_signs_in_with_any_spelling_of_their_address(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    assert accounts.sign_in(runtime, email="  RITA@Example.com ", password=GOOD, address="10.0.0.1") == made


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(runtime: Runtime) -> None:
    first_workspace(runtime)
    said = []
    for email in ("rita@example.com", "nobody@example.com"):
        with pytest.raises(NotAllowed) as refused:
            accounts.sign_in(runtime, email=email, password="wrong wrong", address="10.0.0.1")
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_guessing_is_stopped_for_the_account_and_comes_back_with_time(runtime: Runtime) -> None:
    first_workspace(runtime)

    def guess(password: str) -> accounts.SignedIn:
        return accounts.sign_in(runtime, email="rita@example.com", password=password, address="10.0.0.1")

    for _ in range(accounts.FROM_HERE.most):
        with pytest.raises(NotAllowed):
            guess("wrong wrong")
    with pytest.raises(TooManyAttempts) as stopped:
        guess(GOOD)
    assert 0 < stopped.value.seconds <= accounts.FROM_HERE.minutes * 60
    assert isinstance(runtime.clock, Clock)
    runtime.clock.forward(minutes=accounts.FROM_HERE.minutes)
    assert guess(GOOD)


def test_guessing_at_one_account_does_not_lock_its_owner_out_elsewhere(runtime: Runtime) -> None:
    first_workspace(runtime)
    for _ in range(accounts.FROM_HERE.most):
        with pytest.raises(NotAllowed):
            accounts.sign_in(runtime, email="rita@example.com", password="wrong wrong", address="10.0.0.66")
    assert accounts.sign_in(runtime, email="rita@example.com", password=GOOD, address="10.0.0.1")


def test_one_address_cannot_try_one_password_on_many_accounts(runtime: Runtime) -> None:
    for number in range(accounts.BY_ADDRESS.most):
        with pytest.raises(NotAllowed):
            accounts.sign_in(runtime, email=f"p{number}@example.com", password="Summer2026", address="10.0.0.66")
    with pytest.raises(TooManyAttempts):
        accounts.sign_in(runtime, email="one.more@example.com", password="Summer2026", address="10.0.0.66")


def test_signing_in_well_uses_no_attempts_up(runtime: Runtime) -> None:
    first_workspace(runtime)
    for _ in range(accounts.FROM_HERE.most + 5):
        accounts.sign_in(runtime, email="rita@example.com", password=GOOD, address="10.0.0.1")


def test_sample_accounts_sign_in_on_the_machine_itself_only(runtime: Runtime) -> None:
    first_workspace(runtime, demo=True)
    assert accounts.sign_in(runtime, email="rita@example.com", password=GOOD, address="127.0.0.1")
    assert accounts.sign_in(runtime, email="rita@example.com", password=GOOD, address="::1")
    with pytest.raises(NotAllowed):
        accounts.sign_in(runtime, email="rita@example.com", password=GOOD, address="203.0.113.9")


def test_an_invited_person_joins_by_the_mailed_link_once(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    admin = caller_for(runtime, made.workspace_id, made.member_id)
    link = tickets.invite(admin, email="Bo@Example.com", name="Bo")
    (mail,) = mails(runtime)
    assert mail["to"] == ["bo@example.com"]
    assert link in mail["text"]
    token = token_in(link)
    assert tickets.look_at_invitation(runtime, token) == tickets.Invitation("Hesheng", "Bo", "bo@example.com", False)
    joined = tickets.accept_invitation(runtime, token=token, name="Bo Li", password=GOOD)
    assert accounts.sign_in(runtime, email="bo@example.com", password=GOOD, address=None) == joined
    with pytest.raises(NotFound):
        tickets.accept_invitation(runtime, token=token, name="Eve", password=GOOD)


def test_an_invitation_grows_old(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    token = token_in(
        tickets.invite(caller_for(runtime, made.workspace_id, made.member_id), email="bo@example.com", name="Bo")
    )
    assert isinstance(runtime.clock, Clock)
    runtime.clock.forward(days=14)
    with pytest.raises(NotFound):
        tickets.look_at_invitation(runtime, token)


def test_a_second_invitation_makes_the_first_link_useless(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    admin = caller_for(runtime, made.workspace_id, made.member_id)
    first = token_in(tickets.invite(admin, email="bo@example.com", name="Bo"))
    with pytest.raises(Conflict) as refused:  # what is said of Bo the second time is not to get lost
        tickets.invite(admin, email="BO@example.com", name="Bo Li")
    assert str(refused.value).startswith("Bo is in the list already, without an account.")
    bo = people.member_by_email(admin, "bo@example.com")
    assert bo is not None
    second = token_in(tickets.invite_again(admin, bo.id))
    with pytest.raises(NotFound):
        tickets.look_at_invitation(runtime, first)
    assert tickets.look_at_invitation(runtime, second).email == "bo@example.com"


def test_who_has_an_account_joins_a_second_workspace_with_its_password(runtime: Runtime) -> None:
    first = first_workspace(runtime)
    other = first_workspace(runtime, workspace="Other", name="Olga", email="olga@example.com", another=True)
    token = token_in(
        tickets.invite(caller_for(runtime, other.workspace_id, other.member_id), email="rita@example.com", name="Rita")
    )
    assert tickets.look_at_invitation(runtime, token).known
    with pytest.raises(NotAllowed):
        tickets.accept_invitation(runtime, token=token, name="Rita", password="not her password")
    joined = tickets.accept_invitation(runtime, token=token, name="Rita", password=GOOD)
    assert joined.person_id == first.person_id
    assert {choice.name for choice in accounts.workspaces_of(runtime, first.person_id)} == {"Hesheng", "Other"}


def test_inviting_a_member_who_has_an_account_says_so(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    with pytest.raises(Conflict):
        tickets.invite(caller_for(runtime, made.workspace_id, made.member_id), email="rita@example.com", name="Rita")
    with pytest.raises(Conflict):
        tickets.invite_again(caller_for(runtime, made.workspace_id, made.member_id), made.member_id)


def test_only_admins_invite(runtime: Runtime) -> None:
    world = new_world(runtime)
    with pytest.raises(NotAllowed):
        tickets.invite(world.caller("amy"), email="bo@example.com", name="Bo")


def test_a_forgotten_password_is_replaced_by_the_mailed_link_and_ends_every_session(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    before = accounts.session_of(runtime, made.person_id, made.workspace_id)
    tickets.request_password_reset(runtime, email="rita@example.com")
    (mail,) = mails(runtime)
    token = token_in(mail["text"])
    with pytest.raises(InputInvalid):
        tickets.reset_password(runtime, token=token, password="short")
    tickets.reset_password(runtime, token=token, password="another good one")
    after = accounts.session_of(runtime, made.person_id, made.workspace_id)
    assert before is not None
    assert after is not None
    assert after.epoch > before.epoch
    assert accounts.sign_in(runtime, email="rita@example.com", password="another good one", address=None)
    with pytest.raises(NotFound):
        tickets.reset_password(runtime, token=token, password="yet another one")


def test_asking_for_an_unknown_address_sends_nothing_and_says_nothing(runtime: Runtime) -> None:
    first_workspace(runtime)
    tickets.request_password_reset(runtime, email="nobody@example.com")
    assert mails(runtime) == []


def test_mails_with_links_cannot_be_asked_for_without_end(runtime: Runtime) -> None:
    first_workspace(runtime)
    for _ in range(tickets.BY_ACCOUNT.most):
        tickets.request_password_reset(runtime, email="rita@example.com", address="10.0.0.1")
    with pytest.raises(TooManyAttempts):
        tickets.request_password_reset(runtime, email="rita@example.com", address="10.0.0.1")


def test_changing_the_password_needs_the_old_one(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    rita = caller_for(runtime, made.workspace_id, made.member_id)
    with pytest.raises(InputInvalid) as wrong:
        accounts.change_password(rita, old="not this one", new="another good one")
    assert set(wrong.value.errors) == {"old"}
    accounts.change_password(rita, old=GOOD, new="another good one")
    assert accounts.sign_in(runtime, email="rita@example.com", password="another good one", address=None)


def test_a_member_switched_off_has_no_session_any_more(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    admin = caller_for(runtime, made.workspace_id, made.member_id)
    joined = tickets.accept_invitation(
        runtime, token=token_in(tickets.invite(admin, email="bo@example.com", name="Bo")), name="Bo", password=GOOD
    )
    assert accounts.session_of(runtime, joined.person_id, joined.workspace_id)
    people.save_member(admin, joined.member_id, name="Bo", email="bo@example.com", active=False)
    assert accounts.session_of(runtime, joined.person_id, joined.workspace_id) is None
    with pytest.raises(NotAllowed):
        accounts.sign_in(runtime, email="bo@example.com", password=GOOD, address=None)


def test_a_token_acts_as_its_member_until_it_is_revoked(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    rita = caller_for(runtime, made.workspace_id, made.member_id)
    token = tokens.create_token(rita, "script")
    found = tokens.caller_of_token(runtime, token, request_id="r", address=None)
    assert found is not None
    assert (found.workspace_id, found.member_id, found.admin) == (made.workspace_id, made.member_id, True)
    (row,) = tokens.tokens(rita)
    tokens.revoke_token(rita, row.id)
    assert tokens.caller_of_token(runtime, token, request_id="r", address=None) is None
    assert tokens.caller_of_token(runtime, "fl_nonsense", request_id="r", address=None) is None


def test_passwords_and_tokens_are_stored_as_hashes_only(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    tokens.create_token(caller_for(runtime, made.workspace_id, made.member_id), "script")
    with runtime.reading() as db:
        person = db.query(Person).one()
        assert person.password_hash is not None
        assert person.password_hash.startswith("$argon2id$")
        assert GOOD not in person.password_hash


def test_the_profile_changes_language_zone_and_name(world: World) -> None:
    amy = world.caller("amy")
    accounts.update_profile(amy, name="Amy C.", language="zh_Hans", zone="Europe/Paris", theme="dark")
    again = world.caller("amy")
    assert (again.lang, again.zone) == ("zh_Hans", "Europe/Paris")
    assert people.names(again).member("amy") == "Amy C."
    with pytest.raises(InputInvalid) as wrong:
        accounts.update_profile(amy, name=" ", language="xx", zone="Moon/Sea", theme="pink")
    assert set(wrong.value.errors) == {"name", "language", "zone", "theme"}


def test_a_workspace_and_its_rows_are_one(runtime: Runtime) -> None:
    made = first_workspace(runtime)
    with runtime.reading() as db:
        place = db.get_one(Workspace, made.workspace_id)
        assert (place.name, place.demo) == ("Hesheng", False)
        assert db.get_one(Member, (made.workspace_id, made.member_id)).admin
