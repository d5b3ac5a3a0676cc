"""Where the bytes of uploads are kept: a folder or an object store, through fsspec. What each is: `stored_file`.

A stored file has no address of its own; services/files.py asks who may see it before anything is opened here.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import IO, Any

import fsspec


class FileStore:
    """Uploads by workspace and id. A content is written once, under a name that nobody chose, and never changed."""

    def __init__(self, url: str) -> None:
        self._files, self._root = fsspec.url_to_fs(url)

    def write(self, workspace_id: int, file_id: str, content: bytes) -> None:
        """Keep `content` under its id; it is there whole or not at all."""
        path = self._path(workspace_id, file_id)
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        with self._files.transaction, self._files.open(path, "wb") as target:
            target.write(content)

    def open(self, workspace_id: int, file_id: str) -> AbstractContextManager[IO[bytes]]:
        """The content for reading.

        Raises:
            FileNotFoundError: it is not there (any more).
        """
        opened: Any = self._files.open(self._path(workspace_id, file_id), "rb")
        return opened  # type: ignore[no-any-return]

    def delete(self, workspace_id: int, file_id: str) -> None:
        """Remove the content; one that is gone already is no error."""
        path = self._path(workspace_id, file_id)
        if self._files.exists(path):
            self._files.rm(path)

    def all(self) -> Iterator[str]:
        """The paths of all contents, relative to the store (`<workspace>/<two letters>/<id>`), for a backup."""
        root = self._root.rstrip("/") + "/"
        for path in self._files.find(self._root):
            yield path.removeprefix(root)

    def content(self, path: str) -> bytes:
        """One content, by its path as `all` gives it."""
        found: bytes = self._files.cat_file(f"{self._root.rstrip('/')}/{path}")
        return found

    def _path(self, workspace_id: int, file_id: str) -> str:
        return f"{self._root.rstrip('/')}/{workspace_id}/{file_id[-2:]}/{file_id}"
