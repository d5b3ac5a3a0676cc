"""Forms from elsewhere: each importer gives a form definition and a true report of what could not be carried over."""

from collections.abc import Callable
from importlib import import_module
from typing import Literal, get_args

from .draft import Imported

__all__ = ["KINDS", "Imported", "Kind", "convert"]

Kind = Literal["jsonschema", "formio", "surveyjs", "xlsform", "spreadsheet"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def convert(kind: Kind, data: bytes, filename: str = "", lang: str = "en") -> Imported:
    """Turn the file `data` of `kind` into a form; sentences in `lang`.

    Gives the form definition, the report `[{"source", "message"}]`, and the records of a spreadsheet.
    Raises DefinitionError with one clear problem for a file that is not of that kind or that nothing can be made of.
    """
    importer: Callable[[bytes, str, str], Imported] = import_module(f"{__name__}.{kind}").convert
    return importer(data, filename, lang)
