"""Every sentence that the engines say, in the reader's language.

A sentence is known by its English text. Each language is a folder `locales/<language>/` of JSON files, one an area,
that map the English text to the translation. Parameters are named, because word order differs between languages.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SENTENCE_ENDS = (
    "?",
    "？",
    "!",
    "！",
    ".",
    "。",
    "…",
)  # what ends a label that is a sentence itself: “How was it?” is required.
_FOLDERS: list[Path] = [Path(__file__).parent / "locales"]


def add_locales(folder: Path) -> None:
    """Let another engine bring its own sentences: `folder` holds one folder a language, as ours does."""
    if folder not in _FOLDERS:
        _FOLDERS.append(folder)
        _catalogue.cache_clear()


@cache
def _catalogue(lang: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for folder in _FOLDERS:
        for file in sorted((folder / lang).glob("*.json")):
            texts |= json.loads(file.read_text(encoding="utf-8"))
    return texts


def say(lang: str, template: str, /, **params: object) -> str:
    """The sentence `template` (English, `{name}` for parameters) in `lang` (`en`, `zh_Hans`), filled with `params`.

    A sentence that has no translation is said in English.
    """
    text = template if lang == "en" else _catalogue(lang).get(template, template)
    label = params.get("label")
    if isinstance(label, str) and label.endswith(SENTENCE_ENDS) and "“{label}”" not in text:
        params["label"] = f"“{label}”"
    return text.format(**params) if params else text


def listed(lang: str, parts: Iterable[str]) -> str:
    """Several things one after the other: `Amy, Li`, in Chinese `Amy、Li`."""
    return ("、" if lang.startswith("zh") else ", ").join(parts)


def told(lang: str, sentences: Iterable[str]) -> str:
    """Several sentences one after the other; Chinese ones need no space."""
    return ("" if lang.startswith("zh") else " ").join(sentences)
