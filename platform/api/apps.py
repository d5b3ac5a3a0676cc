"""`/apps`: what is installed, as far as it is the caller's."""

from formloom.platform.api import schemas
from formloom.platform.api.access import caller, guarded
from formloom.platform.services import apps
from formloom.platform.services.apps import AppDetail, AppRow

resources = guarded("apps", "Installed apps and the forms in their menus.")


@resources.get("/apps")
@resources.response(200, schemas.AppOut(many=True))
def list_apps() -> list[AppRow]:
    """The apps that the caller can open."""
    return apps.apps(caller())


@resources.get("/apps/<app_key>")
@resources.response(200, schemas.AppOut)
def get_app(app_key: str) -> AppDetail:
    """One app."""
    return apps.app(caller(), app_key)
