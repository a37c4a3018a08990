# SPDX-License-Identifier: GPL-3.0-or-later
"""What every drill of an environment came to, in one file of the incident store: C(drills-ENVIRONMENT.json), oldest first."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.listed import Listed
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store

Drill = dict[str, Any]
"""{id, environment, failure, says, scenario, tier, playbook, repair, seed, by, began_at, state}, and what C(drill_end) returns of it."""


class Drills(Listed):
    """Those of one environment."""

    def __init__(self, store: Store, environment: str) -> None:
        super().__init__(store, "drills", "id", environment, Lock(store.root, f"drill-{environment}", "drilling {environment}"))

    def change(self, id: str, **fields: Any) -> Drill:
        """That drill with these fields, written down; Refused where there is none."""
        rows = self.read()
        for row in rows:
            if row["id"] == id:
                row.update(fields)
                self.write(rows)
                return row
        raise Refused(f"there is no drill {id} in {self.path}", "Begin it first.")
