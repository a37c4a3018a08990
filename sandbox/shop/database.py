"""The shop's tables, and a handful of connections to them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
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
_SCHEMA = """
CREATE TABLE IF NOT EXISTS products (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE NOT NULL, price_cents int NOT NULL);
CREATE TABLE IF NOT EXISTS customers (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL, password_hash text NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int NOT NULL REFERENCES customers,
  status text NOT NULL, total_cents int NOT NULL, payment text, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS order_items (
  order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, product_id int NOT NULL REFERENCES products,
  quantity int NOT NULL CHECK (quantity > 0), PRIMARY KEY (order_id, product_id));
"""


def password_hash(password: str) -> str:
    """Cheap on purpose: the only customer is made up."""
    return hashlib.scrypt(password.encode(), salt=b"sandbox", n=256, r=8, p=1).hex()


class Database:
    """A few open connections, lent one at a time."""

    def __init__(self, dsn: str, size: int = 4) -> None:
        self._dsn, self._size = dsn, size
        self._free: asyncio.Queue[Connection] = asyncio.Queue()

    async def open(self) -> None:
        """Connect, and make the tables and their few fixed rows when they are missing."""
        for _ in range(self._size):
            connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, row_factory=dict_row)
            self._free.put_nowait(connection)
        async with self.connection() as db, db.transaction():
            await db.execute(_SCHEMA)
            email, password = CUSTOMER
            await db.execute(
                "INSERT INTO customers (email, password_hash) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (email, password_hash(password)),
            )
            for product in _PRODUCTS:
                await db.execute(
                    "INSERT INTO products (name, price_cents) VALUES (%s, %s) ON CONFLICT DO NOTHING", product
                )

    async def close(self) -> None:
        while not self._free.empty():
            await self._free.get_nowait().close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Borrow a connection; one that the server has closed meanwhile is replaced."""
        connection = await self._free.get()
        try:
            if connection.closed:
                connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, row_factory=dict_row)
            yield connection
        finally:
            self._free.put_nowait(connection)

    async def delete_orders(self) -> None:
        async with self.connection() as db:
            await db.execute("TRUNCATE orders, order_items RESTART IDENTITY")
