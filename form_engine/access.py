"""What somebody may do with the columns of a sub-table and the fields of a group: `"items.price": "hidden"`.

A column that is not named has the access of its table (one that must be filled asks nothing of its columns). A named
one has its own, but nothing of a hidden table is seen. Where the table itself is only read and a column may be edited,
the rows stay as they are: their cells can be filled in, none can be added or removed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .context import Access, Accesses, access_of
from .field_types.structure import ROW_KEY
from .form import Field, Form

EDITABLE: tuple[Access, ...] = ("edit", "required")


def column_access(access: Accesses | None, holder: str, column: str) -> Access:
    """What may be done with a column of the table or group `holder`."""
    whole = access_of(access, holder)
    if access is None or whole == "hidden":
        return whole
    return access.get(f"{holder}.{column}") or ("edit" if whole in EDITABLE else whole)


def accesses_below(access: Accesses | None, holder: Field) -> Accesses | None:
    """The access map of what is inside a field of the form itself, by the columns' own keys; None: edit every one."""
    if access is None:
        return None
    found = {key: column_access(access, holder.key, key) for key in holder.columns}
    return None if all(granted == "edit" for granted in found.values()) else found


def only(keys: Iterable[str]) -> dict[str, Access]:
    """Edit these fields and nothing else: of the others nothing is asked that a later step may still fill in."""
    return {"*": "read", **dict.fromkeys(keys, "edit")}


def may_fill(access: Accesses | None, field: Field) -> bool:
    """Whether anything of the field may be filled in: itself, or a column of it."""
    return access_of(access, field.key) in EDITABLE or keeps_rows(access, field)


def keeps_rows(access: Accesses | None, field: Field) -> bool:
    """Whether the rows stay as they are and only cells of them may be filled in."""
    if access is None or not field.columns or access_of(access, field.key) != "read":
        return False
    return any(column_access(access, field.key, key) in EDITABLE for key in field.columns)


def without_hidden(form: Form, values: Mapping[str, Any], access: Accesses | None) -> dict[str, Any]:
    """The values without those of hidden fields and hidden columns: what this person may be sent."""
    if access is None:
        return dict(values)
    made = {key: value for key, value in values.items() if access_of(access, key) != "hidden"}
    for key, field in form.fields.items():
        if key in made and field.columns and any("." in name for name in access):
            gone = {column for column in field.columns if column_access(access, key, column) == "hidden"}
            made[key] = _without(made[key], gone) if gone else made[key]
    return made


def _without(value: Any, gone: set[str]) -> Any:
    if isinstance(value, list):
        return [_without(row, gone) for row in value]
    return {key: cell for key, cell in value.items() if key not in gone} if isinstance(value, dict) else value


def row_with_id(rows: Any, id: Any) -> Mapping[str, Any] | None:
    """The row that has this `_row`; None where there is none or the id is none."""
    if not isinstance(id, str) or not isinstance(rows, list):
        return None
    return next((row for row in rows if isinstance(row, Mapping) and row.get(ROW_KEY) == id), None)
