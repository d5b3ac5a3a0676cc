"""Every sentence that logic says is there in Chinese, too."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from formloom.form_engine.logic import compiler
from formloom.form_engine.logic.formula import functions
from formloom.form_engine.messages import say

LOGIC = Path(compiler.__file__).parent
SPEAKERS = {"say", "problem", "unknown", "fail"}


def sentences() -> Iterator[str]:
    """Every text that is handed to one of the speakers, and those that are looked up in tables of the modules."""
    for file in sorted(LOGIC.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in SPEAKERS:
                for arg in node.args:
                    text = named.get(arg.id) if isinstance(arg, ast.Name) else getattr(arg, "value", None)
                    if isinstance(text, str) and re.search(r"[A-Za-z“(]", text) and text not in ("en",):
                        yield text
    yield from compiler._KIND_NAMES.values()
    for function in functions().values():
        yield from (function.text, function.group, *filter(None, [function.takes]))


def catalogue() -> dict[str, str]:
    return json.loads((LOGIC.parent / "locales" / "zh_Hans" / "logic.json").read_text(encoding="utf-8"))


def test_every_sentence_has_a_chinese_one() -> None:
    missing = sorted(set(sentences()) - set(catalogue()))
    assert not missing


def test_no_translation_is_left_over_from_a_sentence_that_is_no_more() -> None:
    assert not sorted(set(catalogue()) - set(sentences()))


def test_translations_keep_the_parameters_of_their_sentence() -> None:
    for english, chinese in catalogue().items():
        assert set(re.findall(r"(?<!{){(\w+)}", english)) == set(re.findall(r"(?<!{){(\w+)}", chinese)), english


def test_a_problem_is_said_in_the_language_that_is_asked_for() -> None:
    assert say("zh_Hans", "There is no field “{word}”.", word="knd") == "没有字段“knd”。"
