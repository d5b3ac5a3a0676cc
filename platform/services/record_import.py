"""Records from a filled-in spreadsheet: told row by row what each would do, then made through the records service.

Looking makes every record for real and takes all of it back, so that what is said of a row is what importing it will
say: validation, permissions, unique values, capacities, links, all in the order of the rows. Importing makes each good
row a record of its own, with its serial number and its workflow's start; rows that are not good stay out and are told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError

from formloom.form_engine.errors import FormloomError, Problem, RecordInvalid
from formloom.form_engine.filled import CellProblem, Filled, FilledRow, Place, read_filled
from formloom.form_engine.form import Field
from formloom.form_engine.record import Accesses
from formloom.form_engine.sheets import xlsx_template
from formloom.form_engine.workbooks import NoWorkbook, sheets_of
from formloom.platform.definitions import PublishedForm, published_in
from formloom.platform.errors import InputInvalid, Unconfirmed
from formloom.platform.folding import fold
from formloom.platform.language import gettext
from formloom.platform.organisation import Organisation, organisation
from formloom.platform.projections import tables
from formloom.platform.records.seeing import require_add_in, sees_in
from formloom.platform.records.store import Consent, insert_in
from formloom.platform.records.titled import titled_in
from formloom.platform.runtime import Caller
from formloom.platform.services import records
from formloom.platform.transactions import WorkspaceSession

MOST_ROWS = 1_000
"""As many as a template has lines: each is a record with all that follows from it, made while somebody waits."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What becomes of a row: a record called `title`, or nothing because of `problems`; `warnings` ask for a look."""

    place: Place
    title: str
    problems: tuple[CellProblem, ...]
    warnings: tuple[CellProblem, ...]

    @property
    def good(self) -> bool:
        """Whether a record comes of it."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class RecordImport:
    """The rows of a file, and what belongs to none of them (columns that are no field, …)."""

    rows: tuple[ImportRow, ...]
    notes: tuple[CellProblem, ...]

    @property
    def good(self) -> int:
        """How many records come, or came, of it."""
        return sum(row.good for row in self.rows)


class _Looked(Exception):
    """Ends a transaction of which nothing is to stay."""


def require_may_import(caller: Caller, form_key: str) -> None:
    """Raises NotFound and NotAllowed as `records.new_record`."""
    with caller.reading() as db:
        require_add_in(db, caller, published_in(db, caller, form_key))


def template(caller: Caller, form_key: str) -> bytes:
    """The form as an .xlsx file to fill in, with the fields that the caller may fill.

    Raises:
        NotFound, NotAllowed: as `records.new_record`.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        access = require_add_in(db, caller, published)
    form = published.form
    other = access.get("*", "edit")
    held = {key for key in form.fields if access.get(key, other) in ("hidden", "read")}
    return xlsx_template(form, caller.lang, without=held)


def look(caller: Caller, form_key: str, data: bytes) -> RecordImport:
    """What importing the file would do; nothing is changed.

    Raises:
        NotFound, NotAllowed: as `records.new_record`.
        InputInvalid: the file can't be read, names no field of the form, or has too many rows.
    """
    made: list[ImportRow] = []
    with caller.writing() as db:  # the form's table must not be one of the things that are taken back
        tables.ensure_in(db, caller.runtime.database, published_in(db, caller, form_key))
    try:
        with caller.writing() as db:
            published = published_in(db, caller, form_key)
            access = require_add_in(db, caller, published)
            filled = _filled(db, caller, published, data)
            made += [_looked_at(db, caller, published, access, row) for row in filled.rows]
            raise _Looked
    except _Looked:
        return RecordImport(tuple(made), filled.problems)


def import_records(caller: Caller, form_key: str, data: bytes, *, key: str = "") -> RecordImport:
    """Make a record of every good row; what is said of the others is why there is none.

    `key`: that of the page which asks. The same file under the same key twice makes no record twice.

    Raises: as `look`.
    """
    with caller.reading() as db:
        published = published_in(db, caller, form_key)
        require_add_in(db, caller, published)
        filled = _filled(db, caller, published, data)
    return RecordImport(tuple(_made(caller, form_key, row, key) for row in filled.rows), filled.problems)


