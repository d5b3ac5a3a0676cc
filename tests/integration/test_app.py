"""What stands around every page: headers, sessions, CSRF, request ids, errors, health."""

import dataclasses
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from formloom.platform.app import create_app
from formloom.platform.runtime import Runtime, caller_for
from formloom.platform.services import accounts

PASSWORD = "correct horse battery"


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return make(runtime)


def make(runtime: Runtime, **settings: Any) -> Flask:
    return create_app(dataclasses.replace(runtime.settings, face="bare_face", **settings), runtime)


def first(runtime: Runtime, **more: Any) -> accounts.SignedIn:
    given = {"workspace": "Hesheng", "name": "Rita", "email": "rita@example.com", "password": PASSWORD}
    return accounts.create_workspace(runtime, **(given | {"language": "en", "zone": "UTC"} | more))


def signed_in(app: Flask, email: str = "rita@example.com") -> FlaskClient:
    client = app.test_client()
    token = client.get("/token").text
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 200, answer.text
    return client


def test_every_answer_carries_the_policy_with_a_nonce_of_its_own(app: Flask) -> None:
    client = app.test_client()
    seen = set()
    for _ in range(2):
        answer = client.get("/page")
        nonce = re.search(r'nonce="([^"]+)"', answer.text)
        assert nonce
        assert answer.headers["Content-Security-Policy"] == (
            f"default-src 'self'; script-src 'self' 'nonce-{nonce[1]}'; style-src 'self' 'nonce-{nonce[1]}'; "
            "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
        )
        seen.add(nonce[1])
    assert len(seen) == 2


@pytest.mark.parametrize("path", ["/page", "/nothing", "/healthz", "/api/v1/nothing", "/crash"])
def test_security_headers_are_on_good_answers_and_bad_ones(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"
    assert "Strict-Transport-Security" not in headers


def test_behind_https_cookies_are_secure_and_transport_strict(runtime: Runtime) -> None:
    first(runtime)
    app = make(runtime, base_url="https://forms.example.com")
    client = app.test_client()
    answer = client.get("/token", base_url="https://forms.example.com")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-formloom=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_session_knows_its_caller_and_ends_with_signing_out(runtime: Runtime, app: Flask) -> None:
    made = first(runtime)
    client = signed_in(app)
    assert client.get("/me").json == {"member": made.member_id, "lang": "en"}
    token = client.get("/token").text
    client.post("/sign-out", data={"csrf_token": token})
    assert client.get("/me").json == {}


def test_signing_out_everywhere_ends_every_session_at_once(runtime: Runtime, app: Flask) -> None:
    made = first(runtime)
    here, there = signed_in(app), signed_in(app)
    accounts.sign_out_everywhere(caller_for(runtime, made.workspace_id, made.member_id))
    assert here.get("/me").json == {}
    assert there.get("/me").json == {}


def test_a_forged_or_odd_session_is_nobody(runtime: Runtime, app: Flask) -> None:
    first(runtime)
    client = app.test_client()
    client.set_cookie("formloom", "eyJfdXNlcl9pZCI6IjE6MTowIn0.forged.signature")
    assert client.get("/me").json == {}
    for odd in ("", "a", "a:b:c", "::", "x:1:-1", "x:99999999999999999999:0"):
        with client.session_transaction() as session:
            session["_user_id"] = odd
        assert client.get("/me").json == {}, odd


def test_a_post_without_the_token_of_the_session_is_refused(runtime: Runtime, app: Flask) -> None:
    first(runtime)
    answer = app.test_client().post("/sign-in", data={"email": "rita@example.com", "password": PASSWORD})
    assert answer.status_code == 400


def test_too_many_attempts_are_answered_429_and_say_when_to_come_back(runtime: Runtime, app: Flask) -> None:
    first(runtime)
    client = app.test_client()
    data = {"email": "rita@example.com", "password": "wrong wrong", "csrf_token": client.get("/token").text}
    answers = [client.post("/sign-in", data=data) for _ in range(accounts.FROM_HERE.most + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {403}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_each_request_has_an_id_which_only_a_trusted_proxy_may_bring(runtime: Runtime, app: Flask) -> None:
    brought = {"X-Request-ID": "brought-by-somebody"}
    first_, second = (app.test_client().get("/healthz", headers=brought).headers["X-Request-ID"] for _ in range(2))
    assert first_ != second
    assert "brought-by-somebody" not in (first_, second)
    behind = make(runtime, trusted_proxies=1).test_client()
    assert behind.get("/healthz", headers=brought).headers["X-Request-ID"] == "brought-by-somebody"
    assert behind.get("/healthz", headers={"X-Request-ID": "bad id\tx"}).headers["X-Request-ID"] != "bad id\tx"


def test_only_a_trusted_proxy_says_where_a_request_comes_from(runtime: Runtime, app: Flask) -> None:
    first(runtime, demo=True)
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    for proxies, status in ((0, 200), (1, 403)):
        client = make(runtime, trusted_proxies=proxies).test_client()
        data = {"email": "rita@example.com", "password": PASSWORD, "csrf_token": client.get("/token").text}
        assert client.post("/sign-in", data=data, headers=forwarded).status_code == status


def test_a_page_that_is_not_there_is_said_in_the_browsers_language(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/nothing").text.startswith("404|Not found|")
    chinese = client.get("/nothing", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert chinese.status_code == 404
    assert chinese.text.startswith("404|找不到|")


def test_below_api_an_error_is_a_problem_document(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/nothing")
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == 404
    assert answer.json["instance"] == "/api/v1/nothing"
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_a_mistake_of_ours_tells_its_number_and_none_of_our_secrets(app: Flask) -> None:
    answer = app.test_client().get("/crash")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/me?x=%00", "/%00", "/api/v1/%00"])
def test_an_address_with_nul_is_refused(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 400


def test_health_says_alive_and_ready_says_what_is_there(runtime: Runtime, app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json is not None
    assert (ready.json["database"], ready.json["migrations"], ready.json["broker"]) == ("ok", "current", "ok")
    assert ready.json["oldest_outbox_seconds"] == 0


def test_ready_is_503_without_a_database(runtime: Runtime, tmp_path: Any) -> None:
    settings = dataclasses.replace(
        runtime.settings,
        face="bare_face",
        data_folder=tmp_path,
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
    )
    client = create_app(settings).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] != "ok"
    assert client.get("/me").status_code == 200
