"""Fields that point at somebody or something by id: members, departments, records of other forms, files."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..logic.types import LogicType
from ..names import Names
from .base import BLANK, EQUALITY, FieldType, Group, Raw, Schema, several, single
from .text import listed, where_listed, without_blanks

if TYPE_CHECKING:
    from ..form import Choice, Field

MULTIPLE: Schema = {"type": "boolean", "description": "Whether it holds a list (default false)."}


class Reference(FieldType):
    """What all of them share: the value is an id, or a list of ids where the property is a list or `multiple` is set."""

    json_types: ClassVar[tuple[str, ...]] = ("string", "array")
    operators = (*EQUALITY, "contains")

    def schema(self, settings: Mapping[str, Any]) -> Schema:
        """An id, or a list of different ids."""
        if not settings.get("multiple"):
            return {"type": "string"}
        return {"type": "array", "items": {"type": "string"}, "uniqueItems": True}

    def wrong_settings(
        self, schema: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> list[tuple[str, str, dict[str, Any]]]:
        """`multiple` that says the opposite of the property's `type`."""
        stated = settings.get("multiple")
        if stated is None or "type" not in schema or stated is (schema["type"] == "array"):
            return []
        return [("multiple", "“multiple” contradicts the property's type “{type}”.", {"type": schema["type"]})]

    def logic(
        self, schema: Mapping[str, Any], choices: "tuple[Choice, ...]", columns: "Mapping[str, Field]"
    ) -> LogicType:
        """One thing or a list of such."""
        return LogicType("references" if schema.get("type") == "array" else "reference")

    def called(self, field: "Field", id: str, names: Names) -> str:
        """The name of the thing that `id` points at."""
        return id

    def clean(self, field: "Field", value: Any) -> Any:
        """The list without blank entries."""
        return without_blanks(value)

    def sample(self, field: "Field") -> Any:
        """An id of nothing in particular, or as many as there must be."""
        more = range(2, int(field.schema.get("minItems", 1)) + 1)
        return ["sample", *(f"sample{number}" for number in more)] if field.several else "sample"

    def read(self, field: "Field", raw: Raw, lang: str = "en", zone: str = "UTC") -> Any:
        """The ids that were chosen."""
        if field.several:
            return list(dict.fromkeys(several(raw))) or None
        return single(raw).strip() or None

    def typed(self, field: "Field", value: Any, lang: str = "en", zone: str = "UTC") -> Raw:
        """The id or ids."""
        if field.several:
            return [str(entry) for entry in value] if isinstance(value, list) else []
        return value if isinstance(value, str) else ""

    def text(self, field: "Field", value: Any, lang: str, names: Names, zone: str = "UTC") -> str:
        """The names, divided by commas."""
        ids = value if isinstance(value, list) else [value]
        divider = "、" if lang.startswith("zh") else ", "
        return divider.join(self.called(field, id, names) for id in ids if isinstance(id, str))

    def convert(self, field: "Field", origin: "Field", value: Any) -> Any:
        """One becomes a list of one, and a list its first; a value of another type never becomes an id."""
        if type(origin.type) is not type(self):
            return BLANK
        ids = value if isinstance(value, list) else [value]
        if field.several:
            return ids
        return ids[0] if ids else BLANK

    def stored(self, field: "Field", value: Any) -> Any:
        """The id; of a list, one text (see `listed`)."""
        return listed(value) if field.several else value

    def where(self, field: "Field", operator: str, column: Any, operand: Any) -> Any:
        """`contains` (and, of a list, `in`) look for whole ids."""
        if field.several or operator == "contains":
            if not field.several:
                operator = "eq"
            else:
                return where_listed(super().where, field, operator, column, operand)
        return super().where(field, operator, column, operand)


class Member(Reference):
    """A member of the workspace, or several."""

    name = "member"
    title = "Member"
    group: ClassVar[Group] = "people"
    icon = "user"
    macro = "member"
    settings_schema: ClassVar[Schema] = {"multiple": MULTIPLE}

    def called(self, field: "Field", id: str, names: Names) -> str:
        """The member's name."""
        return names.member(id)


class Department(Reference):
    """A department, or several."""

    name = "department"
    title = "Department"
    group = "people"
    icon = "sitemap"
    macro = "department"
    settings_schema: ClassVar[Schema] = {"multiple": MULTIPLE}

    def called(self, field: "Field", id: str, names: Names) -> str:
        """The department's name."""
        return names.department(id)


class Link(Reference):
    """A record of another form, or several."""

    name = "link"
    title = "Link to a record"
    group = "data"
    icon = "link"
    macro = "link"
    required_settings = ("form",)
    settings_schema: ClassVar[Schema] = {
        "form": {"type": "string", "minLength": 1, "description": "The key of the form whose records it points at."},
        "multiple": MULTIPLE,
        "onDelete": {
            "enum": ["restrict", "clear", "delete"],
            "description": "What happens when the target is deleted: it may not be (default), this is emptied, or this record goes too.",
        },
        "show": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The target's fields that are shown beside its title.",
        },
    }

    def called(self, field: "Field", id: str, names: Names) -> str:
        """The target's title."""
        return names.record(str(field.settings.get("form", "")), id)


class File(Reference):
    """An uploaded file, or several."""

    name = "file"
    title = "File"
    group = "file"
    icon = "paperclip"
    macro = "file"
    operators = ("empty", "notEmpty")
    unique_allowed = False
    settings_schema: ClassVar[Schema] = {
        "multiple": MULTIPLE,
        "accept": {
            "type": "array",
            "items": {"type": "string", "pattern": "^([.][a-z0-9]+|[a-z]+/([a-z0-9.+-]+|[*]))$"},
            "description": "Endings (.pdf) or media types (image/*) that are taken; all that the workspace allows where none are given.",
        },
        "maxMegabytes": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": "The largest file that is taken, in MB.",
        },
    }

    def called(self, field: "Field", id: str, names: Names) -> str:
        """The file's name."""
        return names.file(id)


class Image(File):
    """A picture, or several; a phone offers its camera."""

    name = "image"
    title = "Picture"
    icon = "photo"
    macro = "image"
    settings_schema: ClassVar[Schema] = {
        "multiple": MULTIPLE,
        "camera": {"type": "boolean", "description": "Whether only a photo taken now is accepted (default false)."},
        "maxPixels": {
            "type": "integer",
            "minimum": 200,
            "description": "The longer side to which the browser shrinks a picture before it is sent.",
        },
        "maxMegabytes": File.settings_schema["maxMegabytes"],
    }


class Signature(File):
    """A signature drawn by hand, kept as a picture."""

    name = "signature"
    title = "Signature"
    icon = "signature"
    macro = "signature"
    json_types = ("string",)
    settings_schema: ClassVar[Schema] = {}
