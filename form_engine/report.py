"""Collects what is wrong with a definition, each problem as a sentence in the reader's language."""

from collections.abc import Iterable

from .errors import Problem, Severity
from .messages import say
from .nearest import nearest
from .pointers import tokens

MOST_HINTS = 100
"""Looking for the nearest word takes time; behind so many, a definition has other troubles."""


class Report:
    """A list of problems that is being written; `lang` is the language of its sentences."""

    def __init__(self, lang: str = "en") -> None:
        self.lang = lang
        self.problems: list[Problem] = []
        self._seen: set[Problem] = set()
        self._hints = 0

    def error(self, pointer: str, template: str, /, **params: object) -> None:
        """Note an error at `pointer`: the definition cannot be used."""
        self.add(pointer, template, "error", **params)

    def warning(self, pointer: str, template: str, /, **params: object) -> None:
        """Note something at `pointer` that is allowed and hardly meant."""
        self.add(pointer, template, "warning", **params)

    def add(self, pointer: str, template: str, severity: Severity, /, **params: object) -> None:
        """Note a problem of the given severity; the same one twice is noted once."""
        self.add_problem(Problem(pointer, say(self.lang, template, **params), severity))

    def add_problem(self, problem: Problem) -> None:
        """Note a problem that somebody else put into words."""
        if problem not in self._seen:
            self._seen.add(problem)
            self.problems.append(problem)

    def hint(self, word: str, known: Iterable[str]) -> str:
        """A second sentence, with a space before it, that offers the nearest known word; empty where none is near."""
        self._hints += 1
        close = nearest(word, known) if self._hints <= MOST_HINTS else None
        return "" if close is None else say(self.lang, " Did you mean “{word}”?", word=close)

    def in_order(self, document: object) -> list[Problem]:
        """The problems in the order in which their places stand in `document`."""
        ranks: dict[int, dict[str, int]] = {}
        return sorted(self.problems, key=lambda problem: _place(document, problem.pointer, ranks))

    @property
    def failed(self) -> bool:
        """Whether any error was noted."""
        return any(problem.severity == "error" for problem in self.problems)


def _place(document: object, pointer: str, ranks: dict[int, dict[str, int]]) -> list[int]:
    """Where `pointer` stands among its siblings, level by level; `ranks` keeps the order of each object's keys."""
    place: list[int] = []
    for name in tokens(pointer):
        if isinstance(document, dict):
            if id(document) not in ranks:
                ranks[id(document)] = {key: rank for rank, key in enumerate(document)}
            place.append(ranks[id(document)].get(name, len(document)))
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal():
            place.append(int(name))
            document = document[int(name)] if int(name) < len(document) else None
    return place
