"""Statements that are compiled once and run on the driver's own cursor.

What nearly every use case asks and writes costs SQLAlchemy four times what it costs the driver: compiling is cached, but
the execution, its context and its result are made anew each time (measured; docs/decisions/rows-written-together.md).
"""

from collections import namedtuple
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import JSON, Dialect, Select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from formloom.platform.json_column import from_json, to_json

Parameters = tuple[Any, ...] | dict[str, Any]


class Executing(Protocol):
    """What runs statements on the driver's cursor (see held.py)."""

    dialect: Dialect

    def execute(self, sql: str, values: Parameters | list[Any]) -> DBAPICursor:
        """Run a statement, once, or for each of a list of values."""


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
        found = held.execute(compiled.sql, compiled.parameters(values)).fetchall()
        return [self._row._make(compiled.read(row)) for row in found]


class _CompiledSelect:
    """A SELECT for one kind of database, with what turns values into the driver's and back."""

    def __init__(self, query: Select[Any], dialect: Dialect) -> None:
        compiled = query.compile(dialect=dialect)
        self.sql = str(compiled)
        self._positional = dialect.positional
        self._binds = [
            (name, bind.value, binder(bind.type, dialect))
            for name, bind in ((name, compiled.binds[name]) for name in compiled.positiontup or compiled.binds)
        ]
        readers = [_reader(column.type, dialect) for column in query.selected_columns]
        self._readers = [(place, reader) for place, reader in enumerate(readers) if reader is not None]

    def parameters(self, values: Mapping[str, Any]) -> Parameters:
        """What the driver takes."""
        given = {}
        for name, value, process in self._binds:
            value = values.get(name, value)
            given[name] = value if process is None else process(value)
        if self._positional:
            return tuple(given[name] for name, _, _ in self._binds)
        return given

    def read(self, row: tuple[Any, ...]) -> list[Any]:
        """A row as its columns' types have it."""
        values = list(row)
        for place, reader in self._readers:
            if values[place] is not None:
                values[place] = reader(values[place])
        return values


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
