# SPDX-License-Identifier: GPL-3.0-or-later
"""A list in one file of the incident store, oldest first: what begins is written there, and what came of it."""
from __future__ import annotations

import json
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store, write

BEGUN, ENDED, GIVEN_UP = "begun", "ended", "given up"
Row = dict[str, Any]


class Listed:
    """C(what) is in it, as drills, each with its C(key) and a C(state); whoever writes holds C(lock)."""

    def __init__(self, store: Store, what: str, key: str, environment: str, lock: Lock) -> None:
        self.store, self.what, self.key, self.lock = store, what, key, lock
        self.path = store.root / f"{what}-{environment}.json"

    def read(self) -> list[Row]:
        """All of them; Refused where the file is no longer one."""
        text = self._text()
        try:
            rows = json.loads(text) if text else []
            if not isinstance(rows, list) or not all(isinstance(row, dict) and {self.key, "state"} <= set(row) for row in rows):
                raise ValueError(f"no list of {self.what}")
        except ValueError as error:
            raise Refused(f"{self.path} cannot be read: {error}", "Repair or move it.") from None
        return rows

    def write(self, rows: list[Row]) -> None:
        self.store.root.mkdir(parents=True, exist_ok=True)
        write(self.path, json.dumps(rows, indent=1, ensure_ascii=False) + "\n")

    def _text(self) -> str:
        if self.store.mirror:
            found = self.store.mirror.read(self.path)
            return found.decode() if found else ""
        return self.path.read_text(encoding="utf-8") if self.path.exists() else ""
