"""The shop's database as it was when it was remembered under a name: a copy of each database on the same server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import conninfo, sql
from psycopg.rows import dict_row

OWN = "shop"
COPIES = "kept_"
_ALL = """
SELECT d.datname AS name, d.oid::int8 AS oid, d.datallowconn AS open, shobj_description(d.oid, 'pg_database') AS comment
  FROM pg_database d WHERE d.datname = %s OR d.datname ^@ %s ORDER BY d.datname
"""


@dataclass(frozen=True)
class Copy:
    """What a copy of a database does not carry with it."""

    of: str
    name: str
    oid: int
    """Of what it is a copy of: comments may name a database by it."""
    open: bool
    comment: str | None


class Kept:
    """Copies by name; whoever is connected to what is copied or put back is thrown out."""

    def __init__(self, dsn: str) -> None:
        self._dsn = conninfo.make_conninfo(dsn, dbname="postgres")
        self._kept: dict[str, list[Copy]] = {}

    async def keep(self, name: str) -> None:
        """The shop's database and those that restores have left beside it."""
        async with await self._connect() as server:
            await _drop(server, await _all(server, "", f"{COPIES}{name}_{OWN}"))
            copies = []
            for row in await _all(server, OWN, f"{OWN}_"):
                copy = Copy(row["name"], f"{COPIES}{name}_{row['name']}", row["oid"], row["open"], row["comment"])
                await _let_in(server, copy.of, False)
                try:
                    await _copy(server, copy.of, copy.name)
                finally:
                    await _let_in(server, copy.of, copy.open)
                await _let_in(server, copy.name, False)
                copies.append(copy)
            self._kept[name] = copies

    async def put_back(self, name: str) -> None:
        """As they were then, and no others."""
        async with await self._connect() as server:
            await _drop(server, await _all(server, OWN, f"{OWN}_"))
            for copy in self._kept[name]:
                await _copy(server, copy.name, copy.of)
            new = {row["name"]: row["oid"] for row in await _all(server, OWN, f"{OWN}_")}
            oids = {str(copy.oid): str(new[copy.of]) for copy in self._kept[name]}
            for copy in self._kept[name]:
                database, comment = sql.Identifier(copy.of), copy.comment
                if comment:
                    comment = re.sub(r"\b\d+\b", lambda found: oids.get(found[0], found[0]), comment)
                await server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, sql.Literal(comment)))
                await _let_in(server, copy.of, copy.open)

    async def forget(self) -> None:
        """No copy is left, not even one of an earlier process."""
        self._kept.clear()
        async with await self._connect() as server:
            await _drop(server, await _all(server, "", COPIES))

    async def _connect(self) -> psycopg.AsyncConnection[dict[str, Any]]:
        return await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, row_factory=dict_row)


Server = psycopg.AsyncConnection[dict[str, Any]]


async def _all(server: Server, name: str, beginning: str) -> list[dict[str, Any]]:
    return await (await server.execute(_ALL, [name, beginning])).fetchall()


async def _copy(server: Server, source: str, name: str) -> None:
    """Of a database that lets nobody in: whoever came back between the two would make it impossible."""
    await server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [source])
    await server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source)))


async def _let_in(server: Server, name: str, anybody: bool) -> None:
    allow = sql.SQL("true" if anybody else "false")
    await server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(name), allow))


async def _drop(server: Server, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        await server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(row["name"])))
