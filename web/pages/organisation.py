"""Administration of departments and roles: what workflows and permissions name."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform.errors import Conflict, InputInvalid, NotFound
from formloom.platform.services import departments, people, roles
from formloom.platform.services.departments import DepartmentRow
from formloom.platform.services.roles import RoleRow
from formloom.platform.settings import LANGUAGES
from formloom.web import trees
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("organisation", __name__, url_prefix="/admin")

Answer = Response | str | tuple[str, int]
NEW = "new"
HEADS = 1000


@pages.before_request
def _admins_only() -> None:
    people.require_admin(caller())


@pages.get("/departments")
def department_list() -> Answer:
    """The tree with heads and counts, and the department that is chosen."""
    wanted = request.args.get("department", "")
    if not wanted:
        return _departments_page(None)
    if wanted == NEW:
        return _departments_page(
            {"id": NEW, "name": "", "parent_id": request.args.get("below", ""), "head_id": "", "over": ""}
        )
    row = _department(wanted)
    own_name = people.names(caller()).organisation.departments[row.id][0]
    typed = {"id": row.id, "name": own_name, "parent_id": row.parent_id, "head_id": row.head_id}
    return _departments_page(typed | {"translations": row.translations, "shown": row.name, "over": row.mark})


def _departments_page(typed: Mapping[str, Any] | None, errors: Mapping[str, str] | None = None) -> str:
    here = caller()
    rows = departments.departments(here)
    return render_template(
        "admin/departments.html",
        tree=trees.tree(rows),
        departments=trees.choices(rows),
        people=[(row.id, row.name) for row in people.search_members(here, "", limit=HEADS)] if typed else [],
        typed=typed,
        errors=errors or {},
        languages=LANGUAGES,
    )


def _department(department_id: str) -> DepartmentRow:
    for row in departments.departments(caller()):
        if row.id == department_id:
            return row
    raise NotFound(_("There is no such department."))


@pages.post("/departments/<department_id>")
def save_department(department_id: str) -> Answer:
    """Add (`new`) or change a department."""
    typed: dict[str, Any] = {name: request.form.get(name, "") for name in ("name", "parent_id", "head_id")}
    typed |= {"translations": _translations(), "over": request.form.get("over")}
    try:
        saved = departments.save_department(caller(), None if department_id == NEW else department_id, **typed)
    except InputInvalid as error:
        return _departments_page({"id": department_id, **typed}, error.errors), 422
    except Conflict as error:
        return _departments_page({"id": department_id, **typed}, {"": str(error)}), 409
    tell(_("%(name)s is saved.", name=typed["name"]))
    return redirect(url_for(".department_list", department=saved))


@pages.post("/departments/<department_id>/delete")
def delete_department(department_id: str) -> Answer:
    """Remove a department that nobody is in; otherwise the page says who is."""
    try:
        departments.delete_department(caller(), department_id)
    except Conflict as error:
        tell(str(error), "bad")
        return redirect(url_for(".department_list", department=department_id))
    tell(_("The department is deleted."))
    return redirect(url_for(".department_list"))


@pages.get("/roles")
def role_list() -> Answer:
    """The roles with how many hold each, and the one that is chosen."""
    wanted = request.args.get("role", "")
    if not wanted:
        return _roles_page(None)
    if wanted == NEW:
        return _roles_page({"id": NEW, "name": "", "over": ""})
    row = _role(wanted)
    return _roles_page({"id": row.id, "name": row.name, "translations": row.translations, "over": row.mark})


def _roles_page(typed: Mapping[str, Any] | None, errors: Mapping[str, str] | None = None) -> str:
    here = caller()
    called = people.names(here)
    rows = [(row, called.role(row.id)) for row in roles.roles(here)]
    return render_template("admin/roles.html", rows=rows, typed=typed, errors=errors or {}, languages=LANGUAGES)


def _role(role_id: str) -> RoleRow:
    for row in roles.roles(caller()):
        if row.id == role_id:
            return row
    raise NotFound(_("There is no such role."))


@pages.post("/roles/<role_id>")
def save_role(role_id: str) -> Answer:
    """Add (`new`) or rename a role."""
    name, over = request.form.get("name", ""), request.form.get("over")
    typed: dict[str, Any] = {"name": name, "translations": _translations(), "over": over}
    try:
        saved = roles.save_role(caller(), None if role_id == NEW else role_id, **typed)
    except InputInvalid as error:
        return _roles_page({"id": role_id, **typed}, error.errors), 422
    except Conflict as error:
        return _roles_page({"id": role_id, **typed}, {"": str(error)}), 409
    tell(_("%(name)s is saved.", name=name))
    return redirect(url_for(".role_list", role=saved))


@pages.post("/roles/<role_id>/delete")
def delete_role(role_id: str) -> Answer:
    """Remove a role that nobody holds; otherwise the page says who does."""
    try:
        roles.delete_role(caller(), role_id)
    except Conflict as error:
        tell(str(error), "bad")
        return redirect(url_for(".role_list", role=role_id))
    tell(_("The role is deleted."))
    return redirect(url_for(".role_list"))


def _translations() -> dict[str, str]:
    """What the form says the thing is called in each language; one left empty is called by its own name."""
    typed = {lang: request.form.get(f"name_{lang}", "").strip() for lang in LANGUAGES}
    return {lang: name for lang, name in typed.items() if name}
