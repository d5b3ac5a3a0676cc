"""Sending a mail: by the SMTP server of the settings, or, without one, as a file that any mail program opens.

The id of the outbox row is the `Message-ID`, and the name of the file: what is sent twice is one mail to its reader.
"""

import os
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from formloom.platform.settings import Settings

SECONDS = 20
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


def send(settings: Settings, ident: str, body: dict[str, Any], now: datetime) -> None:
    """Send the mail of an outbox row.

    Raises:
        OSError, smtplib.SMTPException: it could not be sent; it is tried again later.
    """
    message = compose(settings, ident, body, now)
    if settings.smtp_url:
        _by_server(settings.smtp_url, message)
    else:
        _to_folder(settings, ident, message)


def compose(settings: Settings, ident: str, body: dict[str, Any], now: datetime) -> EmailMessage:
    """The mail itself, plain text."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = ", ".join(body["to"])
    message["Subject"] = " ".join(str(body["subject"]).split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{ident}@{urlsplit(settings.address()).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body["text"])
    return message


def _by_server(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS)
    with server:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _to_folder(settings: Settings, ident: str, message: EmailMessage) -> None:
    folder = settings.data_folder / "mails"
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{ident}.{os.getpid()}.half"
    half.write_bytes(message.as_bytes())
    half.replace(folder / f"{ident}.eml")
