"""The security headers of every answer, and the nonce that lets the page's one inline script run.

The policy is architecture.md's, word for word: nothing inline but what carries the nonce, nothing from elsewhere. What is
no page has no nonce: one costs a call of the system.
"""

import secrets

from flask import Flask, Response, g

POLICY = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self'{nonce}; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
)
WITHOUT_NONCE = POLICY.format(nonce="")
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    "Cache-Control": "private, no-cache",
}


def csp_nonce() -> str:
    """The nonce of this answer; a template puts it on the import map."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def install(app: Flask, *, https: bool) -> None:
    """Put the headers on every answer of `app`, and `csp_nonce()` into its templates."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    fixed = FIXED | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    @app.after_request
    def _add(response: Response) -> Response:
        policy = POLICY.format(nonce=f" 'nonce-{csp_nonce()}'") if "csp_nonce" in g else WITHOUT_NONCE
        wanted = {"Content-Security-Policy": policy, **fixed}
        known = {name.lower() for name, _ in response.headers}
        response.headers.extend((name, value) for name, value in wanted.items() if name.lower() not in known)
        return response
