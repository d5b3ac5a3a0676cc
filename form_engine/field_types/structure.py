"""Fields made of fields: a sub-table (a list of rows) and a nested group."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..logic.types import LogicType
from ..messages import say
from ..names import Names
from .base import BLANK, FieldType, Raw, Schema
from .numbers import Money

if TYPE_CHECKING:
    from ..form import Choice, Field

ROW_KEY = "_row"
ROW_ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"}


class Structure(FieldType):
    """What both share. Their columns are `field.columns`; the engine walks into them by `part`."""

    group = "structure"
    column = None
    operators = ("empty", "notEmpty")
    aggregates = ()
    unique_allowed = False

    def holder(self, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The object schema whose properties are its columns; None where there is none."""
        return schema if isinstance(schema.get("properties"), dict) else None

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """Nothing: its columns have inputs of their own (see `typed.py`)."""
        return None


class Group(Structure):
    """Fields that belong together: `{"city": …, "street": …}`."""

    name = "group"
    title = "Group"
    icon = "box-multiple"
    macro = "group"
    json_types = ("object",)

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """An object with properties."""
        return schema.get("type", "object") == "object" and bool(schema.get("properties"))

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A group of what its columns are."""
        return LogicType("group", {key: column.logic for key, column in columns.items()})

    def sample(self, field: "Field") -> Any:
        """A sample of each of its columns."""
        return sample_of(field.columns, field.schema)

    def convert(self, field: "Field", origin: "Field", value: Any) -> Any:
        """A group stays a group; its fields are converted one by one."""
        return converted(field.columns, origin.columns, value) if origin.columns and isinstance(value, dict) else BLANK

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """Each column with its label."""
        return _row_text(field, value, lang, names, zone)


class Table(Structure):
    """A list of rows, each with the same columns. A row carries `_row`, which whoever makes it gives it."""

    name = "table"
    title = "Sub-table"
    icon = "table"
    macro = "table"
    json_types = ("array",)
    settings_schema: ClassVar[Schema] = {
        "sums": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Columns whose sum stands under the table (default: money; where some is computed, that alone).",
        },
    }

    def infers(self, schema: Mapping[str, Any]) -> bool:
        """A list whose items are objects with properties."""
        holder = self.holder(schema)
        return schema.get("type") == "array" and holder is not None and bool(holder.get("properties"))

    def holder(self, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The schema of its items, where that is an object's."""
        items = schema.get("items")
        if not isinstance(items, dict) or not isinstance(items.get("properties"), dict):
            return None
        return items if items.get("type", "object") == "object" else None

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """A list."""
        return {"type": "array"}

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """A table of what its columns are."""
        return LogicType("table", {key: column.logic for key, column in columns.items()})

    def sample(self, field: "Field") -> Any:
        """As many rows as it needs, one at least."""
        row = sample_of(field.columns, self.holder(field.schema) or {})
        return [dict(row) for _ in range(max(1, int(field.schema.get("minItems", 1))))]

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The rows, divided by semicolons."""
        rows = value if isinstance(value, list) else []
        return "; ".join(_row_text(field, row, lang, names, zone) for row in rows)

    def cell(self, field: "Field", value: Any) -> Any:
        """How many rows there are; their cells are exported as a sheet of their own."""
        return len(value) if isinstance(value, list) else 0

    def convert(self, field: "Field", origin: "Field", value: Any) -> Any:
        """Rows stay rows, a group becomes one row; cells are converted column by column."""
        rows = [value] if isinstance(value, dict) else value
        if not origin.columns or not isinstance(rows, list):
            return BLANK
        return [converted(field.columns, origin.columns, row) for row in rows if isinstance(row, dict)]

    def sums(self, field: "Field") -> tuple[str, ...]:
        """The columns whose sum stands under the table: those that are stated, else money, the computed ones first."""
        stated = field.settings.get("sums")
        if stated is not None:
            return tuple(stated)
        amounts = [column for column in field.columns.values() if isinstance(column.type, Money)]
        computed = [column for column in amounts if column.compute is not None]
        return tuple(column.key for column in computed or amounts)

    def name_row(self, lang: str, number: int) -> str:
        """What row `number` (from 1) is called in a sentence."""
        return say(lang, "row {number}", number=number)


def converted(columns: "Mapping[str, Field]", older: "Mapping[str, Field]", row: Mapping[str, Any]) -> dict[str, Any]:
    """A row (or record) of an older version as one of these columns; what does not convert is left out."""
    made: dict[str, Any] = {ROW_KEY: row[ROW_KEY]} if ROW_KEY in row else {}
    for key, column in columns.items():
        was = next((name for name in (key, *column.settings.get("was", ())) if name in older and name in row), None)
        value = BLANK if was is None else column.type.convert(column, older[was], row[was])
        if value is not BLANK:
            made[key] = value
    return made


TOGETHER = frozenset(
    [
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "dependentRequired",
        "dependentSchemas",
        "minProperties",
        "maxProperties",
    ]
)
"""Keywords of an object that say which of its properties go together."""


def sample_of(columns: "Mapping[str, Field]", holder: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A sample value for each column that people fill in; fewer where the `holder`'s schema takes no more together."""
    samples = {key: column.type.sample(column) for key, column in columns.items() if not column.read_only}
    found = {key: value for key, value in samples.items() if value is not BLANK}
    together = {key: value for key, value in (holder or {}).items() if key in TOGETHER}
    return _fewer(found, together | {"required": holder.get("required", [])}) if together and holder else found


def _fewer(samples: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """The largest of some parts of `samples` that `schema` takes; all of it where it takes none."""
    from ..validator import compiled  # what it imports costs a start of the command line

    try:
        validator = compiled(schema)
    except ValueError:
        return samples
    required = {key: value for key, value in samples.items() if key in schema["required"]}
    optional = [key for key in samples if key not in required]
    without = [{key: value for key, value in samples.items() if key != left} for left in optional]
    with_one = [required | {key: samples[key]} for key in optional]
    return next((each for each in (samples, *without, *with_one, required) if validator.is_valid(each)), samples)


def _row_text(field: "Field", row: Any, lang: str, names: Names, zone: str) -> str:
    if not isinstance(row, dict):
        return ""
    shown = [
        f"{column.label(lang)}: {column.type.text(column, row[key], lang, names, zone)}"
        for key, column in field.columns.items()
        if key in row
    ]
    return ", ".join(shown)
