"""Where people are told of incidents: nothing is released there, and what was told stays to be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sandbox.clock import now_ms
from sandbox.emulator import Bucket, Call
from sandbox.no_releases import NoReleases
from sandbox.state import Row


class Telling(NoReleases):
    """A vendor without targets."""

    served = ()
    steps: ClassVar = {}
    limits: ClassVar = {"call": (60, 60.0)}
    latencies: ClassVar = {"http": 0.0}

    @property
    def rows(self) -> Row:
        rows: Row = self.state.data[self.name]
        return rows

    def new_id(self) -> str:
        """One that was not given out before."""
        self.rows["given_out"] = int(self.rows.get("given_out", 0)) + 1
        return f"{self.name[:2]}{self.rows['given_out']:08d}"

    def bucket_name(self, call: Call) -> str:
        return "call"

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {}

    def targets(self) -> list[str]:
        return []


def now() -> str:
    """As these vendors write it."""
    return datetime.fromtimestamp(now_ms() / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def body_of(call: Call) -> dict[str, Any]:
    return call.body if isinstance(call.body, dict) else {}
