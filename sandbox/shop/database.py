"""The shop's tables, and a handful of connections to them."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql
from psycopg.rows import dict_row

Connection = psycopg.AsyncConnection[dict[str, Any]]

CUSTOMER = ("shopper@rachelfoods.test", "sandbox-password")
_PRODUCTS = [
    ("Sourdough bread", 520),
    ("Olive oil, 500 ml", 1290),
    ("Vegetable box", 2450),
    ("Coffee beans, 1 kg", 2190),
    ("Goat cheese", 780),
]

MIGRATIONS = Path(__file__).parent / "migrations"
FIRST, *LATER = sorted(path.parent.name for path in MIGRATIONS.glob("*/migration.sql"))
"""The schema as it is, and what `break` applies; all of them in the code, as Prisma has it."""
_PRISMA = """
CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
  logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0);
"""
_ROW = """
INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, logs, applied_steps_count)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
SLOW_QUERY = "slow-query"
_EXPORT = "nightly-export"
_EXPORTS = "SELECT orders.* FROM pg_sleep(86400) AS slowly LEFT JOIN orders ON status = 'paid'"
"""What a job runs that everybody has forgotten, under a lock that keeps the shop from its catalogue."""
_LOST = "TRUNCATE order_items; DELETE FROM products"
"""What a job does that was meant for a test database: the shop has nothing to sell."""
BREAKS = {"data": "", SLOW_QUERY: "", **{name.partition("_")[2].replace("_", "-"): name for name in LATER}}
"""What can be broken, and the migration that does it where one does."""


def password_hash(password: str) -> str:
    """Cheap on purpose: the only customer is made up."""
    return hashlib.scrypt(password.encode(), salt=b"sandbox", n=256, r=8, p=1).hex()


class Database:
    """A few open connections, lent one at a time."""

    def __init__(self, dsn: str, size: int = 4) -> None:
        self._dsn, self._size = dsn, size
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        self._lost: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Connect, and make the tables and their few fixed rows when they are missing."""
        for _ in range(self._size):
            self._free.put_nowait(await self._connect())
        async with self.connection() as db, db.transaction():
            there = await (await db.execute("SELECT to_regclass('_prisma_migrations') AS found")).fetchone()
            if not (there and there["found"]):
                await self._make(db)

    async def _connect(self, database: str = "shop") -> Connection:
        dsn = conninfo.make_conninfo(self._dsn, dbname=database)
        return await psycopg.AsyncConnection.connect(dsn, autocommit=True, row_factory=dict_row)

    async def _make(self, db: Connection) -> None:
        await db.execute(_PRISMA.encode())
        await self._apply(db, FIRST)
        email, password = CUSTOMER
        insert = "INSERT INTO customers (email, password_hash) VALUES (%s, %s)"
        await db.execute(insert, (email, password_hash(password)))
        for product in _PRODUCTS:
            await db.execute("INSERT INTO products (name, price_cents) VALUES (%s, %s)", product)

    async def _apply(self, db: Connection, name: str) -> None:
        """As `prisma migrate deploy` does: a row first, then the script, then the row's end or the error."""
        script, began = (MIGRATIONS / name / "migration.sql").read_bytes(), datetime.now(UTC)
        end, logs, steps = began, None, 1
        try:
            async with db.transaction():
                await db.execute(script)
            end = datetime.now(UTC)
        except psycopg.Error as error:
            end, logs, steps = None, str(error), 0  # type: ignore[assignment]
        row = (str(uuid.uuid4()), hashlib.sha256(script).hexdigest(), name, began, end, logs, steps)
        await db.execute(_ROW, row)

    async def spoil(self, what: str) -> dict[str, Any]:
        """Run a migration that goes wrong, or let a job delete what it should not or stand in the way; when."""
        at = datetime.now(UTC)
        if what == SLOW_QUERY:
            await self._export()
        else:
            async with self.connection() as db, db.transaction():
                if BREAKS[what]:
                    await self._apply(db, BREAKS[what])
                else:
                    await db.execute(_LOST.encode())
        return {"at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "migration": BREAKS[what] or None}

    async def _export(self) -> None:
        """Begin it; it goes on until somebody ends its session."""
        dsn = conninfo.make_conninfo(self._dsn, application_name=_EXPORT)
        export = await psycopg.AsyncConnection.connect(dsn)
        await export.execute("LOCK TABLE products IN ACCESS EXCLUSIVE MODE")

        async def go_on() -> None:
            with suppress(psycopg.Error):
                await export.execute(_EXPORTS.encode())
            await export.close()

        self._exports = asyncio.create_task(go_on())

    async def close(self) -> None:
        for task in self._lost:
            task.cancel()
        while not self._free.empty():
            await self._free.get_nowait().close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Borrow a connection; one that the server has closed meanwhile is replaced, as the pools of real programs do."""
        connection = await self._free.get()
        try:
            with suppress(psycopg.OperationalError):
                await connection.execute("")
            if connection.closed:
                connection = await self._connect()
            yield connection
        finally:
            self._free.put_nowait(connection)

    def in_use(self) -> float:
        """Percent of the connections that are lent."""
        return 100 * (1 - self._free.qsize() / self._size)

    async def lose(self, still: Callable[[], bool]) -> None:
        """Borrow a connection until `still` says no, as a process does that forgets it: the end of the process gives it back."""
        connection = await self._free.get()

        async def keep() -> None:
            while still():
                await asyncio.sleep(0.05)
            self._free.put_nowait(connection)

        task = asyncio.create_task(keep())
        self._lost.add(task)
        task.add_done_callback(self._lost.discard)

    async def reset(self) -> None:
        """No orders; and where the database was broken, restored or swapped, a new one in its place."""
        async with await self._connect("postgres") as server:
            await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (_EXPORT,))
            found = await (await server.execute("SELECT datname FROM pg_database WHERE datname ^@ 'shop_'")).fetchall()
            for row in found:
                await server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(row["datname"])))
            await server.execute("ALTER DATABASE shop ALLOW_CONNECTIONS true")
            await server.execute("COMMENT ON DATABASE shop IS NULL")
        async with self.connection() as db, db.transaction():
            names = await (await db.execute("SELECT migration_name FROM _prisma_migrations")).fetchall()
            products = await (await db.execute("SELECT id FROM products ORDER BY id")).fetchall()
            if [row["migration_name"] for row in names] == [FIRST] and [row["id"] for row in products] == [1, 2, 3, 4, 5]:
                await db.execute("TRUNCATE orders, order_items RESTART IDENTITY")
            else:
                await db.execute("DROP TABLE order_items, orders, products, customers, _prisma_migrations CASCADE")
                await self._make(db)
