import gzip
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask

from formloom.web import assets

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "web" / "static"


def script(name: str) -> ModuleType:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture
def client():
    app = Flask("test", static_folder=None)
    app.register_blueprint(assets.pages)
    return app.test_client()


def test_a_static_file_may_be_kept_for_ever_under_its_version(client) -> None:
    answer = client.get(assets.address("base.css"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.content_type == "text/css; charset=utf-8"


def test_a_page_of_yesterday_gets_todays_file_and_may_not_keep_it(client) -> None:
    answer = client.get("/static/0123456789ab/base.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_text_is_sent_compressed_to_a_browser_that_can_read_it(client) -> None:
    packed = client.get(assets.address("base.css"), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == client.get(assets.address("base.css")).data


@pytest.mark.parametrize("name", ["nothing.css", "../__init__.py", "..%2f__init__.py"])
def test_nothing_outside_the_static_folder_can_be_fetched(client, name: str) -> None:
    assert client.get(f"/static/x/{name}").status_code == 404
    with pytest.raises(KeyError):
        assets.address(name)


def test_the_compiled_tokens_are_those_of_their_source() -> None:
    tokens = script("tokens")
    light, dark = tokens.compiled((ROOT / "web" / "tokens.css").read_text(encoding="utf-8"))
    assert (STATIC / "tokens.css").read_text(encoding="utf-8") == light
    assert (STATIC / "dark.css").read_text(encoding="utf-8") == dark


def test_each_colour_of_the_dark_page_has_its_light_half() -> None:
    names = {
        name: set(re.findall(r"(--fl-[\w-]+):", (STATIC / f"{name}.css").read_text())) for name in ("tokens", "dark")
    }
    assert names["dark"] <= names["tokens"]


def test_no_style_sheet_says_what_older_browsers_cannot_read() -> None:
    said = {file.name: file.read_text(encoding="utf-8") for file in STATIC.rglob("*.css")}
    too_new = re.compile(r"light-dark\(|color-mix\(|oklch\(|\(from ")
    assert {name: too_new.findall(text) for name, text in said.items() if too_new.search(text)} == {}


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    vendor = script("vendor")
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "vendor" / "icons.svg").read_text(encoding="utf-8")))
    assert set(vendor.named_icons(manifest)) - drawn == set()


def test_every_vendored_file_is_named_in_the_manifest() -> None:
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))
    made = {"manifest.json", "icons.svg", "tabler.css", "LICENSES.txt"}
    made |= {entry["to"] for kind in ("files", "bundles") for entry in manifest.get(kind, ())}
    assert {file.name for file in (STATIC / "vendor").iterdir()} <= made
