"""What every change must keep: lint, format, types on the engines, documented and annotated public functions."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from structure.test_imports import PYTHON_FILES, ROOT, name_the_parts

LONGEST_FILE = 400
LONGEST_FUNCTION = 50


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {"MYPYPATH": str(name_the_parts(ROOT)), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "command", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)], ids=" ".join
)
def test_the_checkers_find_nothing(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def product_files() -> list[Path]:
    return [file for file in PYTHON_FILES if "migrations" not in file.parts]


def test_no_file_is_longer_than_a_reader_likes() -> None:
    kinds = {".py", ".js", ".html", ".css"}
    files = [
        file for part in ("platform", "form_engine", "workflow_engine", "web") for file in (ROOT / part).rglob("*")
    ]
    files = [
        file for file in files if file.suffix in kinds and "vendor" not in file.parts and "migrations" not in file.parts
    ]
    lengths = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8").count("\n") for file in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_reader_likes() -> None:
    long = [f"{file}:{node.lineno} {node.name}" for file in product_files() for node in functions(file)
            if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION]  # fmt: skip
    assert long == []


def public_functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """What others may call: functions of a module and of its public classes. What stands inside a function is its own."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body)


def test_every_public_function_says_what_it_gives_back() -> None:
    silent = [
        f"{file}:{node.lineno} {node.name}"
        for file in product_files()
        for node in public_functions(ast.parse(file.read_text(encoding="utf-8")).body)
        if ast.get_docstring(node) is None or node.returns is None
    ]
    assert silent == []
