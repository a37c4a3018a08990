# SPDX-License-Identifier: GPL-3.0-or-later
"""What slows a database down: who runs long, who stands in whose way, and what has taken most of the time."""
from __future__ import annotations

from collections import Counter
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH, paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import activity
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import ARGUMENTS as SERVER
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server

ARGUMENTS: dict[str, Any] = {
    **SERVER,
    "slow_seconds": {"type": "float", "default": 1},
    "limit": {"type": "int", "default": 5},
}
EVERYBODY = 10_000
"""Sessions to look at: whoever stands in the way may be the one that has run the shortest."""
Row = dict[str, Any]


def perform(options: Options, run: Run) -> Result:
    """Never an error: it is read while something else has to be done quickly, and what cannot be read is said."""
    limit = options["limit"]
    try:
        database = Server(options).database
        seen = activity.perform({**options, "state": None, "spare": [], "limit": EVERYBODY, "timeout": 0, "poll": 0}, run)
    except RecoveryError as error:
        said = f"what slows the database down could not be seen: {error.message}"
        run.record("queries", database="", queries=[], heaviest=None, summary=said)
        return {"seen": False, "queries": [], "heaviest": None, "unseen": 0, "summary": f"! {said}"}
    found = _slow(seen["sessions"], options["slow_seconds"])
    heaviest = seen["heaviest"][:limit] if seen["heaviest"] is not None else None
    summary = _summary(database, found, seen["unseen"], options["slow_seconds"])
    run.record("queries", database=database, queries=found[:limit], heaviest=heaviest, summary=summary)
    result = {"seen": True, "queries": found[:limit], "heaviest": heaviest, "unseen": seen["unseen"], "summary": summary}
    return {**result, "screen": _screen(result)} if found else result


def _slow(sessions: list[Row], seconds: float) -> list[Row]:
    """Statements that run longer than that, and sessions that others wait for, however idle, which come first."""
    waited_for = Counter(pid for one in sessions for pid in set(one["blocked_by"]))
    rows = [
        {
            "pid": one["pid"],
            "who": one["application"] or one["role"],
            "state": one["state"],
            "seconds": one["transaction_seconds"] if one["query_seconds"] is None else one["query_seconds"],
            "query": one["query"],
            "waits_for": sorted(set(one["blocked_by"])),
            "waited_for_by": waited_for[one["pid"]],
        }
        for one in sessions
        if (one["query_seconds"] or 0) >= seconds or waited_for[one["pid"]]
    ]
    return sorted(rows, key=lambda row: (-row["waited_for_by"], -(row["seconds"] or 0)))


def _summary(database: str, found: list[Row], unseen: int, seconds: float) -> str:
    slow = f"{len(found)} of the sessions of {database} are slow or in the way"
    if not found:
        slow = f"no statement of {database} has been running for {span(seconds)}"
    in_the_way = [_waiting(row) for row in found if row["waited_for_by"]]
    return "; ".join([slow, *in_the_way[:3], *([f"{unseen} sessions cannot be seen by this role"] if unseen else [])])


def _waiting(row: Row) -> str:
    return f"{row['waited_for_by']} {'waits' if row['waited_for_by'] == 1 else 'wait'} for {row['pid']} ({row['who']})"


def _screen(result: Result) -> list[str]:
    lines = [paragraph(result["summary"])]
    for row in result["queries"]:
        waits = f", waits for {', '.join(map(str, row['waits_for']))}" if row["waits_for"] else ""
        idle = f", {row['state']}" if row["state"] != "active" else ""
        lines += [f"  {span(row['seconds'] or 0):>9}  {row['pid']} {row['who']}{idle}{waits}", _one_line(row["query"])]
    for row in result["heaviest"] or []:
        lines += [f"  {span(row['total_seconds']):>9}  in {row['calls']} calls since the statistics began", _one_line(row["query"])]
    return lines


def _one_line(query: str | None) -> str:
    text = " " * 13 + (query or "not shown to this role")
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


PERFORM = Operation(arguments=ARGUMENTS, perform=perform)
