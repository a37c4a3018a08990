# SPDX-License-Identifier: GPL-3.0-or-later
"""A migration that went wrong: taken back by itself (option A), or the database with it (option B); decided once for an incident."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import database, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database import checked
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import integrity
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma import rolling_back, telling
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.choice import NEITHER, UNKNOWN, A, B

ARGUMENTS: dict[str, Any] = {
    **database.WHERE,
    "incident": {"type": "dict", "required": True},
    "target": {"type": "str", "required": True},
    "prisma": {
        "type": "dict",
        "required": True,
        "options": {"url": {"type": "str", "no_log": True}, "schema": {"type": "str"}, "migrations": {"type": "path"}},
    },
    "integrity": {"type": "dict", "default": {}},
    "migration": {"type": "str"},
    "option": {"type": "str", "choices": [A, B]},
    "timeout": {"type": "float"},
    "poll": {"type": "float"},
}
BEFORE = timedelta(milliseconds=1)
"""So long before the migration began everything was as it should be; a backup is often the step just before it, by the same clock."""

FRESHNESS = ("newest", "no_older_than")


@dataclass(frozen=True)
class Way:
    """C(option) for which migration, why, and the moment that everything else goes back to."""

    migration: str
    option: str
    why: str
    good_at: str
    even_if_written: bool = False


def perform(options: Options, run: Run) -> Result:
    """Along the way that the incident's plan has, or the one that loses least."""
    way = _kept(options["incident"], options["target"]) or decided(options, run)
    result = (_database_back if way.option == B else _taken_back)(way, options, run)
    words = f"option {way.option}, {way.why}"
    summary = f"{result['summary']} ({words})" if run.check else result["summary"]
    return {**database.told(result), "way": asdict(way), "good_at": way.good_at, "summary": summary}


def decided(options: Options, run: Run) -> Way:
    """From what the migration did, what was written since, and whether the data is as it should be; unless somebody insists."""
    info = telling.tell(checked("prisma", telling.INFO, {**options["prisma"], "migration": options["migration"]}), run)
    if info["choice"] is None:
        raise Refused("no migration was ever applied to this database", "If it is the data, restore it: playbooks/restore-database.yml.")
    option, why = weighed(info["choice"], _bad(options, run), options["option"])
    name = info["choice"]["migration"]
    began = next(row["started_at"] for row in info["migrations"] if row["name"] == name)
    good_at = options["incident"]["good_at"] or moment.iso(moment.parse(began) - BEFORE)
    return Way(name, option, why, good_at, even_if_written=bool(options["option"]))


def weighed(choice: Mapping[str, Any], bad: list[str], insisted: str | None) -> tuple[str, str]:
    """The option, and why. Refused where nobody can tell and nobody said."""
    option, why = choice["option"], choice["why"]
    if option in (A, UNKNOWN) and bad:
        option, why = B, f"the data is not what it should be: {'; '.join(bad)}"
    if insisted and insisted != option:
        return insisted, f"somebody asked for it; by itself it would be {option}: {why}"
    if option == UNKNOWN:
        raise Refused(
            f"nobody can tell how {choice['migration']} goes back: {why}",
            "Look at it, then say so: -e option=A takes the migration back, -e option=B restores the database from before it.",
        )
    return (A, why) if option == NEITHER else (option, why)


def _bad(options: Options, run: Run) -> list[str]:
    """What is wrong with the data, in words; what could not be looked at decides nothing."""
    if not options["integrity"]:
        return []
    # That nobody could write for a while is what a bad migration leads to, and no reason to lose more.
    tables = [{key: value for key, value in one.items() if key not in FRESHNESS} for one in options["integrity"].get("tables") or []]
    asked = {"checks": [], **options["integrity"], "url": options["prisma"].get("url"), "tables": tables, "phase": "before"}
    found = integrity.check(checked("integrity", integrity.ARGUMENTS, asked), run)
    return [f"{one['name']}: {one['got']}" for one in found["checks"] if one["verdict"] == "BAD"]


def _kept(incident: Mapping[str, Any], target: str) -> Way | None:
    """As it was decided before anything was changed: the database that was restored does not know the migration any more."""
    if not incident.get("id"):
        return None
    try:
        found = Store(incident["store"]).find(incident["id"])
    except Refused:
        return None
    rows = found.planned() if found.fields["state"] in GOING_ON else []
    way = next((row.get("way") for row in rows if row["target"] == target), None)
    return Way(**way) if way else None


def _taken_back(way: Way, options: Options, run: Run) -> Result:
    given = {**options["prisma"], "name": way.migration, "even_if_written": way.even_if_written}
    result = rolling_back.perform(checked("prisma", rolling_back.ARGUMENTS, given), run)
    return {**result, "vendor": "Prisma", "loss": None if way.even_if_written else nothing(way.good_at), "holds": way.good_at}


def nothing(since: str) -> dict[str, Any]:
    """The loss of what takes no data back, in the form of one that does."""
    return {"seconds": 0.0, "since": since, "rows": 0, "tables": {}, "how": "no data goes back"}


def _database_back(way: Way, options: Options, run: Run) -> Result:
    return database.database_of(options, run).back({"good_at": way.good_at})


PERFORM = Operation(ARGUMENTS, perform)
