"""Asks the browser's side of logic, by Node: one process for any number of cases."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from logic_trees import typed

from formloom.form_engine import logic
from formloom.form_engine.errors import DefinitionError

VECTORS = Path(__file__).parent / "vectors"
Case = tuple[Any, Mapping[str, Any]]
"""A tree and the record that it is asked of."""
NOW = "2026-11-24T15:00:00Z"
ZONE = "Asia/Shanghai"


def browser(**asked: Any) -> dict[str, Any]:
    """What `tests/vectors/logic.mjs` answers; code may not be made of strings there, as our pages forbid it."""
    command = ["node", "--disallow-code-generation-from-strings", str(VECTORS / "logic.mjs")]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@dataclass(frozen=True)
class Sides:
    """Both sides, over one form. `lookups` is what links lead to: link → record → key → value."""

    fields: Mapping[str, Any]
    lookups: Mapping[str, Any] = field(default_factory=dict)
    me: str = "wang"
    zone: str = ZONE

    def browser(self, cases: list[Case]) -> list[dict[str, Any]]:
        """The browser's answers."""
        today = datetime.fromisoformat(NOW).astimezone(ZoneInfo(self.zone)).date().isoformat()
        beside = {"now": NOW, "today": today, "zone": self.zone, "me": self.me, "lookups": self.lookups}
        rules = [{"tree": tree, "record": record} for tree, record in cases]
        answers: list[dict[str, Any]] = browser(rules=rules, fields=self.fields, beside=beside)["rules"]
        return answers

    def server(self, cases: list[Case]) -> list[dict[str, Any]]:
        """The server's answers, in the same shape."""
        types = {key: typed(one) for key, one in self.fields.items()}
        return [self._answer(tree, types, record) for tree, record in cases]

    def _answer(self, tree: Any, types: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
        try:
            rule = logic.compile(tree, types)
        except DefinitionError as error:
            return {"problems": [problem.pointer for problem in error.problems]}
        answer: dict[str, Any] = {"compiled": rule.compiled, "kind": rule.type.kind, "dynamic": rule.dynamic}
        answer |= {"reads": sorted(rule.reads), "lookups": sorted(map(list, rule.lookups))}
        try:
            return answer | {"value": logic.evaluate(rule, record, self.moment)}
        except logic.LogicError as error:
            return answer | {"error": error.kind}

    @property
    def moment(self) -> logic.Moment:
        """What is passed in beside the record."""

        def lookup(link: str, record: str, key: str) -> Any:
            return self.lookups.get(link, {}).get(record, {}).get(key)

        return logic.Moment(datetime.fromisoformat(NOW), self.zone, self.me, lookup)


def alike(a: Any, b: Any) -> bool:
    """Whether two JSON values are the same: `true` is not 1, and 5 is 5.0."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return float(a) == float(b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    return a == b and type(a) is type(b)
