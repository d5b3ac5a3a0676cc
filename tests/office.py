"""An app to test processes with: a purchase with two approvals and a payment, a ledger, and whatever a test adds."""

from collections.abc import Mapping
from typing import Any

from builders import World

from formloom.platform.models import App
from formloom.platform.services import publishing
from formloom.platform.services.forms import add_form_in

PURCHASE: dict[str, Any] = {
    "$schema": "https://formloom.dev/schema/form/v1",
    "$id": "purchase",
    "title": "Purchase",
    "type": "object",
    "properties": {
        "subject": {"type": "string", "title": "Subject", "maxLength": 200},
        "amount": {"type": "number", "title": "Amount", "minimum": 0, "x-field": {"type": "money", "currency": "CNY"}},
        "buyer": {"type": "string", "title": "Buyer", "x-field": {"type": "member"}},
        "paid_on": {"type": "string", "format": "date", "title": "Paid on"},
        "answer": {"type": "string", "title": "Answer"},
    },
    "required": ["subject", "amount"],
    "x-form": {"title": "{subject}", "translations": {"zh_Hans": {"": "采购", "subject": "事由", "amount": "金额"}}},
}

LEDGER: dict[str, Any] = {
    "$id": "ledger",
    "title": "Ledger",
    "type": "object",
    "properties": {
        "what": {"type": "string", "title": "What"},
        "amount": {"type": "number", "title": "Amount", "x-field": {"type": "money", "currency": "CNY"}},
        "state": {"type": "string", "title": "State"},
    },
    "required": ["what"],
    "x-form": {"title": "{what}"},
}

APPROVALS: dict[str, Any] = {
    "form": "purchase",
    "steps": [
        {
            "id": "manager",
            "type": "approval",
            "title": "Manager approves",
            "assignees": [{"managerOf": {"initiator": True}}],
            "actions": ["approve", "reject", "return", "transfer", "addSigner"],
        },
        {
            "id": "size",
            "type": "branch",
            "branches": [
                {"title": "Large", "when": {">": [{"var": "amount"}, 5000]}, "steps": [
                    {"id": "finance", "type": "approval", "title": "Finance approves", "assignees": [{"role": "finance"}],
                     "fields": {"amount": "edit"}},
                ]},
                {"title": "Small", "otherwise": True, "steps": []},
            ],
        },
        {"id": "pay", "type": "fill", "title": "Record the payment", "assignees": [{"role": "finance"}],
         "fields": {"paid_on": "required"}},
        {"id": "tell", "type": "notify", "to": [{"role": "hr"}], "message": "{subject} was paid."},
    ],
    "translations": {"zh_Hans": {"manager": "上级审批"}},
}  # fmt: skip


def install(
    world: World,
    forms: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any] | None]],
    permissions: Mapping[str, Any] | None = None,
    app: str = "office",
) -> None:
    """Install an app of these forms, each with its workflow or None, and publish them."""
    document = {
        "key": app,
        "name": "Office",
        "category": "other",
        "version": "1.0.0",
        "permissions": permissions or {},
        "navigation": [{"form": key} for key in forms],
    }
    admin = world.admin
    with admin.writing() as db:
        db.add(App(workspace_id=admin.workspace_id, key=app, document=document, installed_at=admin.now(), revision=1))
        db.flush()
        for key, (form, workflow) in forms.items():
            row = add_form_in(db, admin, app, key, form)
            publishing.publish_in(db, admin, row, form, workflow)


def purchases(world: World, workflow: Mapping[str, Any] = APPROVALS, **more: Any) -> World:
    """The app with purchases (by default with two approvals and a payment) and a ledger."""
    install(world, {"ledger": (LEDGER, None), "purchase": (PURCHASE, workflow), **more})
    return world
