"""A face of almost nothing, to test what stands around every page without the pages."""

from flask import Flask, request, session

from formloom.platform import sessions
from formloom.platform.faults import Fault
from formloom.platform.headers import csp_nonce
from formloom.platform.runtime import Runtime
from formloom.platform.services import accounts


def error_page(fault: Fault) -> str:
    return f"{fault.status}|{fault.title}|{fault.detail}"


def register(app: Flask, runtime: Runtime) -> None:
    from flask_wtf.csrf import generate_csrf

    @app.get("/me")
    def me() -> dict[str, object]:
        caller = sessions.caller()
        return {"member": caller.member_id, "lang": caller.lang} if caller else {}

    @app.get("/token")
    def token() -> str:
        return generate_csrf()

    @app.get("/page")
    def page() -> str:
        return f'<script nonce="{csp_nonce()}"></script>'

    @app.post("/sign-in")
    def sign_in() -> str:
        signed_in = accounts.sign_in(
            runtime, email=request.form["email"], password=request.form["password"], address=request.remote_addr
        )
        sessions.begin(signed_in)
        return session["csrf_token"]

    @app.post("/sign-out")
    def sign_out() -> str:
        sessions.end()
        return ""

    @app.get("/crash")
    def crash() -> str:
        raise ZeroDivisionError("a secret of ours")
