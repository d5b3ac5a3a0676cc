"""An app to test automations with: deals, a journal that they write to, and what shows what they did."""

import json
from typing import Any

from builders import DATE, MEMBER, MONEY, TEXT, World, form
from sqlalchemy import select

from formloom.platform.models import AutomationRun
from formloom.platform.services import automations, records
from formloom.platform.work import Hands

Json = dict[str, Any]
FIELDS = {"name": TEXT, "note": TEXT, "amount": MONEY, "due_on": DATE, "owner": MEMBER}
TELL: Json = {"notify": {"to": [{"field": "owner"}], "message": "Look at {name}"}}
BUTTON: Json = {"button": "Stamp", "automation": "stamp"}


def document(on: Json, *do: Json, form: str = "deal", **more: Any) -> Json:
    return {"form": form, "on": on, "do": list(do or (TELL,)), **more}


def office(world: World, *, workflow: Json | None = None, **made: Json) -> World:
    """Deals and a log of them, with these automations switched on in this order."""
    named = [BUTTON] if "stamp" in made else []  # a button that names no automation is an error of a package
    deal = form("deal", FIELDS, title="{name}", layout=[{"section": "All", "fields": [*FIELDS, *named]}])
    world.app(
        forms=[deal, form("journal", {"text": TEXT, "amount": MONEY})],
        workflows={"deal": workflow} if workflow else {},
        automations={"stamp": made["stamp"]} if named else {},
    )
    for key, found in ((key, found) for key, found in made.items() if key != "stamp"):
        automations.create_automation(world.admin, "office", key=key, title=key, form_key=found["form"])
        automations.save_automation(world.admin, "office", key, json.dumps(found))
    return world


def log(world: World) -> list[AutomationRun]:
    with world.admin.reading() as db:
        return list(db.scalars(select(AutomationRun).order_by(AutomationRun.id)))


def lines(world: World, key: str = "journal") -> list[Json]:
    return [row.values for row in records.records(world.admin, key).rows]


def work_off(world: World) -> None:
    hands = Hands(world.runtime, at_once=2)
    for kind in ("clock", "automation"):
        hands.sweep(kind)


WRITE: Json = {"createRecord": {"form": "journal", "set": {"text": {"var": "name"}, "amount": {"var": "amount"}}}}
