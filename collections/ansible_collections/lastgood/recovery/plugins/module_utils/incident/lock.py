# SPDX-License-Identifier: GPL-3.0-or-later
"""One rollback of an environment at a time; whoever comes second is told who is at it, since when and why."""
from __future__ import annotations

import fcntl
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import write
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import psutil
else:
    psutil = library("psutil")


class Lock:
    """A file that names its holder. A holder whose process has ended on this host no longer holds anything."""

    def __init__(self, root: str | Path, environment: str) -> None:
        self.path = Path(root) / f".lock-{environment}.json"

    def take(self, holder: dict[str, Any], process: int | None) -> dict[str, Any] | None:
        """Take it for C(holder) (by, incident, reason); returns the dead holder it was taken over from, if any. Locked otherwise."""
        now = moment.iso(datetime.now(UTC))
        with self._alone():
            before = self.holder()
            if before and _same(before, process):
                return None
            if before and _alive(before):
                raise Locked(
                    f"{before['by']} is rolling {before['environment']} back since {before['since']} "
                    f"({before['incident']}: {before['reason'] or 'no reason given'}; process {before['process']} on {before['host']})",
                    f"Talk to {before['by']}. If that run is dead, delete {self.path}.",
                )
            mine = {**holder, "since": now, "host": socket.gethostname(), "process": process, "started": _started(process)}
            write(self.path, json.dumps(mine))
            return before

    def release(self, process: int | None) -> None:
        """Let go, if this process holds it."""
        if not self.path.exists():
            return
        with self._alone():
            before = self.holder()
            if before and _same(before, process):
                self.path.unlink()

    def holder(self) -> dict[str, Any] | None:
        """Who holds it, or held it when it died; a file that cannot be read counts as held."""
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            raise Locked(f"the lock {self.path} cannot be read", "Make sure that nobody is rolling back, then delete it.") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path.with_suffix(".guard"), "w", encoding="utf-8") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)  # the kernel lets go of it however this process ends
            yield


def _started(process: int | None) -> float | None:
    """When the process began, seconds since the epoch; tells it from a later one with the same number."""
    try:
        return None if process is None else psutil.Process(process).create_time()
    except psutil.NoSuchProcess:
        return None


def _same(holder: dict[str, Any], process: int | None) -> bool:
    return holder["host"] == socket.gethostname() and holder["process"] == process and holder["started"] == _started(process)


def _alive(holder: dict[str, Any]) -> bool:
    """Whether the holder may still be at work; on another host nobody here can tell, so it is."""
    if holder["host"] != socket.gethostname() or holder["process"] is None:
        return True
    return holder["started"] is not None and _started(holder["process"]) == holder["started"]