def _made(caller: Caller, form_key: str, row: FilledRow, key: str) -> ImportRow:
    if row.problems:
        return ImportRow(row.place, "", tuple(row.problems), ())
    submission = f"{key}:{row.place.row}" if key else None
    try:
        records.create_record(caller, form_key, row.values, submission_key=submission, confirmed=True, keeps_draft=True)
    except RecordInvalid as error:
        return ImportRow(row.place, "", tuple(_placed(row, error.errors)), ())
    except (FormloomError, IntegrityError) as error:
        sentence = str(error) if isinstance(error, FormloomError) else gettext(caller.lang, "This can't be saved now.")
        return ImportRow(row.place, "", (CellProblem(row.place, sentence),), ())
    return ImportRow(row.place, "", (), ())


def _looked_at(
    db: WorkspaceSession, caller: Caller, published: PublishedForm, access: Accesses, row: FilledRow
) -> ImportRow:
    """What a row would do, done in a savepoint."""
    warnings: Sequence[Problem] = ()
    for confirmed in (False, True):
        try:
            with db.begin_nested():
                consent = Consent(confirmed=confirmed)
                record = insert_in(db, caller, published, row.values, access=access, consent=consent)
                if row.problems:
                    raise RecordInvalid(())
        except Unconfirmed as error:
            warnings = error.warnings
        except RecordInvalid as error:
            unread = {problem.place for problem in row.problems}
            found = [each for each in _placed(row, error.errors) if each.place not in unread]
            return ImportRow(row.place, "", (*row.problems, *found), ())
        except FormloomError as error:
            return ImportRow(row.place, "", (*row.problems, CellProblem(row.place, str(error))), ())
        else:
            return ImportRow(row.place, record.title, (), tuple(_placed(row, warnings)))
    return ImportRow(row.place, "", tuple(row.problems), ())


def _placed(row: FilledRow, problems: Sequence[Problem]) -> Iterator[CellProblem]:
    return (CellProblem(row.place_of(problem.pointer), problem.message) for problem in problems)


def _filled(db: WorkspaceSession, caller: Caller, published: PublishedForm, data: bytes) -> Filled:
    try:
        finder = _Finder(db, caller, organisation(db, caller))
        filled = read_filled(published.form, sheets_of(data, caller.lang), caller.lang, caller.zone, finder)
    except NoWorkbook as error:
        raise InputInvalid({"file": str(error)}) from error
    if not filled.rows:
        raise InputInvalid({"file": gettext(caller.lang, "No row of this file is filled in.")})
    if len(filled.rows) > MOST_ROWS:
        said = "This file has {count} filled rows; at most {most} can be imported at once."
        raise InputInvalid({"file": gettext(caller.lang, said, count=len(filled.rows), most=MOST_ROWS)})
    return filled


@dataclass(slots=True)
class _Finder:
    """Finds members by name, address or id, departments by name, path or id, and linked records by title or id."""

    db: WorkspaceSession
    caller: Caller
    known: Organisation
    called: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def find(self, field: Field, text: str) -> list[str]:
        """The ids of those that are called `text`."""
        if field.type.name == "link":
            return self._records(str(field.settings.get("form", "")), text)
        if not self.called:
            self.called = {"member": self._members(), "department": self._departments()}
        return self.called.get(field.type.name, {}).get(fold(text), [])

    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for member in self.known.document["members"]:
            if member.get("active", True):
                names = {fold(str(member["name"])), fold(str(member.get("email") or "")), fold(str(member["id"]))}
                for name in names - {""}:
                    found.setdefault(name, []).append(str(member["id"]))
        return found

    def _departments(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        parents = {str(each["id"]): each.get("parent") for each in self.known.document["departments"]}
        for ident, (name, translations) in self.known.departments.items():
            path, above = [name], parents.get(ident)
            while above in self.known.departments:
                path.insert(0, self.known.departments[str(above)][0])
                above = parents.get(str(above))
            for word in {fold(each) for each in (name, *translations.values(), " / ".join(path), ident)}:
                found.setdefault(word, []).append(ident)
        return found

    def _records(self, form_key: str, text: str) -> list[str]:
        asked = (form_key, text)
        if asked not in self.records:
            published = published_in(self.db, self.caller, form_key)
            named = titled_in(self.db, self.caller, form_key, text)
            there = [record for record in named if record.deleted_at is None]
            seen = [record for record in there if sees_in(self.db, self.caller, published, record)]
            self.records[asked] = [record.id for record in seen]
        return self.records[asked]
