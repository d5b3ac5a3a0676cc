"""Files of records: taken one by one while a form is filled, sent only to who may see the record and the field.

Nothing that somebody uploaded is ever shown in place: it is always a download. A thumbnail is a picture that was drawn
anew here from what was uploaded.
"""

import io
from typing import IO

from flask import Blueprint, jsonify, request, send_file
from flask_babel import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from werkzeug.wrappers import Response

from formloom.platform.errors import InputInvalid, NotFound
from formloom.platform.services import files
from formloom.web.request import caller

pages = Blueprint("file_pages", __name__, url_prefix="/files")

SIDE = 480
MOST_PIXELS = 50_000_000
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600",
}


@pages.post("")
def upload() -> tuple[Response, int]:
    """Take one file for a field: `form`, `field` and `file`. Answers with its id, name and size."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise InputInvalid({"file": _("Choose a file.")})
    kept = files.upload(caller(), request.form["form"], request.form["field"], given.filename, given.read())
    return jsonify(id=kept.id, name=kept.name, size=kept.size), 201


@pages.get("/<file_id>")
def download(file_id: str) -> Response:
    """The file, as a download."""
    found = files.download(caller(), file_id)
    content = found.content.__enter__()
    answer = send_file(content, mimetype="application/octet-stream", as_attachment=True, download_name=found.file.name)
    answer.call_on_close(lambda: found.content.__exit__(None, None, None))
    answer.headers.update(SAFE)
    return answer


@pages.get("/<file_id>/thumbnail")
def thumbnail(file_id: str) -> Response:
    """A small picture of an image, drawn anew; nothing of the file itself is sent."""
    found = files.download(caller(), file_id)
    with found.content as content:
        small = _small(content)
    answer = send_file(small, mimetype="image/png", as_attachment=True, download_name="thumbnail.png")
    answer.headers.update(SAFE)
    return answer


def _small(content: IO[bytes]) -> io.BytesIO:
    try:
        with Image.open(content) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotFound(_("This picture is too large to be shown small."))
            drawn = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotFound(_("This is no picture that can be shown.")) from error
    drawn.thumbnail((SIDE, SIDE))
    small = io.BytesIO()
    drawn.save(small, "PNG")
    small.seek(0)
    return small
