"""The files of a package, from a folder or a zip and back, within bounds that no upload gets past."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from formloom.platform.errors import InputInvalid
from formloom.platform.language import gettext

Files = Mapping[str, bytes]
"""Content by path (`forms/customer.json`), in the order of the paths."""

MOST_FILES = 2000
LARGEST_FILE = 5_000_000
LARGEST_PACKAGE = 50_000_000
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The time that every entry of a zip gets, so that the same package gives the same bytes."""


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files below `folder`; hidden ones and links are left out.

    Raises:
        InputInvalid: there are too many, or they are too large.
        OSError: the folder or a file in it cannot be read.
    """
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(_visible(folder)):
        size = path.stat().st_size
        total += size
        _within(len(files) + 1, size, total, "en")
        files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def read_zip(data: bytes, lang: str = "en") -> dict[str, bytes]:
    """The files of a zip; if all stand in one folder, that folder is the package.

    Raises:
        InputInvalid: it is no zip, is encrypted, is too large, or holds a path that leads out of it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = dict(sorted(_unpacked(archive, lang)))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputInvalid({"file": gettext(lang, "This file is no zip that can be read.")}) from error
    return _without_top(files)


def write_zip(files: Files) -> bytes:
    """The files as a zip; the same files always give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()


def write_folder(files: Files, folder: Path) -> None:
    """Write the files below `folder`, which is made; what else stands there stays."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _visible(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name == "__pycache__" or path.is_symlink():
            continue
        if path.is_dir():
            yield from _visible(path)
        else:
            yield path


def _unpacked(archive: zipfile.ZipFile, lang: str) -> Iterator[tuple[str, bytes]]:
    total = 0
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    for number, entry in enumerate(entries, 1):
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
            raise InputInvalid({"file": gettext(lang, "The zip holds a path that leads out of it: {path}.", path=path)})
        if any(part.startswith((".", "__MACOSX")) for part in path.parts):
            continue
        content = _bounded(archive, entry)
        total += len(content)
        _within(number, len(content), total, lang)
        yield path.as_posix(), content


def _bounded(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """At most one byte more than a file may have, whatever the entry says of its size."""
    with archive.open(entry) as source:
        return source.read(LARGEST_FILE + 1)


def _within(count: int, size: int, total: int, lang: str) -> None:
    if count > MOST_FILES or size > LARGEST_FILE or total > LARGEST_PACKAGE:
        sentence = gettext(
            lang,
            "The package is too large: at most {files} files, {one} MB each and {all} MB together.",
            files=MOST_FILES,
            one=LARGEST_FILE // 1_000_000,
            all=LARGEST_PACKAGE // 1_000_000,
        )
        raise InputInvalid({"file": sentence})


def _without_top(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {path.partition("/")[0] for path in files}
    if "app.json" in files or len(tops) != 1 or any("/" not in path for path in files):
        return files
    return {path.partition("/")[2]: content for path, content in files.items()}
