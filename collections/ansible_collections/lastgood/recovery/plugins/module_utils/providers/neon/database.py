# SPDX-License-Identifier: GPL-3.0-or-later
"""A branch at Neon with its past: looked at in a branch beside it, then taken back itself, so that its address stays."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import (
    PENDING,
    READY,
    ManagedDatabase,
    Place,
    Point,
    Standing,
    base,
    kept_since,
    moment_in,
    stamp,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.neon.access import api, every, once_free
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

Row = dict[str, Any]
UNDER_WAY = ("scheduling", "running", "cancelling")
GIVEN_UP = ("failed", "error", "cancelled")


class NeonBranch(ManagedDatabase):
    """Nothing at Neon tells what a restored branch holds, so that the name of what is kept does: C(main-old-TIME-at-MOMENT)."""

    name = "Neon"

    def __init__(self, options: Options, run: Run) -> None:
        self.api, self.options, self.run = api(options, run), options, run
        self.path = f"/projects/{options['project']}"
        self._asked = ""  # the name under which the restore of this run keeps what there was
        self._earlier: set[str] = set()  # operations from before it

    def standing(self) -> Standing:
        project = self.api.get(self.path)["project"]
        rows = self._branches()
        main = self._main(rows)
        operations = self._operations()
        found = (self._place(row, main, operations) for row in rows if row["id"] != main["id"])
        places = [place for place in found if place]
        kept = max((place for place in places if place.kept_at), key=lambda place: str(place.kept_at), default=None)
        holds = moment_in(kept.name) if kept and not kept.undone else None
        now = datetime.now(UTC) + timedelta(seconds=min(0.0, self.api.clock_ahead))
        return Standing(
            serves=Place(
                main["id"],
                main["name"],
                f"{main['name']}-at-{stamp(holds)}" if holds else "",
                state=_state(main, operations),
            ),
            earliest=max(now - timedelta(seconds=project["history_retention_seconds"]), moment.parse(main["created_at"])),
            latest=now,
            places=places,
        )

    def prepare(self, point: Point, name: str) -> None:
        main = self._main(self._branches())
        about = {"parent_id": main["id"], "name": name, "parent_timestamp": _written(point.at)}
        self._ask("POST", f"{self.path}/branches", {"branch": about, "endpoints": [{"type": "read_write"}]})

    def url(self, place: Place) -> str | None:
        endpoints = self.api.get(f"{self.path}/branches/{place.id}/endpoints")["endpoints"]
        if not any(row["type"] == "read_write" for row in endpoints):
            return None  # what a restore keeps has no compute of its own
        query = {"branch_id": place.id, "database_name": self.options["database"], "role_name": self.options["role"]}
        uri: str = self.api.get(f"{self.path}/connection_uri", **query)["uri"]
        return uri

    def serve(self, place: Place, keep_as: str) -> None:
        rows = self._branches()
        main = self._main(rows)
        at = None if place.kept_at else moment_in(place.prepared_as)
        name = f"{keep_as}-at-{stamp(at)}" if at else keep_as
        if any(row["name"] == name for row in rows):
            if name == self._asked:
                return  # asked for already, and its answer was lost
            raise errors.Locked("somebody else has just restored this branch", "Talk to them; then run the same command again.")
        self._asked = name
        self._earlier = {row["id"] for row in self._operations()}
        source = {"source_branch_id": main["id"], "source_timestamp": _written(at)} if at else {"source_branch_id": place.id}
        self._ask("POST", f"{self.path}/branches/{main['id']}/restore", {**source, "preserve_under_name": self._asked}, self._alone)

    def _alone(self) -> None:
        """While this one waited for its turn, another run may have restored the branch."""
        own = [row for row in self._operations() if row["id"] not in self._earlier]
        if any(row.get("branch_id") == self._main(self._branches())["id"] for row in own):
            raise errors.Locked("somebody else restores this branch", "Talk to them; then run the same command again.")

    def serving(self, place: Place) -> bool:
        rows, operations = self._branches(), self._operations()
        main = self._main(rows)
        own = [row for row in operations if row.get("branch_id") == main["id"] and row["id"] not in self._earlier]
        if failed := [row for row in own if row["status"] in GIVEN_UP]:
            why = next((row["error"] for row in failed if row.get("error")), "it does not say why")
            raise errors.ActivationFailed(
                f"Neon could not restore {main['name']}: {why}",
                "Look at the operations in Neon's console; the branch should hold what it held.",
            )
        return any(row["name"] == self._asked for row in rows) and _state(main, operations) == READY

    def remove(self, place: Place) -> None:
        self._ask("DELETE", f"{self.path}/branches/{place.id}", None)

    def _ask(self, method: str, path: str, body: Any, busy: Callable[[], None] = lambda: None) -> None:
        """Asked until the project is free to do it; C(busy) is called each time that it was not."""
        tick = clock("Neon is busy with another operation", self.options["timeout"], self.options["poll"], self.run.tell)

        def wait() -> None:
            busy()
            tick()

        once_free(lambda: self.api.send(method, path, body), wait)

    def _branches(self) -> list[Row]:
        return every(self.api, f"{self.path}/branches", "branches", "next")

    def _operations(self) -> list[Row]:
        return every(self.api, f"{self.path}/operations", "operations", "cursor")

    def _main(self, rows: list[Row]) -> Row:
        for row in rows:
            if self.options["branch"] in (row["id"], row["name"]):
                return row
        there = ", ".join(sorted(row["name"] for row in rows)[:10])
        raise errors.NotFound(f"there is no branch {self.options['branch']} in this project", f"There are {there}.")

    def _place(self, row: Row, main: Row, operations: list[Row]) -> Place | None:
        """None for a branch that is none of ours."""
        name, problem = row["name"], _given_up(row, operations)
        kept_at, undone = kept_since(name)
        if (base(name) == main["name"] and kept_at) or (row["id"] == main.get("parent_id") and moment_in(name)):
            return Place(row["id"], name, kept_at=kept_at or moment.parse(row["created_at"]), undone=undone)
        if base(name) != main["name"] or not moment_in(name):
            return None
        return Place(row["id"], name, name, state="failed" if problem else _state(row, operations), problem=problem)


def _state(row: Row, operations: list[Row]) -> str:
    busy = any(one.get("branch_id") == row["id"] and one["status"] in UNDER_WAY for one in operations)
    return PENDING if busy or row["current_state"] in ("init", "resetting") else READY


def _given_up(row: Row, operations: list[Row]) -> str:
    """Why a branch will never be ready; empty when it may be."""
    own = [one for one in operations if one.get("branch_id") == row["id"] and one["status"] in GIVEN_UP]
    return str(own[0].get("error") or own[0]["status"]) if own else ""


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
