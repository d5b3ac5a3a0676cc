"""`/tasks`: what waits for the caller, and deciding it; `/requests`: where a request stands."""

from typing import Any

from formloom.platform.api import schemas
from formloom.platform.api.access import caller, guarded
from formloom.platform.errors import NotFound
from formloom.platform.language import gettext
from formloom.platform.paging import Page
from formloom.platform.runtime import Caller
from formloom.platform.services import inbox, processes, requests
from formloom.platform.services.inbox import InboxRow
from formloom.platform.services.requests import RequestView

resources = guarded("tasks", "What waits for the caller, and the requests behind it.")


@resources.get("/tasks")
@resources.arguments(schemas.TaskQuery(), location="query")
@resources.response(200, schemas.TaskPage)
def list_tasks(asked: dict[str, Any]) -> Page[InboxRow]:
    """What waits for the caller, the newest first."""
    return inbox.todo(
        caller(),
        text=asked["text"],
        form_key=asked["form"],
        only=asked["only"],
        after=asked["after"],
        limit=asked["limit"],
    )


@resources.get("/tasks/<task_id>")
@resources.response(200, schemas.TaskDetail)
def get_task(task_id: str) -> dict[str, Any]:
    """A task of the caller: what they may do, and on what."""
    here = caller()
    view = requests.request(here, requests.process_of(task_id))
    mine = next((each for each in view.mine if each.task.id == task_id), None)
    if mine is None:
        raise NotFound(gettext(here.lang, "There is no such task of yours."))
    return {
        "id": task_id,
        "step": mine.task.step,
        "title": view.title,
        "form": view.form_key,
        "record_id": view.record_id,
        "process_id": view.process_id,
        "actions": mine.actions,
        "targets": [{"step": step, "title": title} for step, title in mine.targets],
        "fields_": mine.access,
        "content_hash": view.content_hash,
    }


@resources.post("/tasks/<task_id>/decision")
@resources.arguments(schemas.DecisionIn())
@resources.response(200, schemas.RequestOut)
def decide_task(body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Decide a task. Another's is answered 403; what the step doesn't offer, and what was decided already, 409."""
    here = caller()
    processes.decide(
        here,
        task_id,
        body["action"],
        comment=body["comment"],
        target=body["target"],
        values=body["values"],
        content_hash=body["content_hash"],
        confirmed=body["confirmed"],
    )
    return _request(here, requests.process_of(task_id))


@resources.get("/requests/<process_id>")
@resources.response(200, schemas.RequestOut)
def get_request(process_id: str) -> dict[str, Any]:
    """Where a request stands, and whom or what it waits for."""
    return _request(caller(), process_id)


def _request(here: Caller, process_id: str) -> dict[str, Any]:
    view: RequestView = requests.request(here, process_id)
    names = ("process_id", "record_id", "form_key", "title", "status", "initiator_id", "started_at", "ended_at")
    return {name: getattr(view, name) for name in names} | {"waiting_for": [each.why for each in view.waiting]}
