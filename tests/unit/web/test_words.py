"""Every sentence of pages, templates and modules has its Chinese, and no catalogue holds what nobody says any more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

WEB = Path(__file__).parents[3] / "web"
SAID = re.compile(
    r"""\bsay\(\s*(?:[^"'()?]*\?\s*)?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?:\s*:\s*("(?:[^"\\]|\\.)*"))?"""
)
HOLES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
FILES = sorted((WEB / "locales" / "zh_Hans").glob("*.po"))


def said_by_pages() -> set[str]:
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
    found: set[str] = set()
    options = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
    for _, _, message, _, _ in extract_from_dir(WEB, methods, options_map=options, keywords=keywords):
        found.add(message[0] if isinstance(message, tuple) else message)
    return found


def said_by_modules() -> Iterator[str]:
    for file in (WEB / "static").rglob("*.js"):
        if "vendor" not in file.parts:
            for match in SAID.findall(file.read_text(encoding="utf-8")):
                yield from (text[1:-1].replace('\\"', '"') for text in match if text)


def translated(*names: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in FILES:
        if (file.name == "browser.po") == ("browser" in names):
            with file.open("rb") as source:
                for entry in read_po(source, locale="zh_Hans"):
                    if entry.id and not entry.fuzzy:
                        key, text = (
                            (entry.id[0], entry.string[0]) if isinstance(entry.id, tuple) else (entry.id, entry.string)
                        )
                        texts[key] = text
    return {key: text for key, text in texts.items() if text}


def test_every_sentence_of_a_page_has_its_chinese() -> None:
    assert sorted(said_by_pages() - translated().keys()) == []


def test_every_sentence_of_a_module_has_its_chinese() -> None:
    assert sorted(set(said_by_modules()) - translated("browser").keys()) == []


def test_no_translation_outlives_its_sentence() -> None:
    assert sorted(translated().keys() - said_by_pages()) == []
    assert sorted(translated("browser").keys() - set(said_by_modules())) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_translation_fills_the_same_holes_as_its_sentence(file: Path) -> None:
    with file.open("rb") as source:
        for entry in read_po(source, locale="zh_Hans"):
            ids = entry.id if isinstance(entry.id, tuple) else (entry.id,)
            strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            if entry.id and any(strings):
                assert {*HOLES.findall(ids[-1])} == {*HOLES.findall(strings[0])}, entry.id
