"""The shop's project as it was left on the last Friday."""

from __future__ import annotations

from sandbox.clock import DAY
from sandbox.neon.branches import branch_record
from sandbox.state import Row

PROJECT = "calm-shop-630245"
MAIN = "br-shop-main"


def history(friday: int) -> Row:
    created = friday - 120 * DAY
    project = {
        "id": PROJECT,
        "name": "shop-database",
        "history_retention_seconds": 7 * 86400,
        "created_at": created,
        "updated_at": friday,
    }
    main = branch_record(MAIN, "main", created, default=True)
    development = branch_record("br-shop-dev", "development", friday - DAY, parent=MAIN, at=friday - DAY)
    endpoint = {"id": "ep-shop-main", "branch_id": MAIN, "created_at": created}
    return {
        "project": project,
        "branches": {row["id"]: row for row in (main, development)},
        "endpoints": {endpoint["id"]: endpoint},
        "operations": {},
    }
