"""What somebody looked at last, kept in their session: the way back to it from the home page.

Only addresses are kept; what they are called is asked for when they are shown.
"""

import re
from dataclasses import dataclass

from flask import Response, request, session

KEPT = 6
NAME = "recent"
PLACE = re.compile(r"/apps/([a-z][a-z0-9_]{0,39})/([a-z][a-z0-9_]{0,39})(?:/([0-9a-f-]{36}))?")


@dataclass(frozen=True, slots=True)
class Place:
    """A table of records, or one record (`record_id`)."""

    app_key: str
    form_key: str
    record_id: str

    @property
    def address(self) -> str:
        """Where it is."""
        return "/".join(part for part in ("/apps", self.app_key, self.form_key, self.record_id) if part)


def remember(response: Response) -> Response:
    """Note the page that was just shown, if it is a table or a record."""
    match = PLACE.fullmatch(request.path)
    if match and request.method == "GET" and response.status_code == 200 and response.mimetype == "text/html":
        others = [path for path in session.get(NAME, ()) if path != request.path]
        session[NAME] = [request.path, *others][:KEPT]
    return response


def places() -> list[Place]:
    """The last places, the latest first."""
    matches = (PLACE.fullmatch(path) for path in session.get(NAME, ()))
    return [Place(match[1], match[2], match[3] or "") for match in matches if match]
