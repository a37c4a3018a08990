# SPDX-License-Identifier: GPL-3.0-or-later
"""What alerts have set off in an environment, and whether they may: one file of the incident store, changed by one run at a time."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused, Unavailable
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock_place import FilePlace, ObjectPlace, Place
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store

KEPT = 500
TRIES = 20
NOTHING, LOOKING, ACTING, ACTED, ASKED = "nothing", "looking", "acting", "acted", "asked"
State = dict[str, Any]
"""{off, rows}: who has switched it off, by {by, at, reason}, and the rows, oldest first."""
Row = dict[str, Any]
"""{id, at, sender, events, alerts, outcome, why}, and once it has come to that scenario, severity, serving, incident, code, ended_at."""
T = TypeVar("T")


class Triggers:
    """Those of one environment. Whoever changes them has read what is replaced, be it a file or an object in a bucket."""

    def __init__(self, store: Store, environment: str) -> None:
        name = f"triggers-{environment}"
        self.place: Place = ObjectPlace(store.mirror, name) if store.mirror else FilePlace(store.root / f"{name}.json")

    def read(self) -> State:
        """Refused where the file is no longer one."""
        return self._parsed(self.place.read())

    def change(self, change: Callable[[State], T]) -> T:
        """What C(change) returns; it is called again where somebody else was faster."""
        with self.place.alone():
            for _attempt in range(TRIES):
                found = self.place.read()
                state = self._parsed(found)
                result = change(state)
                state["rows"] = state["rows"][-KEPT:]
                if self.place.replace(json.dumps(state, indent=1, ensure_ascii=False) + "\n", found[1] if found else None):
                    return result
        raise Unavailable(f"{self.place} is changed by others all the time", "Run the same command again.")

    def _parsed(self, found: tuple[str, str] | None) -> State:
        try:
            state = json.loads(found[0]) if found else {"off": None, "rows": []}
            if not isinstance(state, dict) or not isinstance(state["rows"], list) or "off" not in state:
                raise ValueError("no record of triggers")
        except (ValueError, KeyError) as error:
            raise Refused(f"{self.place} cannot be read: {error}", "Repair or move it; until then nothing is set off.") from None
        return state


def row_of(state: State, id: str) -> Row:
    """Refused where there is none."""
    for row in reversed(state["rows"]):
        if row["id"] == id:
            found: Row = row
            return found
    raise Refused(f"there is no trigger {id}", "Begin it first.")
