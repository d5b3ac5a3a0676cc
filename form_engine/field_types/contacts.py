"""Fields that hold a text of a known shape: addresses on the net, telephone numbers, numbers with a check digit."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

import phonenumbers

from ..messages import say
from .base import FieldType, Raw, Schema, single
from .samples import example_of, text_sample

if TYPE_CHECKING:
    from ..form import Field

UNSAFE_SCHEMES = ("javascript:", "data:", "vbscript:", "file:")


class Email(FieldType):
    """An e-mail address."""

    name = "email"
    title = "E-mail"
    group = "basic"
    icon = "mail"
    macro = "email"

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Format `email`."""
        return schema.get("type") == "string" and schema.get("format") in ("email", "idn-email")

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """An address of RFC 5321."""
        return {"type": "string", "format": "email"}

    def sample(self, field: "Field") -> Any:
        """An address that nobody has."""
        return text_sample({**field.schema, "format": "email"})


class Url(FieldType):
    """An address on the net."""

    name = "url"
    title = "Web address"
    group = "basic"
    icon = "world"
    macro = "url"

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """Format `uri`; an `iri`, which may hold any letters, is a text."""
        return schema.get("type") == "string" and schema.get("format") in ("uri", "url")

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A URI of RFC 3986."""
        return {"type": "string", "format": "uri"}

    def flaw(self, field: "Field", value: Any, lang: str) -> str | None:
        """An address that would run something when it is clicked."""
        if value.strip().casefold().startswith(UNSAFE_SCHEMES):
            return say(
                lang,
                "{label} must be an ordinary web address, for example https://example.com.",
                label=field.label(lang),
            )
        return None

    def sample(self, field: "Field") -> Any:
        """An address."""
        return text_sample({**field.schema, "format": "uri"})

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The address; `example.com` becomes `https://example.com`."""
        typed = single(raw).strip()
        if typed and "://" not in typed and re.match(r"^[\w-]+(\.[\w-]+)+([/?#].*)?$", typed):
            return f"https://{typed}"
        return typed or None


class Phone(FieldType):
    """A telephone number."""

    name = "phone"
    title = "Phone"
    group = "basic"
    icon = "phone"
    macro = "phone"
    settings_schema: ClassVar[Schema] = {
        "region": {
            "type": "string",
            "pattern": "^[A-Z]{2}$",
            "description": "The country (ISO 3166) of a number written without its country code (default CN).",
        },
    }

    def flaw(self, field: "Field", value: Any, lang: str) -> str | None:
        """A number that no telephone has."""
        number = parsed(value, field.settings.get("region", "CN"))
        if number is not None and phonenumbers.is_possible_number(number):
            return None
        return say(
            lang,
            "{label} must be a telephone number, for example {example}.",
            label=field.label(lang),
            example=_example(field),
        )

    def sample(self, field: "Field") -> Any:
        """An example number of its region."""
        return example_of(field.schema) or _example(field)

    def stored(self, field: "Field", value: Any) -> Any:
        """E.164 where the number is one, so that it is found however it was typed."""
        number = parsed(value, field.settings.get("region", "CN"))
        return value if number is None else phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parsed(value: Any, region: str) -> phonenumbers.PhoneNumber | None:
    """The number that `value` writes, or None."""
    try:
        return phonenumbers.parse(value, region) if isinstance(value, str) else None
    except phonenumbers.NumberParseException:
        return None


def _example(field: "Field") -> str:
    region = field.settings.get("region", "CN")
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        return "+86 131 2345 6789"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


class IdNumber(FieldType):
    """A number whose last digits check the others."""

    name = "idnumber"
    title = "ID number"
    group = "basic"
    icon = "id"
    macro = "idnumber"
    settings_schema: ClassVar[Schema] = {
        "scheme": {
            "enum": ["resident", "company", "iban", "luhn"],
            "description": "Chinese resident identity card (default), Chinese unified social credit code, bank account (IBAN), or the Luhn check of card numbers.",
        },
    }

    def clean(self, field: "Field", value: Any) -> Any:
        """Without spaces, letters in capitals."""
        return re.sub(r"[\s-]", "", value).upper() if isinstance(value, str) else value

    def flaw(self, field: "Field", value: Any, lang: str) -> str | None:
        """A number whose check digits do not fit."""
        holds, sentence, _ = SCHEMES[field.settings.get("scheme", "resident")]
        return None if holds(value) else say(lang, sentence, label=field.label(lang))

    def sample(self, field: "Field") -> Any:
        """A number whose check digits fit."""
        return example_of(field.schema) or SCHEMES[field.settings.get("scheme", "resident")][2]

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The number without spaces."""
        return self.clean(field, single(raw)) or None


def resident(number: str) -> bool:
    """Whether `number` is a Chinese resident identity number of GB 11643: 17 digits with a birthday, and a check digit."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number):
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True)) % 11
    return born.year >= 1850 and number[17] == "10X98765432"[check]


def company(code: str) -> bool:
    """Whether `code` is a Chinese unified social credit code of GB 32100: 17 signs and a check sign."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if len(code) != 18 or any(sign not in signs for sign in code):
        return False
    total = sum(signs.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return code[17] == signs[(31 - total % 31) % 31]


def iban(number: str) -> bool:
    """Whether `number` is an IBAN of ISO 13616 (its remainder by 97 is 1)."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", number):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def luhn(number: str) -> bool:
    """Whether the digits of `number` satisfy ISO 7812's check (cards)."""
    if not re.fullmatch(r"\d{8,19}", number):
        return False
    digits = [int(digit) for digit in reversed(number)]
    return sum(digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits)) % 10 == 0


SCHEMES: dict[str, tuple[Callable[[str], bool], str, str]] = {
    "resident": (resident, "{label} is no valid resident identity number: check its digits.", "11010519491231002X"),
    "company": (company, "{label} is no valid unified social credit code: check its signs.", "91350100M000100Y43"),
    "iban": (iban, "{label} is no valid bank account number (IBAN): check its digits.", "GB29NWBK60161331926819"),
    "luhn": (luhn, "{label} is no valid card number: check its digits.", "4111111111111111"),
}
"""By scheme: the check, the sentence when it fails, a number that passes."""
