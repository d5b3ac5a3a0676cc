"""Reading what a program sends: the same door as for every outside document, before marshmallow looks at the shape."""

from typing import Any, ClassVar

from flask import Request, g
from marshmallow import EXCLUDE, RAISE, Schema, missing
from webargs.core import is_json
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from formloom.form_engine import json_text
from formloom.form_engine.errors import Problem, RecordInvalid
from formloom.form_engine.limits import LIMITS
from formloom.form_engine.pointers import join


class Parser(FlaskParser):
    """Reads JSON bodies through `form_engine.json_text`: text that is no JSON, NUL, NaN, 1e400, doubled keys, depth.

    A parameter of the address that is not known is an error, like a key of a body: it was meant for something.
    """

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {"json": None, "query": RAISE, "headers": EXCLUDE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as a value; `missing` where none was sent.

        Raises:
            UnsupportedMediaType: something was sent, but not as JSON.
            RequestEntityTooLarge: it is longer than a document may be.
            BadRequest: it is no JSON, or nested too deeply.
            RecordInvalid: something in it can't be kept; each at its place in the body.
        """
        body = req.get_data(cache=True)
        if not is_json(req.mimetype) and req.content_length:
            raise UnsupportedMediaType
        if not body:
            return missing
        if len(body) > LIMITS.document_bytes:
            raise RequestEntityTooLarge
        lang = g.api_caller.lang
        try:
            value = json_text.decode(body, lang)
        except json_text.NotJson as error:
            raise BadRequest(str(error)) from error
        flaws = list(json_text.flaws(value, depth=LIMITS.record_depth + 1, lang=lang))
        if flaws:
            raise RecordInvalid([Problem(join("", *path), sentence) for path, sentence in flaws])
        return value
