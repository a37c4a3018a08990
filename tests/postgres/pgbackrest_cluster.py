"""A server whose write-ahead log pgBackRest archives into a repository of a test's own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.postgres import _give, _identity
from tests.postgres.clusters import Cluster
from tests.postgres.test_restore_faults import until

PROGRAM = shutil.which("pgbackrest")
STANZA = "demo"


@dataclass
class Archived:
    """The server, and what pgBackRest is told of it."""

    cluster: Cluster
    config: Path

    @property
    def repository(self) -> Path:
        return self.cluster.home / "repository"

    @property
    def url(self) -> str:
        return self.cluster.url("shop")

    def options(self, good_at: datetime | str, **more: Any) -> dict[str, Any]:
        """Of a restore to that moment."""
        text = good_at if isinstance(good_at, str) else good_at.isoformat()
        wanted = {"url": self.url, "pgbackrest_stanza": STANZA, "pgbackrest_config": str(self.config), "good_at": text}
        return {**wanted, "scratch": str(self.scratch), "from_database": None, **more}

    @property
    def stalled(self) -> Path:
        """Nothing is archived as long as there is this file."""
        return self.cluster.home / "stalled"

    @property
    def scratch(self) -> Path:
        return self.cluster.home / "scratch"

    def pgbackrest(self, *arguments: str) -> str:
        command = [str(PROGRAM), f"--config={self.config}", f"--stanza={STANZA}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **_identity())
        assert not done.returncode, done.stderr
        return done.stdout

    def backup(self) -> datetime:
        """Taken; the first moment that is surely after it, when it is over."""
        self.pgbackrest("backup", "--type=full", "--no-expire-auto")
        stop = json.loads(self.pgbackrest("info", "--output=json"))[0]["backup"][-1]["timestamp"]["stop"]
        after = datetime.fromtimestamp(stop, UTC) + timedelta(seconds=1)
        until(lambda: self.now() > after, "the second of the backup is over")
        return after

    def now(self) -> datetime:
        moment: datetime = self.cluster.rows("SELECT clock_timestamp()")[0][0]
        return moment.astimezone(UTC)

    def segments(self) -> list[Path]:
        """What is archived."""
        return sorted(path for path in (self.repository / "archive").rglob("*") if path.is_file() and "info" not in path.name)


@contextmanager
def archived() -> Iterator[Archived]:
    """Started and known to pgBackRest, without any backup."""
    cluster = Cluster(15)
    home = cluster.home
    found = Archived(cluster, home / "pgbackrest.conf")
    try:
        for directory in (found.repository, home / "work"):
            directory.mkdir()
            _give(directory)
        found.scratch.mkdir()
        found.config.write_text(
            f"[global]\nrepo1-path={found.repository}\nlock-path={home}/work\nlog-path={home}/work\nspool-path={home}/work\nstart-fast=y\n"
            f"compress-type=lz4\nrepo1-retention-full=9\nrepo1-bundle=y\nlog-level-file=off\n"
            f"[{STANZA}]\npg1-path={cluster.data}\npg1-port={cluster.port}\npg1-socket-path={home}\npg1-user=postgres\n"
        )
        push = f"'test ! -e {found.stalled} && {PROGRAM} --config={found.config} --stanza={STANZA} archive-push %p'"
        cluster.settings |= {"archive_mode": "on", "archive_command": push, "unix_socket_directories": str(home), "full_page_writes": "on"}
        cluster.start()
        found.pgbackrest("stanza-create")
        yield found
    finally:
        cluster.stop("immediate")
        cluster.remove()
