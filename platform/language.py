"""The sentences that services say, in the person's language.

`locales/<language>.po` is read as it stands (no compiled file to forget), once a process. A sentence without a
translation is said in English.
"""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locales"
SOURCE = "en"


@cache
def catalogue(lang: str) -> dict[str, str]:
    """English sentence → sentence in `lang`; empty for English and for a language that we don't have."""
    file = FOLDER / f"{lang}.po"
    if lang == SOURCE or not file.is_file():
        return {}
    with file.open("rb") as source:
        return {str(entry.id): str(entry.string) for entry in read_po(source, locale=lang) if entry.id and entry.string}


def gettext(lang: str, message: str, **values: object) -> str:
    """`message` in `lang`, with `{name}` replaced by the value of that name."""
    sentence = catalogue(lang).get(message, message)
    return sentence.format(**values) if values else sentence
