"""Statements that are compiled once and run without SQLAlchemy: on the driver's own cursor, or by libpq.

What nearly every use case asks and writes costs SQLAlchemy four times what it costs the driver: compiling is cached, but
the execution, its context and its result are made anew each time (measured; docs/decisions/rows-written-together.md).
"""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import JSON, ClauseElement, Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from formloom.platform.json_column import from_json, to_json
from formloom.platform.libpq import NUMBERED, Rows

Parameters = tuple[Any, ...]


class Executing(Protocol):
    """What runs statements past SQLAlchemy (see held.py)."""

    dialect: Dialect
    changed: int
    """On SQLite: how many rows the last statement wrote."""

    def execute(self, sql: str, values: Parameters | list[Parameters]) -> Rows:
        """Run a statement, once, or on SQLite for each of a list of values. Its rows."""


class PreparedSelect:
    """A SELECT whose values are bound parameters. Its rows are named tuples of its columns, in their order.

    `locks`: it locks rows, so it is of use in a transaction only. `scoped`: it was looked at, and keeps to one workspace
    (see guard.py).
    """

    def __init__(self, query: Select[Any], *, locks: bool = False) -> None:
        self.query = query
        self.locks = locks
        self.scoped = False
        self._row: Any = namedtuple("Row", [column.key for column in query.selected_columns], rename=True)
        self._compiled: dict[str, _CompiledSelect] = {}

    def rows(self, held: Executing, values: Mapping[str, Any]) -> list[Any]:
        """All rows for these values of its parameters.

        Raises:
            sqlalchemy.exc.DBAPIError: as of any other statement.
        """
        dialect = held.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _CompiledSelect(self.query, dialect)
        found = held.execute(compiled.sql, compiled.parameters(values))
        return [self._row._make(compiled.read(row)) for row in found]


class _CompiledSelect:
    """A SELECT for one kind of database, with what turns values into the driver's and back."""

    def __init__(self, query: Select[Any], dialect: Dialect) -> None:
        compiled = numbered(query, dialect)
        self.sql = str(compiled)
        binds = ((name, compiled.binds[name]) for name in compiled.positiontup or ())
        self._binds = [(name, bind.value, binder(bind.type, dialect)) for name, bind in binds]
        readers = [_reader(column.type, dialect) for column in query.selected_columns]
        self._readers = [(place, reader) for place, reader in enumerate(readers) if reader is not None]

    def parameters(self, values: Mapping[str, Any]) -> Parameters:
        """What the driver takes."""
        given = []
        for name, value, process in self._binds:
            value = values.get(name, value)
            given.append(value if process is None else process(value))
        return tuple(given)

    def read(self, row: tuple[Any, ...]) -> Sequence[Any]:
        """A row as its columns' types have it."""
        if not self._readers:
            return row
        values = list(row)
        for place, reader in self._readers:
            if values[place] is not None:
                values[place] = reader(values[place])
        return values


def numbered(statement: ClauseElement, dialect: Dialect) -> Any:
    """A statement compiled with parameters that have an order: `?` on SQLite, `$1` on PostgreSQL."""
    return statement.compile(dialect=dialect if dialect.name == "sqlite" else NUMBERED)


def binder(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """What turns a value of this type into what the driver takes; None where it takes it as it is."""
    if isinstance(kind, JSON):
        return _to_json
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _to_json(value: Any) -> str | None:
    return None if value is None else to_json(value)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """What turns the driver's value (but NULL) into one of this type; None where it is one."""
    if isinstance(kind, JSON) and dialect.name == "sqlite":
        return from_json
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def as_told(error: Exception, dialect: Dialect) -> Exception:
    """The driver's error as SQLAlchemy's, as of a statement that it ran itself."""
    driver: Any = dialect.loaded_dbapi.Error
    return DBAPIError.instance("SQL", None, error, driver, dialect=dialect)
