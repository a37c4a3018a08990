# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of a managed database does: look, choose the point, prepare a new place, prove it, let it serve, keep the old one."""
from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import database_places, database_proof, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_choice import Wish, wished
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import FAILED, PENDING, READY, Place, Point, Standing, told
from ansible_collections.lastgood.recovery.plugins.module_utils.database_serving import Serving
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ActivationFailed, RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock, until_answered

ARGUMENTS: dict[str, Any] = {
    "good_at": {"type": "str"},
    "backup": {"type": "str"},
    "place": {"type": "str"},
    "undo": {"type": "bool"},
    "serve": {"type": "bool", "default": True},
    "keep_as": {"type": "str"},
    "max_loss": {"type": "float"},
    **database_proof.ARGUMENTS,
    "timeout": {"type": "float", "default": 1800},
    "poll": {"type": "float", "default": 5},
}
WISHES = ("good_at", "backup", "place", "undo")


def operation(vendor: Reached) -> Operation:
    """The module for that vendor's databases."""
    return Operation(
        arguments={**vendor.arguments_of("database"), **ARGUMENTS},
        perform=lambda options, run: Recovery(vendor.connect("database", options, run), options, run).perform(),
        rules={"mutually_exclusive": [WISHES], "required_one_of": [WISHES]},
    )


