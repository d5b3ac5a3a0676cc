"""How ids are shown to people. The platform knows the names; the engine only asks for them."""

from typing import Protocol


class Names(Protocol):
    """Names for ids; an unknown id is answered with itself."""

    def member(self, id: str) -> str:
        """The name of a member."""

    def department(self, id: str) -> str:
        """The name of a department."""

    def record(self, form: str, id: str) -> str:
        """The title of a record of `form`."""

    def file(self, id: str) -> str:
        """The file name of an uploaded file."""


class Ids:
    """The `Names` of somebody who knows nobody: every id stands for itself."""

    def member(self, id: str) -> str:
        """The id itself."""
        return id

    def department(self, id: str) -> str:
        """The id itself."""
        return id

    def record(self, form: str, id: str) -> str:
        """The id itself."""
        return id

    def file(self, id: str) -> str:
        """The id itself."""
        return id


IDS: Names = Ids()
