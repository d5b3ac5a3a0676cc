"""Rows on their way into the database: gathered while a transaction works, and written before anybody could look.

One use case writes a dozen rows of as many tables: a record, its projection, events, tasks, notices, what goes out.
Statement by statement each costs SQLAlchemy 50 µs and PostgreSQL a message and an answer. Here SQLite gets SQL that is
compiled once a table, PostgreSQL one statement for all (measured; docs/decisions/rows-written-together.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Insert, Table, Update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError

from formloom.platform.one_statement import (
    KEY,
    NOBODY,
    InsertedRows,
    Names,
    Part,
    Row,
    StillSo,
    UpdatedRow,
    joined,
    keyed_update,
    taker,
    unless_there,
)
from formloom.platform.prepared import Executing


class _OnSqlite:
    """A statement over one table, and how a row becomes what the driver takes."""

    def __init__(self, table: Table, names: Names, there: Names, dialect: Dialect) -> None:
        self.table = table
        columns = [name for name in names if not name.startswith(KEY)]
        compiled = _statement(table, names, there).compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        self.taken = taker(table, compiled.positiontup or (), dialect)


@dataclass(slots=True)
class _Batch:
    """Rows for one statement, one after the other. `otherwise` is raised where its one row is not there any more."""

    statement: Any
    rows: list[Any]
    otherwise: Exception | None = None


class Writes:
    """What one transaction has not written yet, in the order in which it came."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._batches: list[_Batch] = []

    def __bool__(self) -> bool:
        return bool(self._batches)

    @property
    def at_once(self) -> bool:
        """Whether all of it is one statement, which needs no BEGIN and no COMMIT."""
        return self._dialect.name != "sqlite" and len(list(_groups(self._batches))) < 2

    def add(self, table: Table, row: Row, *, there: Names = (), otherwise: Exception | None = None) -> None:
        """Write `row` later: an UPDATE where it has keys (see `keyed`), else an INSERT of all its columns.

        Where it is there already, only the columns `there` of it change. `otherwise` is raised when it is written and
        there is no row with these keys.
        """
        statement = _compiled(table, tuple(row), there, self._dialect, must=otherwise is not None)
        last = self._batches[-1] if self._batches else None
        if last is not None and last.statement is statement and not isinstance(statement, UpdatedRow):
            last.rows.append(statement.taken(row))
        else:
            self._batches.append(_Batch(statement, [statement.taken(row)], otherwise))

    def expect(self, still: StillSo, values: Row, otherwise: Exception) -> None:
        """On PostgreSQL: raise `otherwise`, and write nothing, where `still` gives no row for these values."""
        self._batches.append(_Batch(still, [values], otherwise))

    def clear(self) -> None:
        """Forget what is not written: its transaction was rolled back."""
        self._batches.clear()

    def write(self, held: Executing) -> None:
        """Write all of it.

        Raises:
            sqlalchemy.exc.DBAPIError: the database refused a row, as of any other statement.
            Exception: the `otherwise` of a row that is not there any more.
        """
        batches, self._batches = self._batches, []
        if self._dialect.name == "sqlite":
            _one_by_one(held, batches)
        else:
            for group in _groups(batches):
                _together(held, group)


def _one_by_one(held: Executing, batches: list[_Batch]) -> None:
    for batch in batches:
        held.execute(batch.statement.sql, batch.rows if len(batch.rows) > 1 else batch.rows[0])
        if batch.otherwise is not None and held.changed != 1:
            raise batch.otherwise


def _groups(batches: list[_Batch]) -> Iterator[list[_Batch]]:
    """Those that can be one statement: it sees a table as it was before it, so it writes to it once."""
    group: list[_Batch] = []
    for batch in batches:
        if any(other.statement.table is batch.statement.table for other in group):
            yield group
            group = []
        group.append(batch)
    if group:
        yield group


def _together(held: Executing, group: list[_Batch]) -> None:
    parts = [(batch.statement.part(len(batch.rows)), batch.rows) for batch in group]
    sql, order = joined(tuple(part for part, _ in parts), held.dialect)
    values = {name: value for part, rows in parts for name, value in part.values(rows).items()}
    try:
        held.execute(sql, order(values))
    except DBAPIError as error:
        for batch in group:
            if batch.otherwise is not None and getattr(error.orig, "sqlstate", None) == NOBODY:
                raise batch.otherwise from error
        raise


def keyed(key: Row, values: Row) -> Row:
    """The row that changes `values` where the columns of `key` are what it says."""
    return {KEY + name: value for name, value in key.items()} | dict(values)


def insert_unless(table: Table, *, sqlite: bool) -> Any:
    """An INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`, which both databases know."""
    return sqlite_dialect.insert(table) if sqlite else postgresql.insert(table)


def _compiled(table: Table, names: Names, there: Names, dialect: Dialect, *, must: bool) -> Any:
    """Kept at the table, so that it is gone with it."""
    kept: dict[tuple[str, Names, Names, bool], _OnSqlite | Part] = table.info.setdefault("writes", {})
    found = kept.get((dialect.name, names, there, must))
    if found is None:
        if dialect.name == "sqlite":
            found = _OnSqlite(table, names, there, dialect)
        elif any(name.startswith(KEY) for name in names):
            found = UpdatedRow(table, names, dialect, must=must)
        else:
            found = InsertedRows(table, names, there, dialect)
        kept[dialect.name, names, there, must] = found
    return found


def _statement(table: Table, names: Names, there: Names) -> Insert | Update:
    if any(name.startswith(KEY) for name in names):
        return keyed_update(table, {name: name for name in names})
    insert: Insert = unless_there(sqlite_dialect.insert(table), table, there)
    return insert
