"""A definition in the editor: readable, and the very same document when it is read back."""

import json

from hypothesis import given
from hypothesis import strategies as st

from formloom.web.json_text import WIDTH, pretty

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=40,
)


@given(values)
def test_the_text_reads_back_as_the_same_document_in_the_same_order(value):
    read = json.loads(pretty(value))
    assert json.dumps(read) == json.dumps(value)


def test_what_is_short_stands_on_one_line():
    document = {"title": "Leave", "properties": {"days": {"type": "integer", "minimum": 1}}, "required": ["days"]}
    assert pretty(document).splitlines() == [
        "{",
        '  "title": "Leave",',
        '  "properties": {"days": {"type": "integer", "minimum": 1}},',
        '  "required": ["days"]',
        "}",
    ]


def test_what_is_long_is_spread_over_lines_that_fit():
    document = {"properties": {f"field_{number}": {"type": "string", "title": "A title"} for number in range(9)}}
    lines = pretty(document).splitlines()
    assert len(lines) == 13
    assert max(map(len, lines)) <= WIDTH


def test_chinese_is_written_as_it_is():
    assert '"标题": "奖励申请"' in pretty({"标题": "奖励申请"})
