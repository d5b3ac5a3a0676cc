"""Addresses that came from outside: where a page may send somebody back to."""

from urllib.parse import urlsplit


def own(address: str, otherwise: str = "/") -> str:
    """`address` if it is a path of ours, else `otherwise`: nobody is led to another site by a link to us."""
    parts = urlsplit(address.replace("\\", "/"))
    ours = address.startswith("/") and not parts.netloc and not parts.scheme and not address.startswith("//")
    return address if ours and not any(ord(letter) < 32 for letter in address) else otherwise
