"""Maps the repository's top-level folders to the import package `formloom`; everything else stands in pyproject.toml.

A table in pyproject.toml would have to list every subpackage by hand, and one forgotten would be missing from the
wheel only. A folder without Python files (templates, static files) belongs to the package above it, as data.
"""

from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
PARTS = ("platform", "form_engine", "workflow_engine", "templates_library", "web")


def packages_of(part: str) -> list[str]:
    """Dotted names of `part` and of every folder below it that holds Python files."""
    folders = [ROOT / part, *sorted({file.parent for file in (ROOT / part).rglob("*.py")} - {ROOT / part})]
    return [".".join(("formloom", *folder.relative_to(ROOT).parts)) for folder in folders]


def data_of(part: str) -> list[str]:
    """Every file of `part` that is no Python module, relative to it."""
    files = (file for file in (ROOT / part).rglob("*") if file.is_file())
    return sorted(str(file.relative_to(ROOT / part)) for file in files if file.suffix not in {".py", ".pyc"})


setup(
    packages=[name for part in PARTS for name in packages_of(part)],
    package_dir={f"formloom.{part}": part for part in PARTS},
    package_data={f"formloom.{part}": data_of(part) for part in PARTS},
)
