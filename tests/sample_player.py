"""Plays the sample records of an app package through both engines, as an installation does, without a database.

A sample whose history names somebody who has no task, or fills in what the step does not take, is told at once.
"""

import itertools
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from formloom.form_engine import definition, record
from formloom.form_engine.form import Form
from formloom.workflow_engine import commands, engine
from formloom.workflow_engine import definition as workflow_definition
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.events import RecordRequested
from formloom.workflow_engine.state import State
from formloom.workflow_engine.tree import Workflow

ZONE = "Asia/Shanghai"
NOT_SHOWN = ("hidden", "read")


class Player:
    """One package: its forms, workflows, people and samples. `created` are the records that actions asked for."""

    def __init__(self, folder: Path) -> None:
        self.forms = {path.stem: definition.load(_read(path)) for path in folder.glob("forms/*.json")}
        self.workflows = {
            path.stem: workflow_definition.load(_read(path), self.forms[path.stem])
            for path in folder.glob("workflows/*.json")
        }
        self.people = PeopleDirectory.from_json(_read(folder / "sample" / "people.json"))
        self.samples = {path.stem: _read(path) for path in folder.glob("sample/records/*.json")}
        self.created: list[RecordRequested] = []
        self.numbers = itertools.count(1)

    def settled(self, key: str, sample: Mapping[str, Any]) -> dict[str, Any]:
        """The sample's record as it is stored when it is created."""
        workflow = self.workflows.get(key)
        access = workflow.fields_at(None) if workflow else None
        return self._settle(self.forms[key], sample["values"], sample, None, access)

    def play(self, key: str, sample: Mapping[str, Any]) -> State:
        """Where the sample's request stands when everything of its history has happened."""
        workflow = self.workflows[key]
        stored = self.settled(key, sample)
        state = self._done(workflow, None, commands.Start(sample["by"]), stored, sample)
        for act in sample.get("history", ()):
            command, after = self._command(workflow, state, act, stored)
            state, stored = self._done(workflow, state, command, stored, act), after
        return state

    def _command(
        self, workflow: Workflow, state: State, act: Mapping[str, Any], stored: dict[str, Any]
    ) -> tuple[commands.Command, dict[str, Any]]:
        said = act.get("comment")
        match act["action"]:
            case "withdraw":
                return commands.Withdraw(act["by"], said), stored
            case "resubmit":
                after = self._filled_in(workflow, None, act, stored)
                return commands.Resubmit(act["by"], after, said), after
            case action:
                mine = [task for task in state.open_tasks if task.member == act["by"]]
                assert mine, f"{act['by']} has no task: {state.open_tasks}"
                after = self._filled_in(workflow, mine[0].step, act, stored) if "values" in act else stored
                return commands.Decide(act["by"], mine[0].id, action, act.get("to"), said, record=after), after

    def _filled_in(
        self, workflow: Workflow, step: str | None, act: Mapping[str, Any], stored: dict[str, Any]
    ) -> dict[str, Any]:
        access = workflow.fields_at(step)
        offered = {key: value for key, value in stored.items() if self._open(access, key)}
        return self._settle(workflow.form, offered | act.get("values", {}), act, stored, access)

    def _open(self, access: Mapping[str, Any], key: str) -> bool:
        return access.get(key, access.get("*", "edit")) not in NOT_SHOWN

    def _settle(self, form: Form, values: Any, act: Mapping[str, Any], stored: Any, access: Any) -> dict[str, Any]:
        context = record.Context(_when(act), ZONE, lookup=self._lookup(form), member=act["by"])
        settled = record.settle(form, values, context, stored=stored, access=access)
        assert settled.record is not None, settled.errors
        return record.with_row_ids(form, settled.record, lambda: f"r{next(self.numbers)}")

    def _lookup(self, form: Form) -> Any:
        def look(link: str, ident: str, key: str) -> Any:
            found = form.field_at(link)
            samples = self.samples.get(found.settings["form"], []) if found else []
            return next((one["values"].get(key) for one in samples if one["id"] == ident), None)

        return look

    def _done(
        self, workflow: Workflow, state: State | None, command: commands.Command, stored: Any, act: Mapping[str, Any]
    ) -> State:
        context = engine.Context(_when(act), self.people, stored, lookup=self._lookup(workflow.form))
        done = engine.apply(workflow, state, command, context)
        assert isinstance(done, engine.Applied), f"{act}: {done.reason}"
        for event in done.events:
            if isinstance(event, RecordRequested):
                self.created.append(event)
                return self._done(workflow, done.state, commands.ActionAnswered(event.request), stored, act)
        return done.state


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _when(act: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(act["at"])
