"""A condition is explained by what is true of the record, in words and numbers that its reader knows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from logic_trees import FIELDS, typed

from formloom.form_engine import logic
from formloom.form_engine.logic import formula
from formloom.form_engine.logic.explain import explain

FORM = {key: typed(field) for key, field in FIELDS.items()}
MOMENT = logic.Moment(datetime(2026, 11, 24, 15, tzinfo=UTC), "Asia/Shanghai")
RECORD = {
    "total": 8199,
    "kind": "gift",
    "flag": True,
    "day": "2026-01-31",
    "tags": ["vip"],
    "items": [{"price": 1234.5}],
}
TITLES = {
    "total": "Total",
    "kind": "Kind",
    "flag": "Paid",
    "day": "Paid on",
    "name": "Name",
    "tags": "Tags",
    "until": "Until",
}


def show(path: str, value: Any) -> str:
    if path == "total":
        return f"{value:,.2f}"
    return f"“{value}”" if path == "kind" else str(value)


def said(text: str, lang: str = "en") -> str:
    return explain(
        formula.parse(text, FORM), FORM, RECORD, MOMENT, label=lambda path: TITLES.get(path, path), show=show, lang=lang
    )


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("total > 5000", "Total 8,199.00 > 5,000.00"),
        ("total > 10000", "Total 8,199.00 ≤ 10,000.00"),
        ('kind = "money"', "Kind “gift” ≠ “money”"),
        ('AND(total > 5000, kind = "money")', "Kind “gift” ≠ “money”"),
        ('AND(total > 5000, kind = "gift")', "Total 8,199.00 > 5,000.00 and Kind = “gift”"),
        ('OR(total > 5000, kind = "money")', "Total 8,199.00 > 5,000.00"),
        ('OR(total < 5, kind = "money")', "Total 8,199.00 ≥ 5.00 and Kind “gift” ≠ “money”"),
        ("NOT(total > 10000)", "Total 8,199.00 ≤ 10,000.00"),
        ("flag", "Paid yes"),
        ("ISBLANK(name)", "Name is blank"),
        ("NOTBLANK(day)", "Paid on 2026-01-31"),
        ('IN(kind, {"money", "gift"})', "Kind “gift” is one of: “money”, “gift”"),
        ('IN(kind, {"money", "honour"})', "Kind “gift” is none of: “money”, “honour”"),
        ("day < TODAY()", "Paid on 2026-01-31 < 2026-11-24"),
        ("until < TODAY()", "not: Until (blank) < 2026-11-24"),
        ("BETWEEN(total, 1, 5)", "not: 1.00 ≤ Total 8,199.00 ≤ 5.00"),
        ("SUM(items.price) > 1000", "SUM(items.price) = 1,234.5 > 1,000"),
        ('CONTAINS(kind, "x")', "Kind “gift” does not include x"),
        ('CONTAINS(kind, "if")', "Kind “gift” includes if"),
        ('NOT(CONTAINS(name, "x"))', "Name is blank"),
        ('IN("vip", tags)', "Tags includes ['vip']"),
        ('NOT(IN("new", tags))', "Tags ['vip'] does not include ['new']"),
        ("IN(kind, tags)", "IN(kind, tags) = no"),
    ],
)
def test_what_decided_is_said_as_it_is(condition: str, words: str) -> None:
    assert said(condition) == words


def test_an_explanation_is_said_in_chinese_too() -> None:
    assert said("ISBLANK(name)", "zh_Hans") == "Name为空"
    assert said('AND(total > 5000, kind = "gift")', "zh_Hans") == "Total 8,199.00 > 5,000.00 且 Kind = “gift”"
