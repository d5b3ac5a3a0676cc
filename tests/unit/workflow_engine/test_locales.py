"""Every sentence that the workflow engine says stands in the Chinese catalogue, with the same parameters."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import formloom.workflow_engine

ROOT = Path(formloom.workflow_engine.__file__).parent
CATALOGUE: dict[str, str] = {}
for file in sorted((ROOT / "locales" / "zh_Hans").glob("*.json")):
    CATALOGUE |= json.loads(file.read_text(encoding="utf-8"))


def sentences(path: Path) -> Iterator[str]:
    """The texts in a module that people may read: those that end like a sentence or hold a parameter."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    others = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    others |= {id(inner) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)}
    others |= {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        for inner in ast.walk(node)
        if "ValueError" in ast.dump(node)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in others else None
        if isinstance(text, str) and " " in text and (text.endswith(".") or "{" in text):
            yield text


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("*.py"), *ROOT.glob("steps/*.py"), *ROOT.glob("handlers/*.py"), *ROOT.glob("bpmn/*.py")]),
    ids=lambda path: path.name,
)
def test_every_sentence_is_translated(path: Path) -> None:
    assert [sentence for sentence in sentences(path) if sentence not in CATALOGUE] == []


@pytest.mark.parametrize("sentence", sorted(CATALOGUE))
def test_a_translation_has_the_parameters_of_its_sentence(sentence: str) -> None:
    assert sorted(re.findall(r"\{\w*\}", CATALOGUE[sentence])) == sorted(re.findall(r"\{\w*\}", sentence))
