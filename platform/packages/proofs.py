"""What can be proven of the workflows of a package that passed its check."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from formloom.platform import proving
from formloom.platform.packages.package import Package, PackageProblem
from formloom.workflow_engine.findings import Finding

DEFINITION = "definition"


def problems(package: Package, lang: str) -> list[PackageProblem]:
    """Every finding about the workflows, at its place; an example stands behind its sentence."""
    return [
        PackageProblem(f"workflows/{key}.json", finding.pointer or "", _sentence(finding), finding.severity)
        for key, finding in findings(package, lang)
    ]


def findings(package: Package, lang: str) -> Iterator[tuple[str, Finding]]:
    """What the proof says of each workflow, over the sample people where there are any; the check said the rest."""
    for key, document in package.workflows.items():
        found = proving.prove(
            document,
            forms=package.forms,
            people=people_of(package),
            own=key,
            now=datetime.now(UTC),
            zone="UTC",
            lang=lang,
        )
        yield from ((key, finding) for finding in found if finding.kind != DEFINITION)


def people_of(package: Package) -> dict[str, Any] | None:
    """The sample people with the app's roles; None where the package has no people."""
    if package.people is None:
        return None
    return package.people | {"roles": package.app.get("roles", [])}


def _sentence(finding: Finding) -> str:
    if finding.example is None:
        return finding.message
    return f"{finding.message} {json.dumps(finding.example, ensure_ascii=False)}"
