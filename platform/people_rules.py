"""What an organisation must not hold, by whatever door people come in: two things called the same side by side, which
nobody could tell apart, and somebody who is, through others, their own manager."""

from collections.abc import Iterable, Iterator, Mapping

from formloom.platform.folding import fold
from formloom.platform.language import gettext
from formloom.platform.models import Department, Role

MOST = 200
"""Characters of a name."""


def names_of(row: Department | Role) -> Iterator[str]:
    """What a department or role is called, in any language, as it is compared."""
    for name in (row.name, *(row.translations or {}).values()):
        yield fold(name)


def complaints(
    lang: str, name: str, translations: Mapping[str, str], beside: Iterable[Department | Role]
) -> dict[str, str]:
    """What is wrong with the names of a department or role, by field: `name`, `name_zh_Hans`.

    `beside` are those it must be told apart from.
    """
    held = {called for row in beside for called in names_of(row)}
    errors = {}
    for field, text in {"name": name, **{f"name_{each}": text for each, text in translations.items()}}.items():
        if not text.strip() or len(text) > MOST:
            errors[field] = gettext(lang, "Enter a name of at most 200 characters.")
        elif fold(text) in held:
            errors[field] = gettext(lang, "“{name}” is there already. Choose another name.", name=text.strip())
    return errors


def rings(above: Mapping[str, str | None]) -> list[tuple[str, ...]]:
    """The rings of managers in `above` (whoever is meant → their manager), each once, from anybody up and around."""
    found, over = [], set[str]()
    for start in above:
        way: dict[str, None] = {}
        here: str | None = start
        while here is not None and here not in over and here not in way:
            way[here] = None
            here = above.get(here)
        if here in way:
            steps = list(way)
            found.append(tuple(steps[steps.index(here) :]))
        over |= way.keys()
    return found


def ring_sentence(lang: str, names: Iterable[str]) -> str:
    """What is said of the ring of these people."""
    called = list(names)
    ring = " → ".join([*called, called[0]])
    return gettext(lang, "That would make a ring of managers: {ring}.", ring=ring)