class Recovery:
    """One run of it. C(database) is a ManagedDatabase."""

    def __init__(self, database: Any, options: Options, run: Run) -> None:
        self.database, self.options, self.run = database, options, run
        self.serving = Serving(database, options, run)
        self.started = time.monotonic()
        self.now = datetime.now(UTC)
        self.facts: Result = {"loss": None, "kept": None, "prepared": None, "looked_at": [], "checks": [], "notes": []}

    def perform(self) -> Result:
        standing = self.database.standing()
        wish = wished(standing, self.options, self.now)
        if wish is None or wish.name in (standing.serves.prepared_as, standing.serves.name):
            return self._already(standing, wish)
        self._tell_loss(wish)
        keep_as = self.options["keep_as"] or database_places.name_to_keep(standing.serves.name, bool(self.options["undo"]), self.now)
        if standing.serves.id and any(place.name == keep_as for place in standing.places):
            raise Refused(f"there is a {keep_as} already", "Give another name with keep_as.")
        if self.run.check:
            new = self.options["serve"] or wish.place is None
            return self._result(standing, wish.name, new, f"would {self._what(wish)}" if new else f"{wish.name} is prepared already")
        place, made = self._prepared(standing, wish)
        self._prove(place, wish.since)
        self.facts["prepared"] = told(place)
        if not self.options["serve"]:
            return self._result(standing, wish.name, made, f"{wish.name} is prepared and proved; {standing.serves.name} serves as before")
        self.serving.let(standing, place, keep_as)
        after = self.database.standing()
        kept = self.serving.kept(after)
        self.facts["kept"] = kept and told(kept)
        self._tidy(after)
        summary = f"serves {wish.name} now, and what served is kept as {kept.name if kept else keep_as}; {_lost(wish.since, self.now)}"
        return self._result(standing, wish.name, True, summary, after)

    def _already(self, standing: Standing, wish: Wish | None) -> Result:
        """A run that was cut off may still have to see it through."""
        name = wish.name if wish else standing.serves.name
        kept, summary = self.serving.kept(standing), f"serves {name} already"
        self.facts["kept"] = kept and told(kept)
        if wish is None:
            summary = f"{standing.serves.name} is the one from before already"
        if self.run.check:
            return self._result(standing, name, _left_over(standing) is not None, summary)
        if standing.serves.state == PENDING:
            tick = self._clock(f"waiting until {self.database.name} serves {name}")
            while self.database.standing().serves.state == PENDING:
                tick()
        if problem := self.serving.unwell():
            raise ActivationFailed(f"{name} serves and is not well ({problem})", "Look at it, or go back with undo.")
        return self._result(standing, name, self._tidy(standing), summary)

    def _tell_loss(self, wish: Wish) -> None:
        if wish.since is None or not self.options["serve"]:
            return
        seconds = round((self.now - wish.since).total_seconds(), 1)
        self.facts["loss"] = {"seconds": seconds, "since": moment.iso(wish.since)}
        self.run.tell(_lost(wish.since, self.now))
        allowed = self.options["max_loss"]
        if allowed is not None and seconds > allowed:
            raise Refused(
                f"{_lost(wish.since, self.now)}: that is more than {moment.span(allowed)}",
                "Choose a later moment or a newer backup, or allow more with max_loss.",
                loss=self.facts["loss"],
            )

    def _prepared(self, standing: Standing, wish: Wish) -> tuple[Place, bool]:
        """The place, ready; and whether it had to be made."""
        place, made, point = wish.place, False, wish.point
        if point is not None and (place is None or place.state == FAILED):
            if place:
                self.database.remove(place)
            tick = self._clock(f"{self.database.name} prepares {wish.name}")
            until_answered(lambda: self._ask(point, wish.name, place), tick)
            made = True
        tick = self._clock(f"{self.database.name} prepares {wish.name}")
        while place is None or place.state == PENDING or (made and place.state == FAILED):
            place = self.database.standing().prepared(wish.name)
            if place and place.state == FAILED:
                self.database.remove(place)
                raise ActivationFailed(
                    f"{self.database.name} could not prepare {wish.name}: {place.problem or 'it does not say why'}; it is removed, and "
                    f"{standing.serves.name} serves as before",
                    "Look at the vendor's dashboard and status page, then run the same command again, or choose another moment.",
                )
            if place is None or place.state != READY:
                tick()
        return place, made

    def _ask(self, point: Point, name: str, removed: Place | None) -> None:
        there = self.database.standing().prepared(name)
        if there is None or (removed and there.id == removed.id):
            self.run.tell(f"{self.database.name} prepares {name}, beside what serves")
            self.database.prepare(point, name)

    def _prove(self, place: Place, at: datetime | None) -> None:
        url = self.database.url(place)
        database_proof.can_look(url, self.database.name, self.options)
        tick = self._clock(f"waiting until {place.name} answers")
        self.facts["looked_at"], self.facts["checks"] = database_proof.proved(url, place.name, at, self.options, self.run, tick)

    def _tidy(self, standing: Standing) -> bool:
        """Where what was prepared is not what serves in the end (Neon), it goes once that serves; True when something went."""
        place = _left_over(standing)
        if place is None:
            return False
        try:
            self.database.remove(place)
        except RecoveryError as error:
            self.facts["notes"].append(f"{place.name} is no longer needed and could not be removed: {error.message}")
            return False
        return True

    def _clock(self, doing: str) -> Any:
        return clock(doing, self.options["timeout"], self.options["poll"], self.run.tell)

    def _what(self, wish: Wish) -> str:
        if not self.options["serve"]:
            return f"prepare {wish.name}"
        return f"serve {wish.name}; {_lost(wish.since, self.now)}"

    def _result(self, before: Standing, wanted: str, changed: bool, summary: str, after: Standing | None = None) -> Result:
        moves = changed and wanted != (before.serves.prepared_as or before.serves.name) and self.options["serve"]
        serves = told((after or before).serves)
        return {
            **self.facts,
            "changed": changed,
            "serves": serves,
            "window": [at and moment.iso(at) for at in (before.earliest, before.latest)],
            "waited": 0.0 if self.run.check else round(time.monotonic() - self.started, 1),
            "summary": summary,
            "diff": {
                "before": {"serves": before.serves.prepared_as or before.serves.name} if moves else {},
                "after": {"serves": wanted} if moves else {},
            },
        }


def _left_over(standing: Standing) -> Place | None:
    wanted = standing.serves.prepared_as
    return standing.prepared(wanted) if wanted else None


def _lost(since: datetime | None, now: datetime) -> str:
    """What was written since is not in what serves then."""
    if since is None:
        return "nobody knows which moment it holds"
    return f"what was written in the last {moment.span((now - since).total_seconds())} is only in what is kept then"
