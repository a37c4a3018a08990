# SPDX-License-Identifier: GPL-3.0-or-later
"""How a Heroku app is run: so many dynos of each process type, and a maintenance page of Heroku's own."""
from __future__ import annotations

from collections import Counter
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.condition import Condition
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.access import api, every
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.dynos import DOWN, RUNNING
from ansible_collections.lastgood.recovery.plugins.module_utils.service import Service

Row = dict[str, Any]


class HerokuService(Service):
    """An app is stopped by running none of anything, and Heroku then forgets how many there were."""

    name = "Heroku"

    def __init__(self, options: Options, run: Run) -> None:
        self.api, self.path = api(options, run, of_releases=False), f"/apps/{options['app']}"
        self._replaced: set[tuple[str, str]] = set()

    def condition(self) -> Condition:
        instances = self._formation()
        maintenance: bool = {True: True, False: False}[self.api.get(self.path)["maintenance"]]
        return Condition(running=any(instances.values()), instances=instances, maintenance=maintenance)

    def steady(self) -> bool:
        wanted, dynos = self._look()
        there = Counter(row["type"] for row in dynos)
        ended = all(row["state"] in (*RUNNING, *DOWN) and _life(row) not in self._replaced for row in dynos)
        return ended and all(there[type] == quantity for type, quantity in wanted.items())

    def crashed(self) -> str:
        wanted, dynos = self._look()
        names = sorted(row["name"] for row in dynos if wanted[row["type"]] and row["state"] in DOWN and _life(row) not in self._replaced)
        return f"{len(names)} of its dynos crashed, {', '.join(names)}" if names else ""

    def can(self, now: Condition, wanted: Condition) -> None:
        lost = sorted(type for type, quantity in (wanted.instances or {}).items() if quantity and type not in (now.instances or {}))
        if lost:
            raise errors.Refused(f"the code that is current has no {', '.join(lost)}", "Go back to the release that had it first.")
        if wanted.running and not any((wanted.instances or {}).values()):
            if now.running:
                raise errors.Refused("an app with no dynos at all is stopped", "Use state: stopped.")
            raise errors.Refused(
                "Heroku has forgotten how many dynos ran",
                "Give instances, or the memory that was written when it was stopped.",
            )

    def start(self, wanted: Condition) -> None:
        self.scale(wanted.instances or {})

    def stop(self) -> None:
        self.scale(dict.fromkeys(self._formation(), 0))

    def restart(self) -> None:
        self._replaced = {_life(row) for row in self._look()[1]}  # for a while the list shows them as if nothing had been asked
        self.api.send("DELETE", f"{self.path}/dynos")

    def scale(self, instances: dict[str, int]) -> None:
        there = self._formation()
        updates = [{"type": type, "quantity": quantity} for type, quantity in instances.items() if there.get(type, 0) != quantity]
        self.api.send("PATCH", f"{self.path}/formation", {"updates": updates})  # without a size: each type keeps its own

    def autoscale(self, settings: dict[str, Any]) -> None:
        raise errors.Refused("Heroku's API does not show how an app is scaled automatically", "Switch that in the dashboard.")

    def maintain(self, on: bool) -> None:
        self.api.send("PATCH", self.path, {"maintenance": on})

    def keep_away(self, held: bool) -> None:
        raise errors.Refused("stopping a Heroku app leaves automatic deploys as they are", "Leave held out.")

    def _formation(self) -> dict[str, int]:
        """How many dynos of each process type are to run; Refused without any type, which is not the same as stopped."""
        rows = every(self.api, f"{self.path}/formation")
        if not rows:
            hint = "Deploy it first; if it has been, run the same command again."
            raise errors.Refused("Heroku lists no process types of this app", hint)
        return {row["type"]: int(row["quantity"]) for row in rows}

    def _look(self) -> tuple[dict[str, int], list[Row]]:
        """The formation and its dynos; one-off ones, and those of release phases, are nobody's to count."""
        wanted = self._formation()
        return wanted, [row for row in every(self.api, f"{self.path}/dynos") if row["type"] in wanted]


def _life(row: Row) -> tuple[str, str]:
    """A dyno since it last came up or went down."""
    return row["id"], row["updated_at"]
