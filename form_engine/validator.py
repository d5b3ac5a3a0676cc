"""The one place that makes validators of records: `jsonschema-rs`, as all of Formloom uses it.

Formats are asserted, patterns run in the linear engine (no expression can take for ever), nothing is fetched.
"""

from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions

PATTERN_BYTES = 2_000_000
"""What one compiled pattern may take: enough for `^.{1,1000}$`, and a form of 500 such patterns still loads in seconds."""


def compiled(schema: Mapping[str, Any] | bool) -> Draft202012Validator:
    """The validator of `schema`. Raises ValueError for a schema that cannot be compiled."""
    return Draft202012Validator(
        schema if isinstance(schema, bool) else dict(schema),
        validate_formats=True,
        ignore_unknown_formats=True,
        pattern_options=RegexOptions(size_limit=PATTERN_BYTES),
        offline=True,
    )
