"""A database with migrations, written the way Prisma writes them (recorded from its engine), and the folder they come from."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.postgres.clusters import Cluster

TABLE = """
CREATE TABLE _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)
"""
INIT = """
CREATE TABLE "User" ("id" SERIAL NOT NULL, "email" TEXT NOT NULL, CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Order" ("id" SERIAL NOT NULL, "userId" INTEGER NOT NULL, CONSTRAINT "Order_pkey" PRIMARY KEY ("id"));
-- AddForeignKey
ALTER TABLE "Order" ADD CONSTRAINT "Order_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
"""
TIERS = 'ALTER TABLE "User" ADD COLUMN "tier" TEXT;\nCREATE INDEX "User_tier_idx" ON "User" USING btree ("tier");\n'
TIERS_DOWN = 'ALTER TABLE "User" DROP COLUMN "tier";\n'
FIRST, SECOND = "20260101000000_init", "20260113101500_add_loyalty_tiers"


@dataclass
class History:
    """C(url) has Prisma's own parameters."""

    cluster: Cluster
    folder: Path
    schema: str = "public"
    scripts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cluster: Cluster, folder: Path) -> History:
        """The first two migrations applied, and a few rows."""
        cluster.run("CREATE DATABASE shop")
        history = cls(cluster, folder)
        history.write(FIRST, INIT)
        history.write(SECOND, TIERS, TIERS_DOWN)
        cluster.run(TABLE, "shop")
        history.deploy(FIRST)
        cluster.run("""INSERT INTO "User" (email) VALUES ('a@example.com'), ('b@example.com')""", "shop")
        cluster.run('INSERT INTO "Order" ("userId") VALUES (1), (2), (2)', "shop")
        history.deploy(SECOND)
        return history

    @property
    def url(self) -> str:
        return f"{self.cluster.url('shop')}?schema={self.schema}&connection_limit=5"

    def write(self, name: str, script: str, down: str = "") -> None:
        place = self.folder / name
        place.mkdir(parents=True)
        (place / "migration.sql").write_text(script)
        if down:
            (place / "down.sql").write_text(down)
        self.scripts[name] = script

    def deploy(self, name: str) -> bool:
        """One migration, as C(migrate deploy) does it; whether it went through."""
        script = self.scripts[name]
        row = str(uuid.uuid4())
        with self.cluster.connect("shop") as connection:
            connection.execute("SELECT pg_advisory_lock(72707369)")
            connection.execute(
                "INSERT INTO _prisma_migrations (id, checksum, started_at, migration_name) VALUES (%s, %s, clock_timestamp(), %s)",
                [row, hashlib.sha256(script.encode()).hexdigest(), name],
            )
            try:
                connection.execute(script.encode())
            except psycopg.Error as error:
                connection.execute("UPDATE _prisma_migrations SET logs = %s WHERE id = %s", [f"ERROR: {error}", row])
                return False
            connection.execute("UPDATE _prisma_migrations SET applied_steps_count = applied_steps_count + 1 WHERE id = %s", [row])
            connection.execute("UPDATE _prisma_migrations SET finished_at = clock_timestamp() WHERE id = %s", [row])
        return True

    def rows(self) -> list[Any]:
        """Everything in Prisma's table."""
        return self.cluster.rows("SELECT * FROM _prisma_migrations ORDER BY started_at", "shop")

    def columns(self) -> set[str]:
        query = "SELECT column_name FROM information_schema.columns WHERE table_name = 'User'"
        return {row[0] for row in self.cluster.rows(query, "shop")}
