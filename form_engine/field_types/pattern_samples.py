"""Texts that match a pattern, for samples, previews and the counter-examples of the proof.

`rstr` reads the pattern and draws; nothing is matched by it or by Python's `re`: whether a text really matches is said by
the validator that records go through (meaning.md section 1). Drawn from fixed seeds, so that they are always the same.
"""

import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

MOST_TRIES = 60


def pattern_samples(schema: Mapping[str, Any]) -> Iterator[str]:
    """Different texts that a text property with a `pattern` accepts, the plainest first; none where none is found."""
    from rstr import Rstr

    from ..validator import compiled  # what it imports costs a start of the command line

    keywords = {key: schema[key] for key in ("pattern", "minLength", "maxLength") if key in schema}
    accepts = compiled({"type": "string", **keywords}).is_valid
    drawn: list[str] = []
    for seed in range(MOST_TRIES):
        try:
            drawn.append(Rstr(Random(seed)).xeger(str(schema["pattern"])))  # noqa: S311 (a sample is no secret)
        except (ValueError, KeyError, IndexError, OverflowError, re.error):  # what Python writes otherwise, `\\p{Lu}`
            return
    wanted = dict.fromkeys(text for text in drawn if text.strip() == text and accepts(text))
    yield from sorted(wanted, key=lambda text: (not text.isprintable(), len(text)))
