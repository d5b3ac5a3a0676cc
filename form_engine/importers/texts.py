"""The texts of a foreign form: in whatever languages they are written, and whatever mark-up they hold."""

import html
import re
from collections.abc import Mapping
from functools import cache

import nh3
from babel import Locale, UnknownLocaleError

TAG = re.compile(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
"""What `x-form.translations` takes for the name of a language."""
CODE_IN_BRACKETS = re.compile(r"\(([A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{2,8})*)\)\s*$")
CHINESE = {"zh", "zh-cn", "zh-hans", "zh-sg", "cn", "chinese", "中文", "简体中文", "汉语", "chinese (simplified)"}
ELEMENT = re.compile(r"<\s*([a-zA-Z][a-zA-Z0-9]*)")
PLAIN_ELEMENTS = {"p", "br", "div", "span"}
REFERENCE = re.compile(r"\$\{[^}]+\}|\{\{.+?\}\}|\{[a-zA-Z_][^{}]*\}")


def by_language(value: object) -> dict[str, str]:
    """The texts of a label by the name that the file gives to their language; "" where it names none."""
    if isinstance(value, Mapping):
        return {str(name): str(text).strip() for name, text in value.items() if str(text or "").strip()}
    text = "" if value is None else str(value).strip()
    return {"": text} if text else {}


def tag_of(name: str) -> str | None:
    """The language tag that is meant by `fr`, `French`, `Français` or `French (fr)`; None for a name that says none."""
    found = CODE_IN_BRACKETS.search(name)
    word = (found.group(1) if found else name).strip()
    if word.lower().replace("_", "-") in CHINESE:
        return "zh_Hans"
    known = word.lower() if len(word) > 3 else None
    if known in _names():
        return _names()[known]
    tag = word.replace("-", "_")
    language, _, rest = tag.partition("_")
    tag = f"{language.lower()}_{rest}" if rest else language.lower()
    return tag if TAG.fullmatch(tag) and language.lower() in _codes() else None


@cache
def _codes() -> frozenset[str]:
    return frozenset(str(code) for code in Locale("en").languages if len(str(code)) <= 3)


@cache
def _names() -> dict[str, str]:
    """English and own names of the languages, in small letters, by which spreadsheets call them."""
    names = {str(name).lower(): str(code) for code, name in Locale("en").languages.items() if "_" not in str(code)}
    for code in _codes():
        try:
            own = Locale.parse(code).get_display_name(code)
        except (UnknownLocaleError, ValueError):
            continue
        if own:
            names.setdefault(own.lower(), code)
    return names


def main_of(texts: Mapping[str, str]) -> tuple[str, dict[str, str], list[str]]:
    """The text in the form's own language, the translations by tag, and the languages that nobody can make out.

    English is the form's own where there is one, else what the file calls its default, else its first language.
    """
    order = ("", "default", "en")
    tags = {name: "" if name in ("", "default") else tag_of(name) for name in texts}
    english = [name for name, tag in tags.items() if tag and tag.split("_")[0] == "en"]
    first = next(iter([*english, *(name for name in texts if name in order), *texts]), None)
    if first is None:
        return "", {}, []
    others = {tag: texts[name] for name, tag in tags.items() if tag and texts[name] != texts[first]}
    lost = [name for name, tag in tags.items() if tag is None and name != first]
    return texts[first], others, lost


def words_of(markup: str) -> tuple[str, bool]:
    """The words of a piece of HTML, and whether more than paragraphs is lost by keeping the words alone."""
    if "<" not in markup:
        return html.unescape(markup).strip(), False
    lost = any(name.lower() not in PLAIN_ELEMENTS for name in ELEMENT.findall(markup))
    spaced = re.sub(r"(?i)<\s*(br|/p|/div|/h[1-6]|/li|/tr)\b", r"\n<\1", markup)
    text = html.unescape(nh3.clean(spaced, tags=set()))
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[ \t]+", " ", text)).strip(), lost


def refers(text: str) -> bool:
    """Whether a text names answers that the other product would fill in."""
    return REFERENCE.search(text) is not None
