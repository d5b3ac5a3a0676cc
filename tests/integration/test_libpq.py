"""Statements that libpq runs itself, on PostgreSQL: what the driver's cursor does for them elsewhere is done here too."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from installation import POSTGRES
from psycopg.errors import DivisionByZero, UndefinedTable

from formloom.platform.libpq import MOST, Statements

SERVER = POSTGRES.replace("+psycopg", "")


@pytest.fixture
def connection() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        yield connection


def _prepared(connection: psycopg.Connection[Any]) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM pg_prepared_statements ORDER BY prepare_time")]


def test_values_come_back_as_they_were_given(connection: psycopg.Connection[Any]) -> None:
    kinds = ("text", "int", "numeric", "bool", "timestamptz", "date", "text", "text[]")
    at = datetime(2026, 11, 28, 9, 30, 15, 123456, tzinfo=UTC)
    given = ("é 汉字 😀 \\ ' %s $1", 2**31 - 1, Decimal("0.10"), True, at, date(2026, 11, 29), None, ["a", None, "{,}"])
    asked = "SELECT " + ", ".join(f"${number}::{kind}" for number, kind in enumerate(kinds, start=1))
    statements = Statements(connection)
    assert [statements.run(asked, given) for _ in range(3)] == [[given]] * 3


def test_what_runs_a_second_time_is_prepared(connection: psycopg.Connection[Any]) -> None:
    statements = Statements(connection)
    statements.run("SELECT 1", ())
    assert _prepared(connection) == []
    statements.run("SELECT 1", ())
    statements.run("SELECT 1", ())
    assert _prepared(connection) == ["formloom_1"]


def test_what_was_not_run_for_long_is_prepared_no_longer(connection: psycopg.Connection[Any]) -> None:
    statements = Statements(connection)
    for number in range(MOST + 5):
        assert [statements.run("SELECT 'often'", ()) for _ in range(2)] == [[("often",)]] * 2
        assert [statements.run(f"SELECT {number}", ()) for _ in range(2)] == [[(number,)]] * 2
    kept = _prepared(connection)
    assert len(kept) == MOST
    assert kept[:2] == ["formloom_1", "formloom_8"]


def test_what_the_driver_made_the_server_forget_runs_all_the_same(connection: psycopg.Connection[Any]) -> None:
    statements = Statements(connection)
    for _ in range(3):
        statements.run("SELECT 1", ())
        statements.run("SELECT 2", ())
    connection.execute("DEALLOCATE ALL")
    assert [statements.run(f"SELECT {number}", ()) for number in (1, 2, 1, 2)] == [[(1,)], [(2,)]] * 2


def test_an_error_says_what_it_is_and_leaves_the_connection_of_use(connection: psycopg.Connection[Any]) -> None:
    statements = Statements(connection)
    for _ in range(3):
        with pytest.raises(DivisionByZero):
            statements.run("SELECT 1 / $1::int", (0,))
        with pytest.raises(UndefinedTable, match="nowhere"):
            statements.run("SELECT * FROM nowhere", ())
        with pytest.raises(psycopg.DataError, match="NUL"):
            statements.run("SELECT $1::text", ("a\0b",))
    assert statements.run("SELECT 1 / $1::int", (1,)) == [(1,)]


def test_a_connection_that_dies_is_said_to_be_dead(connection: psycopg.Connection[Any]) -> None:
    statements = Statements(connection)
    for _ in range(2):
        statements.run("SELECT 1", ())
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            statements.run("SELECT 1", ())


def test_a_table_that_has_changed_is_read_as_it_is_now(connection: psycopg.Connection[Any]) -> None:
    statements = Statements(connection)
    connection.execute("CREATE TEMPORARY TABLE changed (a int)")
    connection.execute("INSERT INTO changed VALUES (1)")
    for kind, value in (("int", 1), ("text", "1"), ("numeric", Decimal(1))):
        connection.execute(f"ALTER TABLE changed ALTER a TYPE {kind} USING a::{kind}")
        assert [statements.run("SELECT a FROM changed", ()) for _ in range(3)] == [[(value,)]] * 3
