"""The dependency rule, and the traps of a repository whose top-level folders are one import package."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("platform", "form_engine", "workflow_engine", "templates_library", "web")
PYTHON_FILES = [file for part in PARTS for file in (ROOT / part).rglob("*.py")]


def name_the_parts(tree: Path) -> Path:
    """Make `<tree>/.cache/ns/formloom`, the link by which tools that read source find the import package."""
    link = tree / ".cache" / "ns" / "formloom"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(Path("..") / "..")
    return link.parent


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(name_the_parts(tree)), "PATH": "/usr/bin:/bin"}
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def copy_of_the_parts(tree: Path) -> None:
    """The Python files and pyproject.toml, so that a test may break the copy."""
    for file in [*PYTHON_FILES, ROOT / "pyproject.toml"]:
        target = tree / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())


def test_no_part_imports_one_above_it() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


def test_a_forbidden_import_is_caught(tmp_path: Path) -> None:
    copy_of_the_parts(tmp_path)
    errors = tmp_path / "form_engine" / "errors.py"
    errors.write_text(errors.read_text() + "\nimport sqlalchemy\nimport formloom.workflow_engine\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    assert "formloom.form_engine is not allowed to import formloom.workflow_engine" in result.stdout
    assert "formloom.form_engine is not allowed to import sqlalchemy" in result.stdout


def test_the_standard_library_keeps_its_platform_module() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    command = [sys.executable, "-c", "import platform; platform.python_version()"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def test_every_import_between_parts_says_formloom() -> None:
    bare = re.compile(rf"^\s*(?:from|import) ({'|'.join(PARTS)})\b(?! *import python)", re.MULTILINE)
    standard = re.compile(r"^\s*import platform$", re.MULTILINE)
    places = [*PYTHON_FILES, *(ROOT / "tests").rglob("*.py")]
    found = [str(file) for file in places if bare.search(standard.sub("", file.read_text(encoding="utf-8")))]
    assert found == []


def test_files_beside_code_are_not_found_by_package_name() -> None:
    by_name = re.compile(r"importlib\.resources|pkgutil\.get_data|PackageLoader")
    assert [str(file) for file in PYTHON_FILES if by_name.search(file.read_text(encoding="utf-8"))] == []
