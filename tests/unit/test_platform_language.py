"""Every sentence that a service says has its translation, with the same parameters, and no translation is left over."""

import ast
import string
from pathlib import Path

import pytest

from formloom.platform import faults, posting
from formloom.platform.language import catalogue, gettext
from formloom.platform.packages import shapes
from formloom.platform.services import processes

FOLDER = Path(faults.__file__).parent
TABLES = (
    faults.TITLES, faults.DETAILS, posting.SUBJECTS, posting.TEXTS, posting.OUTCOMES, processes.ACTIONS, shapes.TYPES,
    shapes.SENTENCES,
)  # fmt: skip


def said_in(file: Path) -> set[str]:
    """The sentences in calls of `gettext`: literal, or named by a variable that is set to a literal in the file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                named.setdefault(ast.unparse(target), set()).add(str(node.value.value))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("gettext") and len(node.args) > 1:
            sentence = node.args[1]
            if isinstance(sentence, ast.Constant):
                found.add(str(sentence.value))
            found |= named.get(ast.unparse(sentence), set())
    return found


SENTENCES = {sentence for file in FOLDER.rglob("*.py") for sentence in said_in(file)}
SENTENCES |= {sentence for table in TABLES for sentence in table.values()} | {faults.STALE_PAGE, faults.REFUSED}


@pytest.mark.parametrize("sentence", sorted(SENTENCES))
def test_a_sentence_is_translated_with_its_parameters(sentence: str) -> None:
    translation = catalogue("zh_Hans").get(sentence)
    assert translation, sentence
    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (sentence, translation)]
    assert names[0] == names[1]


def test_a_sentence_without_translation_is_said_in_english() -> None:
    assert gettext("zh_Hans", "Nobody ever says {this}.", this="that") == "Nobody ever says that."
