"""Finds the settings of a foreign form's part that its importer did not carry over, so that its report can name each.

An importer says which settings it carried over or told of, and which values are what every part has anyway; whatever
else says something is left over. So a setting that nobody thought of is reported, not dropped.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .draft import Draft

LONGEST = 120


def tell_leftovers(
    draft: Draft,
    source: str,
    part: Mapping[str, Any],
    carried: Collection[str],
    usual: Mapping[str, Any],
    on: Collection[str] = (),
) -> None:
    """Add one line to the report that names every setting of `part` that is left over. A dotted name stands for one inside a mapping.

    `on` names the settings that are switched on unless the file says otherwise.
    """
    found = [f"{name} = {shown(value)}" for name, value in _settings(part, carried, usual, "")]
    found += [f"{name} = false" for name in part if name in on and part[name] is False]
    if found:
        draft.tell(source, "Not carried over: {settings}", settings="; ".join(found))


def _settings(
    part: Mapping[str, Any], carried: Collection[str], usual: Mapping[str, Any], above: str
) -> Iterator[tuple[str, Any]]:
    for key, value in part.items():
        name = f"{above}{key}"
        if name in carried or says_nothing(value) or (name in usual and value in usual[name]):
            continue
        if isinstance(value, Mapping) and not above:
            yield from _settings(value, carried, usual, f"{name}.")
        else:
            yield name, value


def says_nothing(value: Any) -> bool:
    """Whether a setting is blank, switched off, or made of such settings only."""
    if isinstance(value, Mapping):
        return all(says_nothing(part) for part in value.values())
    if isinstance(value, list):
        return all(says_nothing(part) for part in value)
    return value is None or value is False or (isinstance(value, str) and not value.strip())


def shown(value: Any, most: int = LONGEST) -> str:
    """A setting as the file writes it, on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
