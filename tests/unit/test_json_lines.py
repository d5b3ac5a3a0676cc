"""A problem of a definition is shown at its line: the same places on the server and in the browser."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formloom.web import json_lines

HERE = Path(__file__).parent
CASES = json.loads((HERE.parent / "vectors" / "json_lines.json").read_text("utf-8"))
MODULE = Path(json_lines.__file__).parent / "static" / "designer" / "json-lines.js"


def outcome_on_the_server(case):
    places = json_lines.locate(case["text"])
    broken = places.broken.line if places.broken else None
    return {"lines": {pointer: places.of(pointer).line for pointer in case["lines"]}, "broken": broken}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_pointer_has_its_line_on_the_server(case):
    assert outcome_on_the_server(case) == {"lines": case["lines"], "broken": case["broken"]}


def test_the_browser_gives_the_same_lines():
    node = shutil.which("node")
    assert node, "node runs the browser's half of this module"
    script = f"""
      import {{ locate, placeOf }} from {json.dumps(MODULE.as_uri())};
      const cases = JSON.parse(process.argv[1]);
      console.log(JSON.stringify(cases.map(({{ text, lines }}) => {{
        const places = locate(text);
        const found = Object.fromEntries(Object.keys(lines).map((pointer) => [pointer, placeOf(places, pointer).line]));
        return {{ lines: found, broken: places.broken ? places.broken.line : null }};
      }})));
    """
    command = [node, "--input-type=module", "-e", script, json.dumps(CASES)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = [{"lines": case["lines"], "broken": case["broken"]} for case in CASES]
    assert json.loads(answer.stdout) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def pointers(value, at=""):
    yield at, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from pointers(inner, f"{at}/{json_lines.escape(key)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from pointers(inner, f"{at}/{index}")


@given(json_values, st.sampled_from([None, 2]))
def test_the_text_at_each_place_reads_back_as_the_value(value, indent):
    text = json.dumps(value, indent=indent)
    places = json_lines.locate(text)
    assert places.broken is None
    for pointer, inner in pointers(value):
        written = text[places.of(pointer).start : places.of(pointer).end]
        name, _, last = pointer.rpartition("/")
        in_object = pointer and isinstance(dict(pointers(value))[name], dict)
        read = json.loads("{" + written + "}") if in_object else json.loads(written)
        assert (next(iter(read.values())) if in_object else read) == inner, last


@given(st.text(max_size=60))
def test_any_text_is_answered(text):
    places = json_lines.locate(text)
    try:
        json.loads(text, parse_constant=lambda word: 1 / 0)
    except (ValueError, ZeroDivisionError):
        assert places.broken is not None
    else:
        assert places.broken is None
