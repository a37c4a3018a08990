"""Real databases behind those that the emulated vendors say they have, on a server that `control databases` names."""

from __future__ import annotations

import psycopg
from psycopg import conninfo, sql

from sandbox.state import State

WRITTEN = "written_at"
"""The column that says when a row was written: a copy as of a moment lacks the later ones."""


def url(state: State, name: str) -> str:
    """How to reach the database of that name; empty without a server."""
    server: str = state.settings.get("databases") or ""
    if not server:
        return ""
    return _url({**conninfo.conninfo_to_dict(server), "dbname": name})


def _url(parts: dict[str, object]) -> str:
    user = f"{parts['user']}:{parts['password']}" if parts.get("password") else parts["user"]
    return f"postgresql://{user}@{parts['host']}:{parts['port']}/{parts['dbname']}"


def copy(state: State, source: str, name: str, at: int) -> None:
    """A new database with what the other one held at that instant (ms)."""
    server = state.settings.get("databases")
    if not server:
        return
    with psycopg.connect(server, autocommit=True) as connection:
        _close(connection, source)
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        connection.execute(copied)
    with psycopg.connect(url(state, name), autocommit=True) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.columns WHERE column_name = %s", [WRITTEN]
        ).fetchall()
        for table in tables:
            later = sql.SQL("DELETE FROM {} WHERE {} > to_timestamp(%s / 1000.0)")
            connection.execute(later.format(sql.Identifier(*table), sql.Identifier(WRITTEN)), [at])


def rename(state: State, name: str, new: str) -> None:
    """The database of that name gets another one."""
    server = state.settings.get("databases")
    if not server:
        return
    with psycopg.connect(server, autocommit=True) as connection:
        _close(connection, name)
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(new)))


def empty(state: State, name: str) -> None:
    """A new database with nothing in it."""
    if server := state.settings.get("databases"):
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def drop(state: State, name: str) -> None:
    """Gone, whoever is connected."""
    if server := state.settings.get("databases"):
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _close(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Whoever is connected would be in the way."""
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
