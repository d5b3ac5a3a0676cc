"""A form page as its template writes it: what is drawn, where it is sent, what it keeps and what comes after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from formloom.form_engine.errors import Problem
from formloom.platform.errors import StaleRecord
from formloom.platform.runtime import Caller
from formloom.platform.services import drafts, people
from formloom.platform.services.trying import Choice
from formloom.web.fillings import Filling
from formloom.web.paths import Stop
from formloom.web.places import Place
from formloom.web.posted import typed_of
from formloom.web.slots import Drawn, each_slot

VERSION = ":version"


class Two(NamedTuple):
    """A field that differs between what somebody else saved and what stands in the form, both as people read them."""

    label: str
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form page. `key` is its submission key, `version` that of the record it was opened at (None: a new one).

    `warnings` are to be confirmed; `ahead` is the path of the request to come, `choices` are
    steps for which one chooses people; `theirs` what somebody else saved meanwhile.
    """

    place: Place
    title: str
    help: str
    drawn: Drawn
    action: str
    send: str
    leave: str
    key: str
    version: int | None
    draft_at: datetime | None
    notice: str
    theirs: tuple[Two, ...]
    warnings: tuple[Problem, ...]
    ahead: Sequence[Stop]
    choices: tuple[Choice, ...]
    model: dict[str, Any]

    @property
    def draft(self) -> str:
        """Where a module keeps what is typed."""
        return f"{self.action}/draft"

    @property
    def first_wrong(self) -> str:
        """The id of the first field that is wrong."""
        return self.drawn.wrong[0].id if self.drawn.wrong else ""

    @property
    def summary(self) -> str:
        """How many fields are wrong, and which is the first."""
        wrong = self.drawn.wrong
        if len(wrong) == 1:
            return _("1 field to correct: %(name)s", name=wrong[0].label)
        return _("%(count)s fields to correct, first: %(name)s", count=len(wrong), name=wrong[0].label) if wrong else ""


def kept(caller: Caller, target: str) -> tuple[MultiDict[str, str], datetime] | None:
    """What the caller typed for `target` and when, if anything is kept."""
    found = drafts.draft(caller, target)
    if found is None:
        return None
    typed = MultiDict([(name, text) for name, texts in found.typed.items() for text in texts if isinstance(text, str)])
    for name in found.typed:
        if name != VERSION:
            typed.add(":on", name)
    return typed, found.saved_at


def keep(caller: Caller, target: str, form_key: str, sent: MultiDict[str, str]) -> datetime:
    """Keep what was typed, exactly as typed, and over which version of the record. Gives the time."""
    version = {VERSION: [sent[VERSION]]} if VERSION in sent else {}
    return drafts.save_draft(caller, target, form_key, typed_of(sent) | version)


def version_of(sent: MultiDict[str, str]) -> int | None:
    """The version of the record over which this was typed; None for a new one."""
    text = sent.get(VERSION, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def answers(drawn: Drawn) -> dict[str, Any]:
    """What a module is told of what was typed: what is wrong by the name of its field, and what was worked out."""
    slots = list(each_slot(drawn.slots.values()))
    still = [slot for slot in slots if slot.readonly and not slot.field.columns]
    return {
        "errors": {slot.name: slot.error for slot in slots if slot.error},
        "shown": {slot.name: slot.text for slot in still},
        "values": {slot.name: slot.value for slot in still},
        "states": {slot.name: [slot.visible, slot.required] for slot in slots},
    }


def theirs(filling: Filling, stale: StaleRecord) -> tuple[Two, ...]:
    """What somebody else saved meanwhile and what stands in the form, for each field that differs."""
    here, names = filling.here, people.names(filling.here)

    def shown(key: str, value: Any) -> str:
        entry = filling.place.published.form.fields[key]
        return ("" if value is None else entry.type.text(entry, value, here.lang, names, here.zone)) or "–"

    return tuple(Two(each.label, shown(each.field, each.theirs), shown(each.field, each.ours)) for each in stale.fields)
