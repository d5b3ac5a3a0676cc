"""The proof of a workflow, in a process of its own: the solver may crash or think for ever, and its answer may be late.

`prove` asks it and waits; run as a module, this file is that process: what it needs comes as JSON on standard input, and
the findings go as JSON to standard output. Late or dead is told as `undecided`, never guessed.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from formloom.form_engine import definition as form_definition
from formloom.platform.language import gettext
from formloom.workflow_engine.directory import PeopleDirectory
from formloom.workflow_engine.findings import Finding

SECONDS = 10.0
PATIENCE = 20.0
"""Seconds after which a process that has not answered is given up: the proof's own bound, and time to start."""

Json = dict[str, Any]


def prove(
    document: Any,
    *,
    forms: Mapping[str, Json],
    people: Mapping[str, Any] | None,
    own: str,
    now: datetime,
    zone: str,
    lang: str,
) -> list[Finding]:
    """Everything that can be shown of a workflow over `forms` (form documents by key), with its `definition` findings.

    `people` is a people document (formats.md section 5); without one nobody is looked at.
    """
    asked = {"document": document, "forms": forms, "people": people, "own": own, "zone": zone, "lang": lang}
    asked["now"] = now.isoformat()
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "formloom.platform.proving"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        return [Finding(**finding) for finding in json.loads(answer.stdout)]
    except (subprocess.SubprocessError, OSError, ValueError):
        sentence = gettext(lang, "The proof did not come to an end, so that nothing is known of this workflow.")
        return [Finding(None, "undecided", "note", sentence)]


def answer(asked: Mapping[str, Any], seconds: float = SECONDS) -> list[Json]:
    """The findings about what `prove` was asked, worked out here."""
    from formloom.workflow_engine.proof import prove as prove_here

    people = asked["people"]
    proof = prove_here(
        asked["document"],
        forms={key: form_definition.load(form) for key, form in asked["forms"].items()},
        directory=None if people is None else PeopleDirectory.from_json(people),
        now=datetime.fromisoformat(asked["now"]),
        zone=asked["zone"],
        lang=asked["lang"],
        own=asked["own"],
        clock=time.monotonic,
        seconds=seconds,
    )
    return [finding.to_json() for finding in proof.findings]


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
