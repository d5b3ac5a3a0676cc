"""What a spreadsheet's number format says of a number: that it is a percent, money (and of which currency), or a moment.

Source: ECMA-376 part 1, 18.8.30 (numFmts) and 18.8.31; the language identifiers in `[$¥-804]` are those of MS-LCID.
"""

import re
from dataclasses import dataclass
from functools import cache

from ..cells import Amount, Cell, Share, at_midnight
from ..field_types.currencies import CURRENCIES

PART = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[\$(?P<sign>[^\]-]*)(?:-(?P<language>[^\]]*))?\]|\[[^\]]*\]|(?P<bare>.)',
    re.DOTALL,
)
SIGNS: dict[str, tuple[str, ...]] = {
    "US$": ("USD",), "HK$": ("HKD",), "NT$": ("TWD",), "A$": ("AUD",), "AU$": ("AUD",), "C$": ("CAD",), "CA$": ("CAD",),
    "NZ$": ("NZD",), "S$": ("SGD",), "R$": ("BRL",), "MX$": ("MXN",), "CN¥": ("CNY",), "RMB": ("CNY",), "人民币": ("CNY",),
    "元": ("CNY", "TWD", "HKD"), "円": ("JPY",), "¥": ("CNY", "JPY"), "￥": ("CNY", "JPY"), "€": ("EUR",), "£": ("GBP",),
    "$": ("USD", "CAD", "AUD", "NZD", "HKD", "TWD", "SGD", "MXN", "CNY"), "₩": ("KRW",), "￦": ("KRW",), "₹": ("INR",),
    "₽": ("RUB",), "₫": ("VND",), "฿": ("THB",), "₺": ("TRY",), "₴": ("UAH",), "₪": ("ILS",), "₱": ("PHP",),
    "zł": ("PLN",), "Kč": ("CZK",), "Ft": ("HUF",), "kr": ("SEK", "NOK", "DKK", "ISK"),
}  # fmt: skip
"""What stands for a currency, the longer before what it contains; ISO 4217 codes stand for themselves."""
BY_LANGUAGE = {
    0x409: "USD", 0x804: "CNY", 0x411: "JPY", 0x404: "TWD", 0xC04: "HKD", 0x1004: "SGD", 0xC09: "AUD", 0x1009: "CAD",
    0x1409: "NZD", 0x41D: "SEK", 0x414: "NOK", 0x406: "DKK", 0x80A: "MXN",
}  # fmt: skip
BY_TAG = {
    "zh-CN": "CNY",
    "ja-JP": "JPY",
    "en-US": "USD",
    "zh-TW": "TWD",
    "zh-HK": "HKD",
    "en-AU": "AUD",
    "en-CA": "CAD",
}
CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
SCALED = re.compile(r"[十百千万亿]元")
"""An amount in thousands, … of a currency is none in that currency."""
WORDS_FOR_CODES = {"ALL", "TOP", "TRY", "CUP", "MOP", "GEL", "LAK", "RON", "MAD", "SOS", "COP", "PEN", "XXX"}
BUILT_IN = {9: "0%", 10: "0.00%", 22: "m/d/yy h:mm"} | dict.fromkeys((5, 6, 7, 8, 42, 44), "$0.00")
"""The formats that a file names by number alone and that say something."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell shows its number: as a percent, as money of one of `currencies`, or as a day with a time of day."""

    percent: bool = False
    currencies: tuple[str, ...] = ()
    moment: bool = False

    def seen(self, cell: Cell) -> Cell:
        """The cell with what it shows."""
        if self.moment:
            return at_midnight(cell)
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            return cell
        return Share(cell) if self.percent else Amount(cell, self.currencies)


@cache
def look_of(code: str) -> Look | None:
    """What the number format `code` says; None for one that says only how many digits are shown."""
    words, signs, bare, language = "", "", "", ""
    for part in PART.finditer(code):
        if part["bare"] == ";":
            break
        words += part["quoted"] or part["escaped"] or part["bare"] or ""
        bare += part["bare"] or ""
        signs += part["sign"] or ""
        language = language or part["language"] or ""
    if "%" in bare:
        return Look(percent=True)
    letters = re.sub(r"general|am/pm|a/p|e[+-]", "", bare.lower())
    if {"y", "d"} & set(letters):
        return Look(moment=True) if {"h", "s"} & set(letters) else None
    found = _currencies(signs, language, code=True) or _currencies(words, "", code=False)
    return Look(currencies=found) if found and re.search(r"[0#?]", bare) else None


def _currencies(text: str, language: str, *, code: bool) -> tuple[str, ...]:
    """The currencies that a text in a format may mean; `code`: it is a currency's sign and nothing else."""
    for name in CODE.findall(text):
        if name in CURRENCIES and (code or name not in WORDS_FOR_CODES):
            return (name,)
    meant = next((currencies for sign, currencies in SIGNS.items() if sign in text), ())
    if not meant or SCALED.search(text):
        return ()
    spoken = _of_language(language)
    return (spoken, *(each for each in meant if each != spoken)) if spoken in meant else meant


def _of_language(language: str) -> str | None:
    if re.fullmatch(r"[0-9A-Fa-f]{1,8}", language):
        return BY_LANGUAGE.get(int(language, 16) & 0xFFFF)  # above it: digits and calendar
    return BY_TAG.get(language)
