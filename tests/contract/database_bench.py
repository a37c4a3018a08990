"""A vendor's managed database on a sandbox whose databases are real ones, asked the way Ansible runs a module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from sandbox.testing import Box
from tests.contract.bench import printed_by
from tests.contract.databases import DATABASES, Database
from tests.postgres.clusters import Cluster

GOOD, LATER = 5, 3
TABLE = f"""
CREATE TABLE orders (id int PRIMARY KEY, written_at timestamptz NOT NULL);
INSERT INTO orders SELECT n, now() - interval '1 hour' FROM generate_series(1, {GOOD}) n;
INSERT INTO orders SELECT n, now() - interval '1 minute' FROM generate_series({GOOD} + 1, {GOOD + LATER}) n"""
ORDERS = {"name": "orders", "min_rows": GOOD, "max_rows": GOOD, "newest": "written_at", "no_older_than": 7200}


@dataclass
class Bench:
    """One vendor's database, asked through the real module and looked at as applications do."""

    database: Database
    box: Box
    server: Cluster

    def run(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return printed_by(self.database.module.main, check, **self.given(**options))

    def given(self, **options: Any) -> dict[str, Any]:
        return {"poll": 0.05, "timeout": 10, "health_timeout": 1, **self.database.options(self.box), **options}

    def rows(self) -> int:
        """How many orders applications see."""
        with psycopg.connect(self.database.serves(self.box)) as client:
            row = client.execute("SELECT count(*) FROM orders").fetchone()
        return row[0] if row else 0

    def frozen(self) -> Any:
        """All that the vendor remembers, without the steps it takes by itself."""
        return self.box.state()[self.database.name]


@pytest.fixture(params=DATABASES, ids=str)
def bench(request: pytest.FixtureRequest, box: Box, server: Cluster) -> Bench:
    """As it is after a bad hour: the last few orders were written by the release that broke them."""
    database: Database = request.param
    server.clear()
    server.run(f'CREATE DATABASE "{database.real}"')
    server.run(TABLE, database.real)
    box.control("databases", server=server.url())
    database.arrange(box)
    return Bench(database, box, server)


def ago(**past: float) -> str:
    return (datetime.now(UTC) - timedelta(**past)).strftime("%Y-%m-%dT%H:%M:%SZ")
