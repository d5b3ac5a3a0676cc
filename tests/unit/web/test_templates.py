"""What holds for every template: nothing that the content security policy blocks, every POST with its token."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[3] / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(WEB / "templates")))
def test_a_template_has_nothing_inline(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle\s*=", text) == []
    assert re.findall(r"\son(?:click|change|submit|input|load|error|key|focus|blur|mouse|pointer)\w*\s*=", text) == []
    assert re.findall(r"<style\b", text) == []
    assert "javascript:" not in text
    inline = re.findall(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text)
    assert all("importmap" in tag and "csp_nonce()" in tag for tag in inline)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(WEB / "templates")))
def test_every_form_that_posts_carries_its_token(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b[^>]*method=\"post\"[^>]*>.*?</form>", text, re.DOTALL):
        assert "csrf" in form, form[:200]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(WEB / "templates")))
def test_pages_load_nothing_from_elsewhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href)=\"https?://(?!www\.openstreetmap\.org)[^\"{]*\"", text) == []
