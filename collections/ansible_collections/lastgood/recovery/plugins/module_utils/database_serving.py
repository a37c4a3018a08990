# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a managed database serve, looks whether it is well, and lets the one from before serve again when it is not."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import database_proof
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import Place, Standing, name_to_keep
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ActivationFailed, Locked
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock, until_answered


class Serving:
    """What applications get. C(database) is a ManagedDatabase."""

    def __init__(self, database: Any, options: Options, run: Run) -> None:
        self.database, self.options, self.run = database, options, run

    def let(self, before: Standing, place: Place, keep_as: str) -> None:
        """C(before) is what the decision was made on: Locked when it is no longer so. ActivationFailed when the old one serves again."""
        serves = self.database.standing().serves
        if not _same(serves, before.serves):
            raise Locked(
                f"{serves.prepared_as or serves.name} serves since this run began: somebody else is at work",
                "Talk to them; then run the same command again.",
            )
        try:
            self._switch(place, keep_as)
            problem = self.unwell()
        except ActivationFailed as failed:
            if _same(self.database.standing().serves, before.serves):
                raise
            problem = failed.message
        if problem:
            self._back(before, place, problem)

    def unwell(self) -> str:
        """Why what serves cannot be used; empty when it can. Connections are cut by a switch, so that it is asked for a while."""
        url = self.database.url(self.database.standing().serves)
        if url is None:
            return ""
        tick = clock("asking whether it is well", self.options["health_timeout"], self.options["poll"], self.run.tell)
        return database_proof.unwell(url, self.options["health_query"], tick)

    def kept(self, standing: Standing) -> Place | None:
        """What was kept last, by the name that was asked for where it has it."""
        given = self.options["keep_as"]
        return next((place for place in standing.places if given and place.name == given), standing.newest_kept)

    def _switch(self, place: Place, keep_as: str) -> None:
        self.run.tell(f"{place.name} is to serve, what serves is kept as {keep_as}")
        doing = f"waiting until {self.database.name} serves {place.name}"
        tick = clock(doing, self.options["timeout"], self.options["poll"], self.run.tell)
        until_answered(lambda: self.database.serve(place, keep_as), tick)
        while not self.database.serving(place):
            tick()

    def _back(self, before: Standing, place: Place, problem: str) -> None:
        kept = self.kept(self.database.standing())
        if kept is None:
            raise ActivationFailed(f"{place.name} serves and is not well ({problem})", "Look at it at the vendor.")
        self.run.tell(f"{place.name} is not well, going back: {problem}")
        self._switch(kept, name_to_keep(before.serves.name, True, datetime.now(UTC)))
        raise ActivationFailed(
            f"{place.name} was not well when it served ({problem}), so that {before.serves.name} serves again as it did",
            f"Look into {place.name}, or what was kept of it.",
        )


def _same(one: Place, other: Place) -> bool:
    return (one.id, one.prepared_as) == (other.id, other.prepared_as)
