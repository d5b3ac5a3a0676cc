"""An app package as a value, and its files: `read(files(package)) == package`, and the other way round on ours."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from formloom.form_engine import definition
from formloom.form_engine.errors import DefinitionError
from formloom.platform.packages.files import Files

Document = dict[str, Any]
FOLDERS = ("views", "dashboards", "automations", "locales", "sample")
"""Folders of documents that the app keeps beside its forms and workflows."""


@dataclass(frozen=True, slots=True)
class PackageProblem:
    """Something wrong with a package: in which file, where in it (a JSON Pointer), and how bad it is."""

    file: str
    pointer: str
    message: str
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Package:
    """An app: its app.json, its forms and workflows by form key, and its other documents by path."""

    app: Document
    forms: Mapping[str, Document] = field(default_factory=dict)
    workflows: Mapping[str, Document] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The app's key."""
        return str(self.app["key"])

    def below(self, folder: str) -> Iterator[tuple[str, Any]]:
        """The other documents of one folder: name without folder and ending, and document."""
        for path, document in self.parts.items():
            if path.startswith(f"{folder}/"):
                yield path[len(folder) + 1 : -len(".json")], document

    @property
    def views(self) -> dict[str, Document]:
        """The views by key."""
        return dict(self.below("views"))

    @property
    def people(self) -> Document | None:
        """The sample people, if there are any."""
        found: Document | None = self.parts.get("sample/people.json")
        return found

    @property
    def records(self) -> dict[str, list[Document]]:
        """The sample records by form key."""
        return dict(self.below("sample/records"))


def to_files(package: Package) -> dict[str, bytes]:
    """The files of a package, as they are written to a folder or a zip."""
    documents: dict[str, Any] = {"app.json": package.app}
    documents |= {f"forms/{key}.json": document for key, document in package.forms.items()}
    documents |= {f"workflows/{key}.json": document for key, document in package.workflows.items()}
    documents |= package.parts
    return {path: write_json(document) for path, document in sorted(documents.items())}


def write_json(document: Any) -> bytes:
    """A document as it stands in a package: indented, in its own order, readable in git."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def parse(files: Files, problems: list[PackageProblem], lang: str = "en") -> dict[str, Any]:
    """The documents of all JSON files by path; what is no JSON is noted in `problems` and left out."""
    documents: dict[str, Any] = {}
    for path, content in files.items():
        if not path.endswith(".json"):
            continue
        try:
            documents[path] = definition.parse(content, lang=lang)
        except DefinitionError as error:
            problems += [PackageProblem(path, problem.pointer, problem.message) for problem in error.problems]
    return documents


def from_documents(documents: Mapping[str, Any]) -> Package:
    """The package that documents by path make up; they passed their check."""

    def _within(folder: str) -> dict[str, Any]:
        start = f"{folder}/"
        return {path[len(start) : -5]: found for path, found in documents.items() if path.startswith(start)}

    parts = {path: found for path, found in documents.items() if path.partition("/")[0] in FOLDERS}
    return Package(documents["app.json"], _within("forms"), _within("workflows"), parts)
