"""Reads an XLSForm workbook with pyxform, and says in one sentence why a file is none."""

import contextlib
import io
import os
import warnings
from functools import partial

import xlrd
from pyxform import xls2json_backends
from pyxform.errors import PyXFormError
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import get_xlsform

from formloom.form_engine.errors import DefinitionError, Problem
from formloom.form_engine.messages import say
from formloom.form_engine.workbooks import NoWorkbook, require_small

from .draft import Json

# xlrd keeps the standard output that it met when it was imported and warns there, where the form is to be printed
xls2json_backends.xlrd_open = partial(xlrd.open_workbook, logfile=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_workbook(data: bytes, lang: str) -> Json:
    """pyxform's own tree of the workbook; it prints and warns, which is nobody's business here. Raises DefinitionError."""
    try:
        require_small(data, lang)
    except NoWorkbook as error:
        raise DefinitionError([Problem("", str(error))]) from None
    if not data.startswith(WORKBOOKS):
        _require_text(data, lang)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            found = get_xlsform(data)
            survey: Json = workbook_to_json(found, fallback_form_name="data", warnings=[])
    except PyXFormError as error:
        sentence = say(lang, "This XLSForm has an error: {reason}", reason=" ".join(str(error).split()))
        raise DefinitionError([Problem("", sentence)]) from None
    except Exception as error:  # pyxform raises whatever its spreadsheet readers do on a damaged file
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        sentence = say(lang, "This is no XLSForm workbook: {reason}", reason=reason)
        raise DefinitionError([Problem("", sentence)]) from None
    return survey


def _require_text(data: bytes, lang: str) -> None:
    """A file that is no workbook must be the CSV or Markdown of one, with its sheet “survey”."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if "survey" not in text.lower() or "\0" in text or text.lstrip()[:1] in {"<", "{"}:
        sentence = say(lang, "This is no XLSForm: an Excel workbook, or CSV text, with a sheet “survey” is expected.")
        raise DefinitionError([Problem("", sentence)])
