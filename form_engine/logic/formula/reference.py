"""The page of documentation about formulas, made of `functions.json`.

`python -m formloom.form_engine.logic.formula.reference > docs/admins/formulas.md` writes it anew; a test keeps it true.
"""

import json
import sys
from typing import Any

from .functions import Function, functions, sample

INTRODUCTION = """\
# Formulas

A formula is written as in a spreadsheet. Names of fields stand for their values, texts stand in double quotation marks:

    IF(kind = "money", amount, SUM(items.price * items.count))

- **Signs**, those that bind strongest first: `-x`, `^`, `* / %`, `+ -`, `&` (puts texts together), `= <> < <= > >=`,
  `??` (the first that is not blank). Brackets as you know them. A `=` may stand in front. Signs of a Chinese
  keyboard (`（ ） ， × ÷ ≥ “ ”`) are taken as those they stand for.
- **Values**: `1250.5`, `13%` (which is 0.13), `"text"` (a quotation mark inside is doubled: `"a 5"" pipe"`), `TRUE`, `FALSE`, `BLANK`,
  a list: `{"money", "gift"}`. A field of the type percent holds 13 for 13 %: `price * rate / 100`. Between two values `%` is the
  remainder: `10 % 3`.
- **Fields** are named by their keys: `total`; a field of a group or of a linked record with a dot: `address.city`,
  `customer.phone`. A key with unusual signs stands in square brackets: `[the.key]`.
- **Columns of a table**: `items.price` where a list is expected means that column in every row, and a calculation with it is
  made row by row: `SUM(items.price * items.count)`. Fields outside the table may stand in it: `SUM(items.price * rate)`.
- **Conditions over rows**: `COUNTIF(items, items.price > 1000)`. In a list of plain values, `_` is the value at hand:
  `COUNTIF(tags, _ = "vip")`. In loops inside loops `_1` is the element of the loop around, and `$.total` is surely the field of the form.
- **Blanks**: in arithmetic and beside a number a blank is 0; a blank switch is FALSE; a blank date is in no order, neither
  before nor after. What is divided by 0 is blank. Sums, averages, counts, the smallest and the largest leave blanks out.
- **Numbers** are rounded half away from zero on 15 significant digits: `ROUND(1.005, 2)` is 1.01.
- **Days** are those of the workspace's time zone.

The examples below are about one record:

"""


def reference() -> str:
    """The whole page, in Markdown."""
    lines = [INTRODUCTION, "```json\n", json.dumps(sample()["record"], ensure_ascii=False, indent=1), "\n```\n"]
    lines.append(f"\nToday is 2026-11-24 there. {len(functions())} functions:\n")
    group = ""
    for function in functions().values():
        if function.group != group:
            group = function.group
            lines.append(f"\n## {group}\n\n| function | gives | example | result |\n|---|---|---|---|\n")
        lines.append(_row(function))
    return "".join(lines)


def _row(function: Function) -> str:
    call = f"{function.name}({function.takes})"
    cells = (f"`{call}`", function.text, f"`{function.example}`", f"`{_value(function.value)}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _value(value: Any) -> str:
    return (
        "BLANK"
        if value is None
        else json.dumps(value, ensure_ascii=False).replace("true", "TRUE").replace("false", "FALSE")
    )


if __name__ == "__main__":
    sys.stdout.write(reference())
