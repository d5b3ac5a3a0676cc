"""Administrative divisions of China, as GB/T 2260 codes: province, city, district.

`regions.json` has every division by its six-digit code, in order. A city is `xxxx00` and a province `xx0000`; the
municipalities, and districts directly under a province, have no city between.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..messages import say
from ..names import Names
from .base import EQUALITY, FieldType, Raw, Schema, Unreadable, compare, single
from .samples import example_of

if TYPE_CHECKING:
    from ..form import Field

DEPTHS = {"province": 1, "city": 2, "district": 3}


@cache
def regions() -> Mapping[str, str]:
    """Every division: code → name."""
    loaded: Mapping[str, str] = json.loads((Path(__file__).parent / "regions.json").read_text(encoding="utf-8"))
    return loaded


def line_of(code: str) -> tuple[str, ...]:
    """The codes from the province down to `code`; () for an unknown one."""
    known = regions()
    if code not in known:
        return ()
    above = (f"{code[:2]}0000", f"{code[:4]}00")
    return (*(entry for entry in above if entry in known and entry != code), code)


@cache
def children() -> Mapping[str, tuple[str, ...]]:
    """The codes below each code, in order; the provinces stand below ""."""
    found: dict[str, list[str]] = {}
    for code in regions():
        line = line_of(code)
        found.setdefault(line[-2] if len(line) > 1 else "", []).append(code)
    return {code: tuple(below) for code, below in found.items()}


def exact(code: str, depth: int) -> bool:
    """Whether `code` is of this depth (1 a province, 2 a city, 3 a district), or as exact as can be on the way to it."""
    line, below = line_of(code), children().get(code, ())
    if not line or len(line) > depth:
        return False
    undivided = not below or (depth == 2 and not any(entry.endswith("00") for entry in below))
    return len(line) == depth or undivided


class Region(FieldType):
    """A province, city or district of China, kept as its code."""

    name = "region"
    title = "Region"
    group = "choice"
    icon = "map"
    macro = "region"
    operators = (*EQUALITY, "starts")
    unique_allowed = False
    settings_schema: ClassVar[Schema] = {
        "level": {
            "enum": ["province", "city", "district"],
            "description": "How exact it must be (default district). What is not divided further counts as exact.",
        },
    }

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A six-digit code."""
        return {"type": "string", "pattern": "^[0-9]{6}$"}

    def flaw(self, field: "Field", value: Any, lang: str) -> str | None:
        """A code that no division has, or one of another level than is asked for."""
        if exact(value, DEPTHS[field.settings.get("level", "district")]):
            return None
        return say(lang, "{label}: choose a region from the list.", label=field.label(lang))

    def sample(self, field: "Field") -> Any:
        """Around the West Lake."""
        codes = {"province": "330000", "city": "330100", "district": "330106"}
        return example_of(field.schema) or codes[field.settings.get("level", "district")]

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """`浙江省 杭州市 西湖区`."""
        return " ".join(regions()[code] for code in line_of(value)) if isinstance(value, str) else ""

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The code; of several selects, the last that was chosen."""
        if isinstance(raw, list):
            raw = next((entry for entry in reversed(raw) if entry.strip()), "")
        return single(raw).strip() or None

    def from_text(self, field: "Field", text: str, lang: str = "en", zone: str = "UTC") -> Any:
        """A code, or names from the province down, with or without anything between them."""
        bare = "".join(text.split()).replace("/", "").replace("-", "").replace(",", "")
        if not bare or bare in regions():
            return bare or None
        code = ""
        while bare:
            below = children().get(code, ())
            found = next((entry for entry in below if bare.startswith(regions()[entry])), None)
            if found is None:
                raise Unreadable(say(lang, "There is no such region: write it like 浙江省杭州市西湖区."))
            code, bare = found, bare.removeprefix(regions()[found])
        return code

    def where(self, field: "Field", operator: str, column: Any, operand: Any) -> Any:
        """`starts`: within the province or city whose code is given."""
        if operator != "starts":
            return super().where(field, operator, column, operand)
        prefix = str(operand)
        prefix = prefix[:2] if prefix.endswith("0000") else prefix[:4] if prefix.endswith("00") else prefix
        return compare("starts", column, prefix)
