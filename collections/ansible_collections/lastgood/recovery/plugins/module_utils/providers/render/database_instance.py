# SPDX-License-Identifier: GPL-3.0-or-later
"""One PostgreSQL instance at Render, and what its name tells of it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import database_places, moment


@dataclass(frozen=True)
class Instance:
    """A row of the API; C(stamp) is when it was taken out of service, as its name tells."""

    id: str
    name: str
    status: str
    created_at: datetime
    stamp: datetime | None
    undone: bool

    @property
    def recovered(self) -> bool:
        """It was made by a recovery of ours, and never served."""
        return database_places.moment_in(self.name) is not None


def taken_out(one: Instance) -> datetime:
    """When; long ago for one that never was, as far as its name tells."""
    return one.stamp or datetime.min.replace(tzinfo=UTC)


def instance(row: dict[str, Any]) -> Instance:
    """From a row of the API."""
    stamp, undone = database_places.kept_since(row["name"])
    return Instance(row["id"], row["name"], row.get("status") or "unknown", moment.parse(row["createdAt"]), stamp, undone)
