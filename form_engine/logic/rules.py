"""A compiled rule, and its value over a record."""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from ..errors import DefinitionError, FormloomError, Problem
from ..messages import say
from . import branching, calls, comparing, engine, looping, reading
from .compiler import Compiler, Form, fits, kind_name, record_scope
from .real import REAL
from .real_texts import MAX_TEXT
from .rounding import plain
from .temporal import moment_text
from .terms import Json, Term, read_as
from .types import LogicType, Typed, join

_log = logging.getLogger(__name__)

Lookup = Callable[[str, str, str], Any]
"""(link field, `"customer"` or `"items.product"`; id of the linked record; key of its field) → value, None: blank."""


class Circumstances(Protocol):
    """What is passed in beside the record; `form_engine.record.Context` is one."""

    @property
    def now(self) -> datetime:
        """An aware time."""

    @property
    def zone(self) -> str:
        """The workspace's zone, in which `today` and the parts of a date-time are said."""

    @property
    def member(self) -> str | None:
        """Who is at work."""

    @property
    def lookup(self) -> Lookup | None:
        """Reads fields of linked records; None: they are blank."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The plain `Circumstances`."""

    now: datetime
    zone: str = "UTC"
    member: str | None = None
    lookup: Lookup | None = None


class LogicError(FormloomError):
    """A rule that has no value over this record: it took too many steps, or made too long a text."""

    def __init__(self, kind: Literal["steps", "length"]) -> None:
        self.kind = kind
        super().__init__(self.sentence("en"))

    def sentence(self, lang: str) -> str:
        """What a person is told, in `lang`."""
        if self.kind == "steps":
            return say(lang, "This rule takes more than {limit} steps on this record.", limit=f"{engine.BUDGET:,}")
        return say(lang, "This rule makes a text of more than {limit} characters.", limit=f"{MAX_TEXT:,}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition or formula that was checked against its form.

    `source` is as stored, `compiled` free of macros (for both evaluators), `type` what it gives. `reads` are the fields
    that it depends on (`total`; `items` and `items.price`), `lookups` the fields of linked records: (link, key).
    `dynamic`: it reads the clock.
    """

    source: Json
    compiled: Json
    type: LogicType
    reads: frozenset[str]
    lookups: frozenset[tuple[str, str]]
    dynamic: bool
    loops: bool
    sure: bool
    needs: tuple[str, ...]
    circumstances: frozenset[str]
    native: engine.Compiled = field(repr=False, compare=False)


@cache
def operators() -> Mapping[str, Form]:
    """Every operator that a definition may use, and how it is compiled."""
    return {
        **calls.forms(),
        **reading.FORMS,
        **comparing.FORMS,
        **branching.FORMS,
        **looping.FORMS,
    }


@cache
def _engine() -> Any:
    return engine.make(REAL)


def check(tree: Json, fields: Mapping[str, Typed], *, wanted: str | None = None, lang: str = "en") -> list[Problem]:
    """Every problem of `tree` over a record of `fields`; pointers are relative to the tree.

    `wanted` is the kind that its value must have; `"switch"`, of a condition, takes any value by its truth, but no
    literal that is neither true nor false.
    """
    return _compiled(tree, fields, wanted, lang)[0].problems


def compile(tree: Json, fields: Mapping[str, Typed], *, wanted: str | None = None) -> Rule:
    """The rule that `tree` states. Raises `DefinitionError` with what `check` says."""
    compiler, term = _compiled(tree, fields, wanted, "en")
    if compiler.problems:
        raise DefinitionError(compiler.problems)
    return Rule(
        source=tree,
        compiled=term.tree,
        type=term.type,
        reads=frozenset(compiler.reads),
        lookups=frozenset(compiler.lookups),
        dynamic=bool(compiler.circumstances & {"today", "now"}),
        loops=compiler.loops,
        sure=term.sure,
        needs=tuple(sorted(compiler.needs)),
        circumstances=frozenset(compiler.circumstances),
        native=engine.compiled(_engine(), term.tree),
    )


def _compiled(tree: Json, fields: Mapping[str, Typed], wanted: str | None, lang: str) -> tuple[Compiler, Term]:
    compiler = Compiler(operators(), lang)
    term = compiler.term(tree, "", record_scope(fields))
    if not compiler.problems and not fits(term.tree):
        compiler.problem("", "This rule is too large: split it into several fields.")
    elif not compiler.problems and wanted:
        _check_wanted(compiler, term, wanted)
    return compiler, term


def _check_wanted(compiler: Compiler, term: Term, wanted: str) -> None:
    if wanted == "switch" and not term.literal:
        return
    kind = LogicType(wanted)  # type: ignore[arg-type]
    if join(read_as(term, wanted).type, kind) is None and not (
        term.type.item and wanted in ("options", "references", "table")
    ):
        compiler.problem(
            term.pointer,
            "This must give {wanted}, not {kind}.",
            wanted=kind_name(compiler.lang, wanted),
            kind=kind_name(compiler.lang, term.type.kind),
        )


def evaluate(rule: Rule, record: Mapping[str, Any], circumstances: Circumstances) -> Json:
    """The value of `rule` over a record without blanks; None: blank. Raises `LogicError`."""
    data: dict[str, Any] = {key: record[key] for key in rule.needs if key in record}
    if rule.circumstances:
        data["$"] = _beside(rule, record, circumstances)
    try:
        value = _clean(engine.run(rule.native, data, rule.loops))
    except engine.BudgetExceeded:
        raise LogicError("steps") from None
    except engine.TooLong:
        raise LogicError("length") from None
    if value is None and rule.sure:
        _log.warning("a rule has no finite result and is blank", extra={"rule": rule.source})
    return value


def holds(rule: Rule, record: Mapping[str, Any], circumstances: Circumstances) -> bool:
    """Whether a condition is true of a record. Raises `LogicError`."""
    return truth(evaluate(rule, record, circumstances))


def truth(value: Json) -> bool:
    """Whether a value counts as true: blank, false, 0 and empty lists and texts do not."""
    return bool(value)


def _clean(value: Json) -> Json:
    """The evaluator's answer as both sides write it: whole numbers whole, what is not finite blank."""
    kind = type(value)
    if kind is float or kind is int:
        return plain(value) if math.isfinite(value) else None
    return [_clean(item) for item in value] if kind is list else value


def _beside(rule: Rule, record: Mapping[str, Any], circumstances: Circumstances) -> dict[str, Any]:
    now = circumstances.now
    beside: dict[str, Any] = {
        "now": moment_text(now.timestamp() * 1000),
        "today": now.astimezone(ZoneInfo(circumstances.zone)).date().isoformat(),
        "zone": circumstances.zone,
        "me": circumstances.member,
    }
    if rule.lookups:
        beside["lookups"] = look_up(rule.lookups, record, circumstances.lookup)
    return beside


def look_up(lookups: Iterable[tuple[str, str]], record: Mapping[str, Any], lookup: Lookup | None) -> dict[str, Any]:
    """What the rules read through links: values by link (`items/product`), id and key, as the evaluators are given them.

    A slash, not a dot, and ids without dots: the server's evaluator would take a computed path apart at dots.
    """
    found: dict[str, Any] = {}
    for link, key in lookups:
        for target in _targets(record, link.split(".")):
            value = lookup(link, target, key) if lookup else None
            found.setdefault(link.replace(".", "/"), {}).setdefault(target, {})[key] = value
    return found


def _targets(value: Any, path: Sequence[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _targets(item, path)
    elif path and isinstance(value, Mapping):
        yield from _targets(value.get(path[0]), path[1:])
    elif not path and isinstance(value, str):
        yield value
