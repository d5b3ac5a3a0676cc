"""Every sentence of definitions, field types and records has its Chinese twin, with the same parameters."""

import ast
import json
import re
import string
from pathlib import Path

import pytest

from formloom.form_engine import definition
from formloom.form_engine.messages import say

ENGINE = Path(definition.__file__).parent
MODULES = sorted([*ENGINE.glob("*.py"), *(ENGINE / "field_types").glob("*.py")])
CHINESE = {
    english: chinese
    for name in ("definition", "record", "workbooks")
    for english, chinese in json.loads((ENGINE / "locales" / "zh_Hans" / f"{name}.json").read_text("utf-8")).items()
}
SENTENCE = re.compile(r"[.?]$|\{hint\}$|\{reason\}$")


def sentences(tree):
    """The texts of a module that people are told: no docstrings, no descriptions of the meta-schema, no parts of f-strings."""
    silent = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in ast.walk(node)}
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "description":
                    silent |= {id(part) for part in ast.walk(value)}
    for node in ast.walk(tree):
        told = node.value if isinstance(node, ast.Constant) and id(node) not in silent else None
        if isinstance(told, str) and " " in told and SENTENCE.search(told):
            yield told
        if (
            isinstance(node, ast.Assign)
            and getattr(node.targets[0], "id", "") == "title"
            and isinstance(node.value, ast.Constant)
        ):
            yield node.value.value
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and len(node.args) > 1:
            yield from (
                part.value
                for part in ast.walk(node.args[1])
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def parameters(template):
    return sorted(name for _, name, _, _ in string.Formatter().parse(template) if name)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_each_sentence_is_translated(module):
    said = set(sentences(ast.parse(module.read_text("utf-8"))))
    assert [english for english in said if english not in CHINESE] == []


@pytest.mark.parametrize("english", sorted(CHINESE))
def test_a_translation_has_the_parameters_of_its_sentence(english):
    if '{"' not in english:
        assert parameters(CHINESE[english]) == parameters(english)


def test_no_translation_is_left_over():
    said = {english for module in MODULES for english in sentences(ast.parse(module.read_text("utf-8")))}
    text = "\n".join(module.read_text("utf-8") for module in MODULES)
    assert [
        english
        for english in CHINESE
        if english not in said and json.dumps(english, ensure_ascii=False)[1:-1] not in text
    ] == []


def test_a_sentence_without_a_translation_is_said_in_english():
    assert say("zh_Hans", "Nobody translated {this}.", this="that") == "Nobody translated that."
