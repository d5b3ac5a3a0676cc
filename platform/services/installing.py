"""Installing a package, from the library or from a file: everything resolves, or nothing is installed."""

from typing import Any

from sqlalchemy import select

from formloom.platform import clocks, definitions, organisation, people_rules, sample
from formloom.platform.errors import Conflict, DefinitionError, NotFound, Problem
from formloom.platform.folding import fold
from formloom.platform.language import gettext
from formloom.platform.menus import forms_in_menu
from formloom.platform.models import App, Part, Role
from formloom.platform.models import Form as FormRow
from formloom.platform.packages import library, proofs
from formloom.platform.packages.check import check_files
from formloom.platform.packages.files import read_zip
from formloom.platform.packages.package import Package, PackageProblem
from formloom.platform.runtime import Caller
from formloom.platform.services import audit, publishing
from formloom.platform.services import forms as form_service
from formloom.platform.transactions import WorkspaceSession


def install(caller: Caller, key: str, *, sample_data: bool = False) -> str:
    """Install a template of the library, with its sample people, records and history if they are wanted. Gives its key.

    Raises:
        NotAllowed: the caller is no admin.
        NotFound: the library has no such template.
        Conflict: the workspace has this app, or a form with the key of one of its forms, already.
    """
    form_service.require_designer(caller)
    try:
        package = library.package(key)
    except KeyError as error:
        raise NotFound(gettext(caller.lang, "There is no template {key}.", key=key)) from error
    with caller.writing() as db:
        install_in(db, caller, package, template=key)
    if sample_data:
        sample.load(caller, package)
    return package.key


def import_app(caller: Caller, data: bytes, *, sample_data: bool = False) -> str:
    """Install a package from a zip. Gives its key.

    Raises:
        NotAllowed: the caller is no admin.
        InputInvalid: it is no zip that can be read.
        DefinitionError: the package has errors, or a workflow can be shown to get stuck; pointers begin with the file.
        Conflict: as `install`.
    """
    form_service.require_designer(caller)
    package, problems = check_files(read_zip(data, caller.lang), caller.lang)
    if package is None:
        raise DefinitionError(_errors(problems))
    if errors := _errors(proofs.problems(package, caller.lang)):
        raise DefinitionError(errors)
    with caller.writing() as db:
        install_in(db, caller, package)
    if sample_data:
        sample.load(caller, package)
    return package.key


def _errors(problems: list[PackageProblem]) -> list[Problem]:
    return [Problem(f"/{each.file}{each.pointer}", each.message) for each in problems if each.severity == "error"]


def install_in(db: WorkspaceSession, caller: Caller, package: Package, *, template: str | None = None) -> None:
    """Make the rows of a package that passed its check: roles that are missing, the app, forms, workflows, other documents.

    Raises:
        Conflict: as `install`.
    """
    _require_free(db, caller, package)
    _add_roles(db, caller, package)
    app = App(workspace_id=caller.workspace_id, key=package.key, document=package.app, template=template)
    app.template_version = str(package.app["version"]) if template is not None else None
    app.installed_at, app.installed_by = caller.now(), caller.member_id
    db.add(app)
    db.flush()
    for key in _in_order(package):
        row = form_service.add_form_in(db, caller, package.key, key, package.forms[key])
        publishing.publish_in(db, caller, row, package.forms[key], package.workflows.get(key))
    db.add_all(
        Part(workspace_id=caller.workspace_id, app_key=package.key, path=path, document=document)
        for path, document in package.parts.items()
    )
    db.flush()
    for key in package.forms:
        definitions.forget_in(db, key)
    clocks.set_in(db, caller, package.key)
    version = {"version": package.app["version"]}
    audit.write(db, caller, "app.installed", f"app:{package.key}", None, version)


def _require_free(db: WorkspaceSession, caller: Caller, package: Package) -> None:
    there = db.get(App, (caller.workspace_id, package.key))
    if there is not None and there.deleted_at is None:
        raise Conflict(gettext(caller.lang, "The app “{key}” is installed already.", key=package.key))
    if there is not None:
        sentence = "The app “{key}” was deleted and is still in the bin. Bring it back, or delete it for good first."
        raise Conflict(gettext(caller.lang, sentence, key=package.key))
    taken = db.scalars(select(FormRow.key).where(FormRow.key.in_(package.forms)).order_by(FormRow.key)).all()
    if taken:
        sentence = "The workspace has forms with these keys already: {keys}."
        raise Conflict(gettext(caller.lang, sentence, keys=", ".join(taken)))


def _add_roles(db: WorkspaceSession, caller: Caller, package: Package) -> None:
    there = {row.id: row for row in db.scalars(select(Role).where(Role.workspace_id == caller.workspace_id))}
    missing: list[dict[str, Any]] = [role for role in package.app.get("roles", []) if role["id"] not in there]
    taken = {name for row in there.values() for name in people_rules.names_of(row)}

    def _told_apart(name: str, app: str, lang: str = "en") -> str:
        """A role of the workspace's own that happens to be called the same is another one: workflows go by the id."""
        return gettext(lang, "{name} ({app})", name=name, app=app) if fold(name) in taken else name

    position, texts = organisation.next_position(db, Role, caller.workspace_id), package.app.get("translations", {})
    for number, role in enumerate(missing):
        name, path = _told_apart(role["name"], package.app["name"]), f"roles/{role['id']}"
        row = Role(workspace_id=caller.workspace_id, id=role["id"], name=name, position=position + number)
        row.translations = {
            lang: _told_apart(found[path], found.get("name", package.app["name"]), lang)
            for lang, found in texts.items()
            if path in found
        } or None
        db.add(row)
    if missing:
        organisation.changed(db, caller.workspace_id)


def _in_order(package: Package) -> list[str]:
    """The forms as the menu has them, then the others."""
    named = [key for key in forms_in_menu(package.app) if key in package.forms]
    return list(dict.fromkeys([*named, *package.forms]))
