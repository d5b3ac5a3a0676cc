"""Records as a table: from the address of a page to a query, and from the rows that were found to columns and cells.

The address says everything (`q`, `ff`/`fo`/`fv` for each filter, `sort`, `col`, `after`, `view`), so that a list can be sent
to a colleague and the browser's *back* works.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from formloom.form_engine.field_types.references import Department, Link, Member, Reference
from formloom.form_engine.form import Field, Form
from formloom.form_engine.names import Names
from formloom.platform.errors import InputInvalid
from formloom.platform.queries.records import Filter, Query, Sort, filter_from_text
from formloom.platform.services.records import RecordRow
from formloom.web.drawing import Drawing
from formloom.web.slots import Slot

SHOWN = 8
SYSTEM = ("status", "created_at", "created_by", "updated_at", "updated_by")
BLANKS = ("empty", "notEmpty")
OPERATORS = {
    "eq": lazy_gettext("is"), "ne": lazy_gettext("is not"), "contains": lazy_gettext("contains"),
    "starts": lazy_gettext("begins with"), "in": lazy_gettext("is one of"), "lt": "<", "le": "≤", "gt": ">", "ge": "≥",
    "between": lazy_gettext("is between"), "empty": lazy_gettext("is empty"), "notEmpty": lazy_gettext("is filled in"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. `sort` is the address that sorts by it, or turns its order round; "" where it can't."""

    key: str
    label: str
    macro: str
    sort: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, and the address without it."""

    field: str
    operator: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One filter as it stands in the address."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A field that can be filtered by: for the filter's row, with the operators that its type offers and its options.

    `source` is the address that suggests names, for a field that points at somebody or something.
    """

    key: str
    label: str
    operators: tuple[str, ...]
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    source: str = ""


