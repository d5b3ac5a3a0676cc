"""Everything that is wrong with an app package, found without a database: each problem with its file and JSON Pointer.

First every document by itself (shape, definition checks), then what they say of each other (crossing.py), then the
samples (samples.py). Installing refuses a package with any error, so that everything in an installed app resolves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formloom.form_engine import definition as form_definition
from formloom.form_engine.errors import Problem
from formloom.form_engine.form import Form
from formloom.platform.language import gettext
from formloom.platform.packages import automations, crossing, proofs, samples, shapes
from formloom.platform.packages.files import Files, read_folder
from formloom.platform.packages.package import FOLDERS, Package, PackageProblem, from_documents, parse
from formloom.workflow_engine.directory import PeopleDirectory

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
KNOWN = re.compile(rf"(app|(forms|workflows)/[^/]+|({'|'.join(FOLDERS)})/.+)\.json")


@dataclass(slots=True)
class Checking:
    """One check: what was read so far, and what was found. `note` is the only way a problem is added."""

    documents: dict[str, Any]
    lang: str
    problems: list[PackageProblem] = field(default_factory=list)
    forms: dict[str, Form] = field(default_factory=dict)
    directory: PeopleDirectory | None = None

    def note(self, file: str, pointer: str, message: str, severity: str = "error", **params: object) -> None:
        """Note a problem; `message` is an English sentence of the catalogue."""
        problem = PackageProblem(file, pointer, gettext(self.lang, message, **params), severity)
        if problem not in self.problems:
            self.problems.append(problem)

    def take(self, file: str, found: list[Problem]) -> None:
        """Note problems that were found, in words, elsewhere."""
        for each in found:
            self.note(file, each.pointer, "{sentence}", each.severity, sentence=each.message)

    def of(self, folder: str) -> dict[str, Any]:
        """The documents of one folder by the name of their file."""
        return {path[len(folder) + 1 : -5]: it for path, it in self.documents.items() if path.startswith(f"{folder}/")}

    @property
    def failed(self) -> bool:
        """Whether there is any error."""
        return any(problem.severity == "error" for problem in self.problems)


def check(folder: Path, lang: str = "en") -> list[PackageProblem]:
    """Every problem of the package in `folder`, with what can be proven of its workflows.

    Raises:
        InputInvalid: there are too many files, or they are too large.
        OSError: it is no folder that can be read.
    """
    package, problems = check_files(read_folder(folder), lang)
    return problems + (proofs.problems(package, lang) if package is not None else [])


def check_files(files: Files, lang: str = "en") -> tuple[Package | None, list[PackageProblem]]:
    """The package that `files` make up (None where any problem is an error), and every problem of it."""
    problems: list[PackageProblem] = []
    checking = Checking(parse(files, problems, lang), lang, problems)
    for path in files:
        if not KNOWN.fullmatch(path):
            checking.note(path, "", "This file is no part of a package and is left out.", "warning")
    if "app.json" not in files:
        checking.note("app.json", "", "The package has no app.json.")
    checking.documents = {path: found for path, found in checking.documents.items() if KNOWN.fullmatch(path)}
    _check_app(checking)
    _check_forms(checking)
    _check_views(checking)
    checking.directory = samples.directory_of(checking)
    crossing.check(checking)
    automations.check(checking)
    samples.check(checking)
    order = {path: number for number, path in enumerate(["app.json", *files])}
    problems.sort(key=lambda problem: (order.get(problem.file, 0), problem.pointer))
    return (None if checking.failed else from_documents(checking.documents)), problems


def _check_app(checking: Checking) -> None:
    app = checking.documents.get("app.json")
    if app is not None:
        checking.take("app.json", shapes.problems("app", app, checking.lang))
    for folder in ("dashboards", "locales"):
        for name, document in checking.of(folder).items():
            if not isinstance(document, Mapping):
                checking.note(f"{folder}/{name}.json", "", "This must be an object.")


def _check_forms(checking: Checking) -> None:
    forms = checking.of("forms")
    if "app.json" in checking.documents and not forms:
        checking.note("app.json", "", "The package has no forms.", "warning")
    for key, document in forms.items():
        file = f"forms/{key}.json"
        found = form_definition.check(document, lang=checking.lang)
        checking.take(file, found)
        if not KEY.fullmatch(key):
            checking.note(
                file, "", "“{key}” can't be the key of a form: small letters, digits and _, 40 at most.", key=key
            )
        if isinstance(document, Mapping) and document.get("$id") != key:
            checking.note(file, "/$id", "“$id” must be “{key}”, as the file is called.", key=key)
        if not any(problem.severity == "error" for problem in found) and isinstance(document, Mapping):
            checking.forms[key] = form_definition.load(document)


def _check_views(checking: Checking) -> None:
    for key, document in checking.of("views").items():
        file = f"views/{key}.json"
        checking.take(file, shapes.problems("view", document, checking.lang))
        if not KEY.fullmatch(key):
            checking.note(
                file, "", "“{key}” can't be the key of a view: small letters, digits and _, 40 at most.", key=key
            )
