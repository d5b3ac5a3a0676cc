"""Administration of people: the members by department, their roles and managers, invitations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from formloom.platform.errors import Conflict, InputInvalid
from formloom.platform.services import departments, people, roles, tickets
from formloom.platform.services.people import MemberRow
from formloom.web import trees
from formloom.web.request import caller
from formloom.web.telling import tell

pages = Blueprint("admin", __name__, url_prefix="/admin")

Answer = Response | str | tuple[str, int]
NEW = "new"
MANAGERS = 1000
FILTERS = ("department", "role", "text", "off")


@pages.before_request
def _admins_only() -> None:
    people.require_admin(caller())


@dataclass(slots=True)
class Panel:
    """The pane at the right: a member being changed, one being invited, or the link that was just made.

    `over` is the mark of the member that the form was filled in over.
    """

    kind: str
    member: MemberRow | None = None
    typed: Mapping[str, Any] | None = None
    errors: Mapping[str, str] | None = None
    link: str = ""
    over: str | None = None


@pages.get("/")
def start() -> Answer:
    """Administration begins with the people."""
    return redirect(url_for(".members"))


@pages.get("/members")
def members() -> Answer:
    """The members of a department (or all), and the one that is chosen."""
    wanted = request.args.get("member", "")
    if wanted == NEW:
        return _page(Panel("invite", typed={"department_id": request.args.get("department", "")}))
    return _page(Panel("member", people.member(caller(), wanted)) if wanted else None)


def _page(panel: Panel | None) -> str:
    """The whole page, whatever the pane at the right shows."""
    here = caller()
    asked = {name: request.args.get(name, "") for name in FILTERS}
    found = people.members(
        here,
        text=asked["text"],
        department_id=asked["department"] or None,
        role_id=asked["role"] or None,
        inactive=asked["off"] == "1",
        after=request.args.get("after") or None,
    )
    rows = departments.departments(here)
    called = people.names(here)
    chosen = next((row for row in rows if row.id == asked["department"]), None)
    return render_template(
        "admin/members.html",
        page=found,
        asked={name: value for name, value in asked.items() if value},
        department=chosen,
        tree=trees.tree(rows),
        departments=trees.choices(rows),
        roles=[(role.id, called.role(role.id)) for role in roles.roles(here)],
        called=called,
        heads={row.id: called.organisation.directory.manager(row.id) for row in found.rows},
        managers=_managers(panel.member) if panel and panel.member else [],
        panel=panel,
    )


def _managers(member: MemberRow) -> list[tuple[str, str]]:
    """Who may be named as the member's manager: everybody else, the one named now also when switched off."""
    here = caller()
    found = [(row.id, row.name) for row in people.search_members(here, "", limit=MANAGERS) if row.id != member.id]
    if member.manager_id and all(key != member.manager_id for key, _name in found):
        found.append((member.manager_id, people.names(here).member(member.manager_id)))
    return found


def _back(**changes: str) -> str:
    """The same list with its filters; `changes` to the address."""
    asked = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return url_for(".members", **(asked | changes))


@pages.post("/members")
def invite() -> Answer:
    """Add a member and mail them a link; the link is shown once, to be passed on otherwise."""
    typed = _typed()
    try:
        link = tickets.invite(
            caller(),
            email=typed["email"],
            name=typed["name"],
            department_id=typed["department_id"],
            role_ids=typed["role_ids"],
        )
    except InputInvalid as error:
        return _page(Panel("invite", typed=typed, errors=error.errors)), 422
    except Conflict as error:
        return _page(Panel("invite", typed=typed, errors={"email": str(error)})), 409
    return _page(Panel("invited", typed=typed, link=link)), 201


@pages.post("/members/<member_id>")
def save(member_id: str) -> Answer:
    """Change a member. What was typed stays when something is wrong with it."""
    here = caller()
    member, typed, over = people.member(here, member_id), _typed(), request.form.get("over")
    try:
        people.save_member(here, member_id, **typed, active=member.active, over=over)
    except InputInvalid as error:
        return _page(Panel("member", member, typed, error.errors, over=over)), 422
    except Conflict as error:
        return _page(Panel("member", member, typed, {"": str(error)}, over=over)), 409
    tell(_("%(name)s is saved.", name=typed["name"]))
    return redirect(_back(member=member_id))


def _typed() -> dict[str, Any]:
    form = request.form
    return {
        "name": form.get("name", ""),
        "email": form.get("email", ""),
        "department_id": form.get("department_id") or None,
        "manager_id": form.get("manager_id") or None,
        "role_ids": form.getlist("role_ids"),
        "admin": form.get("admin") == "1",
    }


@pages.post("/members/<member_id>/invite")
def invite_again(member_id: str) -> Answer:
    """A link for a member who has no account yet; an older one is of no use then."""
    here = caller()
    member = people.member(here, member_id)
    try:
        link = tickets.invite_again(here, member_id)
    except Conflict as error:  # they have joined since the page was shown
        tell(str(error), "warn")
        return redirect(_back(member=member_id))
    return _page(Panel("invited", member, {"name": member.name, "email": member.email}, link=link))


@pages.post("/members/<member_id>/off")
def switch_off(member_id: str) -> Answer:
    """Switch a member off: no sign-in, no new work; everything they did stays. Can be undone. The last admin stays."""
    try:
        member = _switch(member_id, active=False)
    except Conflict as error:
        tell(str(error), "bad")
        return redirect(_back(member=member_id))
    undo = url_for(".switch_on", member_id=member_id)
    tell(_("%(name)s is switched off and can’t sign in any more.", name=member.name), undo=undo)
    return redirect(_back())


@pages.post("/members/<member_id>/on")
def switch_on(member_id: str) -> Answer:
    """Switch a member on again."""
    member = _switch(member_id, active=True)
    tell(_("%(name)s is switched on again.", name=member.name))
    return redirect(_back(member=member_id))


def _switch(member_id: str, *, active: bool) -> MemberRow:
    here = caller()
    member = people.member(here, member_id)
    people.save_member(
        here,
        member_id,
        name=member.name,
        email=member.email,
        department_id=member.department_id,
        manager_id=member.manager_id,
        role_ids=member.role_ids,
        admin=member.admin,
        active=active,
    )
    return member
