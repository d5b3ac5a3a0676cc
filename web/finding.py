"""What pickers find: members, departments, records of a form, by what was typed."""

from flask_babel import gettext as _

from formloom.form_engine.form import Form
from formloom.platform.folding import fold
from formloom.platform.runtime import Caller
from formloom.platform.services import departments, people, records
from formloom.platform.services.records import Query
from formloom.web.slots import Found

MOST = 20


def members(caller: Caller, text: str) -> list[Found]:
    """Active members whose name or address holds `text`."""
    names = people.names(caller)
    return [
        Found(row.id, row.name, names.department(row.department_id) if row.department_id else "")
        for row in people.search_members(caller, text, MOST)
    ]


def departments_called(caller: Caller, text: str) -> list[Found]:
    """Departments whose name holds `text`, each with the one above it."""
    rows = departments.departments(caller)
    known = {row.id: row.name for row in rows}
    wanted = fold(text)
    found = [row for row in rows if wanted in fold(row.name)]
    return [Found(row.id, row.name, known.get(row.parent_id or "", "")) for row in found[:MOST]]


def records_called(caller: Caller, form_key: str, text: str) -> list[Found]:
    """Records of a form that the caller sees and that hold `text`, the newest first."""
    page = records.records(caller, form_key, Query(text=text, limit=MOST))
    return [Found(row.id, row.title or _("Untitled")) for row in page.rows]


def answers(caller: Caller, form: Form, name: str, text: str) -> tuple[Found, ...]:
    """What the search of one field of a form finds, without script."""
    entry = form.field_at(".".join(part for part in name.split("/") if not part.isdecimal()))
    if entry is None:
        return ()
    match entry.type.macro:
        case "member":
            return tuple(members(caller, text))
        case "department":
            return tuple(departments_called(caller, text))
        case "link":
            return tuple(records_called(caller, str(entry.settings.get("form", "")), text))
    return ()
