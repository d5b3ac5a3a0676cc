"""What an action step can do: one class for each key of `do`. Each is compiled once and writes the request for it.

The engine only asks: the platform runs what touches its own database in the same transaction, sends the rest by the
outbox, maps the answer by `into`, and answers with `ActionAnswered`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .. import events as e
from ..assignment import People
from ..run import Run
from ..tree import Condition
from .base import Compiling

if TYPE_CHECKING:
    from ..checking import Check, Part

Values = Mapping[str, Condition]
Mapped = Mapping[str, str] | None


class Doing(Protocol):
    """One thing that a system does."""

    def request(self, run: Run, visit: int, step: str, request: str) -> e.Event:
        """The event that asks for it."""

    def changes(self) -> frozenset[str]:
        """The fields of the request's own record that are set by it, or by its answer."""


def compile_values(values: Mapping[str, Any], pointer: str, compiling: Compiling) -> Values:
    """Compile values of a `set`, `where` or `body`."""
    return {key: compiling.value(tree, f"{pointer}/{key}") for key, tree in values.items()}


def evaluate(values: Values, run: Run) -> dict[str, Any]:
    """The values over the record as it is; a blank is None."""
    return {key: run.value(condition) for key, condition in values.items()}


@dataclass(frozen=True, slots=True)
class RecordAction:
    """`createRecord`, `updateRecord`, `findRecords`."""

    verb: Literal["create", "update", "find"]
    form: str
    set: Values
    where: Values | None
    link: str | None
    into: Mapped

    def request(self, run: Run, visit: int, step: str, request: str) -> e.Event:
        """A `RecordRequested`; an update by `link` names the record that the link points at."""
        where = None if self.where is None else evaluate(self.where, run)
        record = run.record.get(self.link) if self.link is not None else None
        values = evaluate(self.set, run)
        return e.RecordRequested(run.at, request, visit, step, self.verb, self.form, values, where, record, self.into)

    @property
    def updates_own(self) -> bool:
        """Whether it updates the request's own record: without a form, a link or a search."""
        return self.verb == "update" and not self.form and self.link is None and self.where is None

    def changes(self) -> frozenset[str]:
        """What an update of our own record sets, and what the answer is mapped into."""
        return frozenset({*(self.set if self.updates_own else ()), *(self.into or ())})


@dataclass(frozen=True, slots=True)
class Webhook:
    """`webhook`."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: Values | None
    into: Mapped

    def request(self, run: Run, visit: int, step: str, request: str) -> e.Event:
        """A `MessageRequested` with everything that is sent."""
        sent = dict(run.record) if self.body is None else evaluate(self.body, run)
        body = {"url": self.url, "method": self.method, "headers": dict(self.headers), "json": sent}
        return e.MessageRequested(run.at, request, visit, step, "webhook", body, (), self.into)

    def changes(self) -> frozenset[str]:
        """What the answer is mapped into."""
        return frozenset(self.into or ())


@dataclass(frozen=True, slots=True)
class Mail:
    """`mail`."""

    to: People
    addresses: tuple[str, ...]
    subject: str
    text: str

    def request(self, run: Run, visit: int, step: str, request: str) -> e.Event:
        """A `MessageRequested` to the members found and to the addresses."""
        body = {"addresses": list(self.addresses), "subject": self.subject, "text": self.text}
        return e.MessageRequested(run.at, request, visit, step, "mail", body, run.find(self.to, step))

    def changes(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()


def compile_doing(document: Mapping[str, Any], pointer: str, compiling: Compiling) -> Doing:
    """Compile the `do` of an action that passed its check."""
    kind, what = next(iter(document.items()))
    at = f"{pointer}/{kind}"
    into = what.get("into")
    match kind:
        case "webhook":
            body = compile_values(what["body"], f"{at}/body", compiling) if "body" in what else None
            return Webhook(what["url"], what.get("method", "POST"), what.get("headers", {}), body, into)
        case "mail":
            to = compiling.people(what.get("to", []), f"{at}/to")
            return Mail(to, tuple(what.get("addresses", ())), what["subject"], what["text"])
        case _:
            verb = _VERBS[kind]
            values = compile_values(what.get("set", {}), f"{at}/set", compiling)
            where = compile_values(what["where"], f"{at}/where", compiling) if "where" in what else None
            return RecordAction(verb, what.get("form", ""), values, where, what.get("link"), into)


_VERBS: Mapping[str, Literal["create", "update", "find"]] = {
    "createRecord": "create",
    "updateRecord": "update",
    "findRecords": "find",
}


def check_doing(part: "Part", check: "Check") -> None:
    """The names and the logic in the `do` of an action."""
    do = part.document.get("do")
    for kind, what in do.items() if isinstance(do, Mapping) else ():
        if not isinstance(what, Mapping):
            continue
        at = f"{part.pointer}/do/{kind}"
        form = check.other_form(what["form"]) if "form" in what else check.form if kind == "updateRecord" else None
        check.set_of(what.get("set"), form, f"{at}/set")
        check.set_of(what.get("where"), form, f"{at}/where")
        check.set_of(what.get("body"), None, f"{at}/body")
        check.into(what.get("into"), f"{at}/into", form, ("id", "count"))
        check.people(what.get("to"), f"{at}/to", part)
        if "link" in what:
            check.field(what["link"], f"{at}/link")