@dataclass(slots=True)
class Listing:
    """What the address of a list asks for. `wrong` is a sentence where a part of it can't be asked for.

    `called` gives the ids of those that people call so (services/naming.py), for fields that point at somebody or something.
    """

    form: Form
    path: str
    args: MultiDict[str, str]
    lang: str
    zone: str
    names: Names
    view: Mapping[str, Any] = field(default_factory=dict)
    called: Callable[..., list[str]] = lambda _field, text, *, part=False: [text]
    wrong: str = ""

    @property
    def asked(self) -> list[Asked]:
        """The filters of the address; those of the view where the address has none of its own."""
        lists = zip(*(self.args.getlist(name) for name in ("ff", "fo", "fv")), strict=False)
        own = [Asked(*each) for each in lists if each[0]]
        if own or "ff" in self.args or not self.view:
            return own
        return [self._of_view(entry) for entry in self.view.get("filters", ())]

    def _of_view(self, entry: Mapping[str, Any]) -> Asked:
        value = entry.get("value")
        values = value if isinstance(value, list) else [value]
        return Asked(
            entry["field"], entry["operator"], "|".join("" if each is None else _plain(each) for each in values)
        )

    @property
    def sorts(self) -> list[Sort]:
        """The order of the address, else the view's."""
        if "sort" in self.args:
            return [Sort(word.removeprefix("-"), word.startswith("-")) for word in self.args.getlist("sort") if word]
        return [Sort(entry["field"], bool(entry.get("descending"))) for entry in self.view.get("sort", ())]

    def query(self, *, limit: int = 50, bin: bool = False) -> Query:
        """The query, without the filters that can't be read: what is wrong with those is said in `wrong`."""
        filters: list[Filter] = []
        for entry in self.asked:
            if entry.value == "" and entry.operator not in BLANKS:
                continue
            try:
                filters += self._filters(entry)
            except InputInvalid as error:
                self.wrong = str(error)
        return Query(
            tuple(filters),
            tuple(self.sorts),
            self.args.get("q", "").strip(),
            self.args.get("after") or None,
            limit,
            bin,
        )

    def _filters(self, entry: Asked) -> list[Filter]:
        """One filter as the query has it: by the ids of what is called so, where the field points at something."""
        pointer = self.form.field_at(entry.field)
        if pointer is None or not isinstance(pointer.type, Reference) or entry.operator in BLANKS:
            return [filter_from_text(self.form, entry.field, entry.operator, entry.value, self.lang, self.zone)]
        texts = entry.value.split("|") if entry.operator == "in" else [entry.value]
        ids = [ident for text in texts for ident in self.called(pointer, text, part=entry.operator == "contains")]
        if entry.operator == "ne":
            return [Filter(entry.field, "ne", ident) for ident in ids]
        return [Filter(entry.field, "in", ids or texts)]

    def address(self, **changes: str | Sequence[str] | None) -> str:
        """The address of this list with some of its words changed; None takes a word out. Pages begin anew."""
        words = {name: self.args.getlist(name) for name in self.args if name != "after"}
        for name, value in changes.items():
            words[name] = [] if value is None else [value] if isinstance(value, str) else list(value)
        text = urlencode([(name, value) for name, values in words.items() for value in values])
        return f"{self.path}?{text}" if text else self.path

    def kept(self, changed: Sequence[str]) -> list[tuple[str, str]]:
        """The words of the address that a form of the page carries along: all but those that it sets itself."""
        out = {*changed, "after"}
        return [(name, value) for name, value in self.args.items(multi=True) if name not in out]

    @property
    def chips(self) -> list[Chip]:
        """The filters in words."""
        asked = self.asked
        return [self._chip(asked, number) for number in range(len(asked))]

    def _chip(self, asked: Sequence[Asked], number: int) -> Chip:
        entry, rest = asked[number], [*asked[:number], *asked[number + 1 :]]
        words = {
            short: [getattr(each, name) for each in rest] or [""]
            for short, name in (("ff", "field"), ("fo", "operator"), ("fv", "value"))
        }
        value = (
            ""
            if entry.operator in BLANKS
            else ", ".join(self._said(entry.field, text) for text in entry.value.split("|"))
        )
        return Chip(
            self.label(entry.field), str(OPERATORS.get(entry.operator, entry.operator)), value, self.address(**words)
        )

    def _said(self, key: str, text: str) -> str:
        """The text of a filter as people read its field's values: a label for an option, a name for an id."""
        entry = self.form.field_at(key)
        if entry is None:
            return self.names.member(text) if key.endswith("_by") else str(STATUSES.get(text, text))
        try:
            value = entry.type.from_text(entry, text, self.lang, self.zone)
        except ValueError:
            return text
        return entry.type.text(entry, value, self.lang, self.names, self.zone) or text

    def label(self, key: str) -> str:
        """The name of a field or of what the platform knows of every record."""
        entry = self.form.field_at(key)
        return entry.label(self.lang) if entry else str(SYSTEM_LABELS.get(key, key))

    @property
    def columns(self) -> list[Column]:
        """The columns to show: those of the address, else the view's, else the first of the form."""
        for keys in (self.args.getlist("col"), self.view.get("columns", ())):
            if there := [key for key in keys if key in SYSTEM or self.form.field_at(key) is not None]:
                return [self._column(key) for key in there]
        return [self._column(key) for key in self._usual()]

    def _usual(self) -> list[str]:
        order = [key for section in self.form.layout for key in section.fields]
        keys = [key for key in order if self.form.fields[key].column not in (None, "json")]
        if len(keys) > 1 and self.form.fields[keys[0]].type.derived:  # a number says less than a name
            keys[:2] = reversed(keys[:2])
        return keys[:SHOWN]

    def _column(self, key: str) -> Column:
        entry = self.form.field_at(key)
        sorts = self.sorts
        descending = sorts[0].descending if sorts and sorts[0].field == key else None
        order = {None: "", False: "ascending", True: "descending"}[descending]
        sortable = entry is None or entry.column not in (None, "json")
        turned = key if descending is not False else f"-{key}"
        return Column(
            key,
            self.label(key),
            entry.type.macro if entry else key,
            self.address(sort=turned) if sortable else "",
            order,
        )

    def choices(self, statuses: bool) -> list[Choice]:
        """Every field that this list can be filtered by."""
        fields = [
            entry for entry in self.form.fields.values() if entry.type.operators and entry.type.column is not None
        ]
        own = [
            Choice(
                entry.key,
                entry.label(self.lang),
                entry.type.operators,
                entry.logic.kind,
                _options(entry, self.lang),
                _source(entry),
            )
            for entry in fields
        ]
        states = tuple((key, str(words)) for key, words in STATUSES.items())
        system = [Choice("status", self.label("status"), ("eq", "ne", "in"), "option", states)] if statuses else []
        return own + system + [Choice("created_at", self.label("created_at"), ("lt", "ge"), "date")]

    def cells(self, row: RecordRow, columns: Sequence[Column]) -> Iterator[Slot | None]:
        """The values of a row under the columns; None for what the platform knows, which the template writes."""
        drawing = Drawing(self.form, self.lang, self.zone, self.names, editable=False)
        for column in columns:
            entry = self.form.field_at(column.key)
            yield None if entry is None else drawing.one(entry, row.values.get(column.key))


def _options(entry: Field, lang: str) -> tuple[tuple[str, str], ...]:
    return tuple((_plain(option.value), option.label) for option in entry.options(lang))


def _source(entry: Field) -> str:
    match entry.type:
        case Member():
            return "/pick/members"
        case Department():
            return "/pick/departments"
        case Link():
            return f"/pick/records/{entry.settings['form']}"
    return ""


def _plain(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


STATUSES = {
    "draft": lazy_gettext("Draft"), "running": lazy_gettext("In approval"), "approved": lazy_gettext("Approved"),
    "rejected": lazy_gettext("Rejected"), "withdrawn": lazy_gettext("Withdrawn"), "terminated": lazy_gettext("Terminated"),
}  # fmt: skip
SYSTEM_LABELS = {
    "status": lazy_gettext("State"), "created_at": lazy_gettext("Created"), "created_by": lazy_gettext("Created by"),
    "updated_at": lazy_gettext("Changed"), "updated_by": lazy_gettext("Changed by"),
}  # fmt: skip


def title_of_view(view: Mapping[str, Any], lang: str) -> str:
    """What a saved view is called."""
    own = view.get("translations", {}).get(lang, {}).get("", "")
    return str(own or view.get("title") or _("All"))
