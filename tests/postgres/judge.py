"""Judges what became of an attempt to restore: complete in every byte, or refused with nothing changed and nothing left behind."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from sandbox.addresses import HOST
from tests.postgres import shop
from tests.postgres.clusters import Cluster

RESTORED, ALTERED, REFUSED = "restored", "altered", "refused"
BLIND = "has no checksum"
"""So the product says what it cannot see."""
ROLES = "SELECT rolname FROM pg_roles ORDER BY 1"
OF_LARGE_OBJECTS = re.compile(r"LARGE OBJECT|pg_catalog\.lo|^BEGIN;$|^COMMIT;$")
NOISE = re.compile(r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*|)$")


def text(cluster: Cluster, pg_dump: Path, name: str = "shop") -> list[str]:
    """All of a database, line by line: what PostgreSQL's own program writes of it, in the order of their text."""
    command = [str(pg_dump), "-h", HOST, "-p", str(cluster.port), "-U", "postgres", "-d", name]
    written = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    lines = [line for line in written.split("\n") if not NOISE.match(line) and "pg_catalog.setval(" not in line]
    return sorted(lines)


@dataclass
class Judge:
    """A live shop that differs from what the dumps hold, and what an observer saw of both."""

    cluster: Cluster
    pg_dump: Path
    dumped: list[str]
    scratch: Path

    def __post_init__(self) -> None:
        self.live, self.roles = shop.seen(self.cluster), self.cluster.rows(ROLES)
        self.counts: Counter[str] = Counter()

    def tried(self, source: Path, large_objects: bool = True, **options: Any) -> str:
        """C(restored), and then completely; C(altered), of which the product said that it could not see it; or the kind of error."""
        expected = self.dumped if large_objects else [line for line in self.dumped if not OF_LARGE_OBJECTS.search(line)]
        verdict = self._tried(source, expected, options)
        self.counts[verdict if verdict in (RESTORED, ALTERED) else REFUSED] += 1
        return verdict

    def _tried(self, source: Path, expected: list[str], options: dict[str, Any]) -> str:
        given = {"url": self.cluster.url("shop"), "source": str(source), "scratch": str(self.scratch), **options}
        told = shop.run(RESTORE, **given)
        assert not psutil.Process().children(), told
        assert list(self.scratch.iterdir()) == [], told
        assert self.cluster.rows(ROLES) == self.roles, told
        if told.get("failed"):
            assert shop.seen(self.cluster) == self.live, told
            assert self.cluster.databases() == ["shop"], told
            return str(told["error"])
        now = text(self.cluster, self.pg_dump)
        kept = shop.seen(self.cluster, told["kept"])
        self.cluster.run("DROP DATABASE shop")
        self.cluster.run(f'ALTER DATABASE "{told["kept"]}" RENAME TO shop')
        assert kept == self.live, told
        assert self.cluster.databases() == ["shop"], told
        if now == expected:
            return RESTORED
        gone, new = Counter(expected) - Counter(now), Counter(now) - Counter(expected)
        seen = f"restored {source.name}, but not what was dumped: {dict(gone)} became {dict(new)}; {told['looked_at']}"
        assert (gone.total(), new.total()) == (1, 1), seen
        assert any(BLIND in looked for looked in told["looked_at"]), seen
        return ALTERED
