"""A spreadsheet that somebody chose: between looking at it and importing it, it travels with the page.

So nothing is kept that nobody comes back for.
"""

import base64
import binascii
from dataclasses import dataclass
from uuid import uuid4

from flask import request
from flask_babel import gettext as _

from formloom.platform.errors import InputInvalid

LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was chosen. `key` is that of the import: the same one twice is one."""

    name: str
    data: bytes
    key: str

    def packed(self) -> str:
        """Its bytes as a form field holds them."""
        return base64.b64encode(self.data).decode()


def chosen(name: str) -> Upload:
    """The file that the page's input sent; `name` is what it is called where it has no name.

    Raises:
        InputInvalid: none was chosen, or it is too large.
    """
    file = request.files.get("file")
    data = file.read(LARGEST + 1) if file else b""
    if file is None or not data:
        raise InputInvalid({"file": _("Choose a file first.")})
    if len(data) > LARGEST:
        raise InputInvalid({"file": _("This file is too large. Split it, or leave out what isn’t needed.")})
    return Upload(file.filename or name, data, uuid4().hex)


def carried() -> Upload:
    """The file that came back with the page.

    Raises:
        InputInvalid: it is none.
    """
    try:
        data = base64.b64decode(request.form.get("data", ""), validate=True)
    except binascii.Error as error:
        raise InputInvalid({"file": _("Choose a file first.")}) from error
    return Upload(request.form.get("name", ""), data, request.form.get("key", "")[:40])
