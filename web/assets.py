"""Static files under an address that changes with their contents, so that a browser may keep them for ever.

`/static/<version>/<name>`: the version stands in the path, not behind a question mark, so that one module may import
another by a relative path and still get the version it belongs to. Text is sent compressed.
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request
from markupsafe import Markup

FOLDER = Path(__file__).parent / "static"
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.{1,2}/[^"']+)["'];""", re.MULTILINE)
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}

pages = Blueprint("assets", __name__, root_path=str(Path(__file__).parent))


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file: its bytes as they are and compressed, and what kind they are."""

    plain: bytes
    packed: bytes
    media_type: str


def names() -> Iterator[str]:
    """Every static file, by its path below `static/`, sorted."""
    yield from sorted(str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*") if file.is_file())


@cache
def version() -> str:
    """What changes when any static file does: 12 hexadecimal digits. Read once a process."""
    digest = hashlib.sha256()
    for name in names():
        digest.update(name.encode() + b"\0" + (FOLDER / name).read_bytes())
    return digest.hexdigest()[:12]


@cache
def _asset(name: str, _version: str) -> Asset | None:
    if name not in set(names()):
        return None
    file = FOLDER / name
    plain = file.read_bytes()
    media_type = TYPES.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(plain, gzip.compress(plain, 9, mtime=0) if file.suffix in TYPES else plain, media_type)


def address(name: str) -> str:
    """Where the browser fetches a static file. Raises KeyError for a name that is no file, so that a test meets it."""
    if _asset(name, version()) is None:
        raise KeyError(f"there is no static file {name!r}")
    return f"/static/{version()}/{name}"


@cache
def imports_of(name: str) -> tuple[str, ...]:
    """The modules that a module imports, at any depth, so that a page can ask for all of them at once."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        module = waiting.pop(0)
        text = (FOLDER / module).read_text(encoding="utf-8")
        for path in IMPORT.findall(text):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(module), path))
            if imported not in found and imported != name:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)


def script(name: str) -> Markup:
    """The tags that run a module: it, and a hint for each module that it imports."""
    hints = [Markup('<link rel="modulepreload" href="{}">').format(address(each)) for each in imports_of(name)]
    return Markup("\n").join([*hints, Markup('<script type="module" src="{}"></script>').format(address(name))])


@pages.get("/static/<given>/<path:name>")
def static(given: str, name: str) -> Response:
    """A static file. One asked for under an older version is sent as it is now, and not to be kept."""
    found = _asset(name, version())
    if found is None:
        abort(404)
    packed = found.packed is not found.plain and "gzip" in request.accept_encodings
    response = Response(found.packed if packed else found.plain, content_type=found.media_type)
    if found.packed is not found.plain:
        response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOR_EVER if given == version() else "no-cache"
    return response
