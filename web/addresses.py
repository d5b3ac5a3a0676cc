"""Addresses that came from outside: where a page may send somebody back to."""

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def own(address: str, otherwise: str = "/") -> str:
    """`address` if it is a path of ours, else `otherwise`: nobody is led to another site by a link to us."""
    parts = urlsplit(address.replace("\\", "/"))
    ours = address.startswith("/") and not parts.netloc and not parts.scheme and not address.startswith("//")
    return address if ours and not any(ord(letter) < 32 for letter in address) else otherwise


def this_page(otherwise: str = "/") -> str:
    """Where the page that is being answered can be opened again: what answers a POST has often no address of its own."""
    if request.method == "GET":
        return own(request.full_path.rstrip("?"))
    before = urlsplit(request.referrer or "")
    came_from = before.path + (f"?{before.query}" if before.query else "") if before.netloc == request.host else ""
    return next((own(address) for address in (came_from, request.path) if address and _opens(address)), otherwise)


def _opens(address: str) -> bool:
    try:
        current_app.url_map.bind("").match(urlsplit(address).path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True
