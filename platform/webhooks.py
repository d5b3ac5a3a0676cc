"""Calling a webhook without letting it reach into our own network.

The address is refused if its name leads to any private, link-local or otherwise special address, and the connection is
made to the very address that was looked at: a name that answers differently a moment later gains nothing.
"""

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from formloom.platform.errors import FormloomError
from formloom.platform.language import gettext

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


def call(ident: str, body: Mapping[str, Any], *, private: bool = False, lang: str = "en") -> Answer:
    """Send the webhook of an outbox row, with `webhook-id: ident` as the idempotency key.

    `body` is `{"url", "json", "method"?, "headers"?}`. `private`: addresses of one's own network are allowed (a setting
    of the installation). `lang`: what a failure is told in.

    Raises:
        WebhookFailed: the address is refused, or the call failed.
    """
    url = str(body["url"])
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WebhookFailed(gettext(lang, "{url} is no web address.", url=url), for_good=True)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    method = str(body.get("method", "POST"))
    address = _address(parts.hostname, port, lang, private=private)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Content-Type": "application/json", "User-Agent": "Formloom", "webhook-id": ident}
    headers |= body.get("headers", {})
    try:
        connection = _connect(parts.scheme, parts.hostname, port, address)
        try:
            content = None if method == "GET" else json.dumps(body["json"], ensure_ascii=False).encode()
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            received = answer.read(LARGEST_ANSWER)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        why = str(error) or type(error).__name__
        raise WebhookFailed(gettext(lang, "{host} can't be reached: {why}.", host=parts.hostname, why=why)) from error
    if not 200 <= answer.status < 300:
        for_good = answer.status == 410 or (400 <= answer.status < 500 and answer.status not in (408, 409, 425, 429))
        sentence = gettext(lang, "{host} answered {status}.", host=parts.hostname, status=answer.status)
        raise WebhookFailed(sentence, for_good=for_good)
    return Answer(answer.status, _json(received))


def _address(host: str, port: int, lang: str, *, private: bool) -> str:
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise WebhookFailed(gettext(lang, "The name {host} is not known.", host=host)) from error
    if not private and not all(_public(address) for address in found):
        sentence = "{host} is an address inside a private network, which webhooks may not call."
        raise WebhookFailed(gettext(lang, sentence, host=host), for_good=True)
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
