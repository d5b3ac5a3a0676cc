"""Calling a webhook without letting it reach into our own network.

The address is refused if its name leads to any private, link-local or otherwise special address, and the connection is
made to the very address that was looked at: a name that answers differently a moment later gains nothing.
"""

import http.client
import ipaddress
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from formloom.platform.errors import FormloomError

SECONDS = 20
LARGEST_ANSWER = 1024 * 1024


class WebhookFailed(FormloomError):
    """The call was refused or not answered well; the sentence says why. `answered`: the other side said no for good."""

    def __init__(self, sentence: str, *, for_good: bool = False) -> None:
        self.for_good = for_good
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: the status, and its JSON (None if it was none)."""

    status: int
    body: Any


def call(ident: str, url: str, body: Any, headers: dict[str, str] | None = None, *, private: bool = False) -> Answer:
    """POST `body` as JSON to `url`, with `webhook-id: ident` as the idempotency key.

    `private`: addresses of one's own network are allowed (a setting of the installation).

    Raises:
        WebhookFailed: the address is refused, or the call failed.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WebhookFailed(f"{url} is no web address.", for_good=True)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(parts.hostname, port, private=private)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Content-Type": "application/json", "User-Agent": "Formloom", "webhook-id": ident} | (headers or {})
    try:
        connection = _connect(parts.scheme, parts.hostname, port, address)
        try:
            connection.request("POST", path, json.dumps(body, ensure_ascii=False).encode(), sent)
            answer = connection.getresponse()
            content = answer.read(LARGEST_ANSWER)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise WebhookFailed(f"{parts.hostname} can't be reached: {error or type(error).__name__}.") from error
    if not 200 <= answer.status < 300:
        for_good = answer.status == 410 or (400 <= answer.status < 500 and answer.status not in (408, 409, 425, 429))
        raise WebhookFailed(f"{parts.hostname} answered {answer.status}.", for_good=for_good)
    return Answer(answer.status, _json(content))


def _address(host: str, port: int, *, private: bool) -> str:
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise WebhookFailed(f"The name {host} is not known.") from error
    if not private and not all(_public(address) for address in found):
        raise WebhookFailed(
            f"{host} is an address inside a private network, which webhooks may not call.", for_good=True
        )
    return found[0]


def _public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or parsed
    return inner.is_global and not inner.is_multicast


def _connect(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    plain = socket.create_connection((address, port), timeout=SECONDS)
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    connection.sock = (
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) if scheme == "https" else plain
    )
    return connection


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
