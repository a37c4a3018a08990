# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses a database, which statements are slow, and keeping people out: new ones first, then those that are in."""
from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ConnectionLost, InUse, Refused, TimedOut
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import door
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import ARGUMENTS as SERVER
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sessions import (
    Session,
    end,
    out_of_reach,
    prepared,
    sessions,
    without_values,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

ARGUMENTS: dict[str, Any] = {
    **SERVER,
    "state": {"type": "str", "choices": list(door.STATES)},
    "spare": {"type": "list", "elements": "str", "default": []},
    "slow_seconds": {"type": "float", "default": 5},
    "limit": {"type": "int", "default": 20},
    "timeout": {"type": "float", "default": 60},
    "poll": {"type": "float", "default": 0.5},
}
CATCHING = 0.5
"""Seconds in which newcomers are ended as well: a session that is just starting has asked before the door was shut, and shows up later."""
HEAVIEST = """
SELECT query, calls, round((total_exec_time / 1000)::numeric, 1)::float8 AS total_seconds,
       round((mean_exec_time / 1000)::numeric, 4)::float8 AS mean_seconds
  FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
 WHERE d.datname = current_database() AND query NOT LIKE '%%<insufficient privilege>%%' ORDER BY total_exec_time DESC LIMIT %s
"""


def perform(options: Options, run: Run) -> Result:
    """Look; with C(state), open or shut the door, end those who must not be in, and count until nobody is."""
    server = Server(options)
    name = server.database
    started = time.monotonic()
    if options["state"] in (door.READ_ONLY, door.CLOSED) and name == server.maintenance_database:
        raise Refused(f"{name} is the database to stay connected to meanwhile", "Name another one with maintenance_db.")
    with closing(server.connect(server.maintenance_database)) as connection:
        before = door.state(connection, name)
        after = options["state"] or before
        found = sessions(connection, name)
        heaviest, own = _heaviest(server, options["limit"])
        steps = door.steps(before, after)
        ended = _unwanted(connection, name, after, found, options) if steps or options["state"] == door.CLOSED else []
        if not run.check:
            _do(connection, name, steps, run)
            if ended or (steps and after != door.OPEN):
                ended = _ended(connection, name, after, own, options, run)
            if steps and after == door.READ_ONLY:
                door.move(connection, name, door.DONE)
        now = found if run.check else sessions(connection, name, own)
        waiting = prepared(connection, name)
    return {
        "changed": bool(steps or ended),
        "before": {"state": before, "sessions": len(found)},
        "after": {"state": after, "sessions": len(found) - len(ended) if run.check else len(now)},
        "ended": len(ended),
        "sessions": [one.as_dict() for one in now[: options["limit"]]],
        "slow": [one.as_dict() for one in found if (one.query_seconds or 0) >= options["slow_seconds"]][: options["limit"]],
        "heaviest": heaviest,
        "unseen": sum(not one.seen for one in found),
        "prepared": waiting,
        "waited": round(time.monotonic() - started, 1),
        "summary": _summary(name, before, after, found, ended, run.check),
        "diff": {"before": {"state": before}, "after": {"state": after}},
    }


def _do(connection: psycopg.Connection[Any], database: str, steps: list[str], run: Run) -> None:
    for statement in steps:
        run.record("call", method="SQL", path=statement.format(database))
        door.move(connection, database, statement)
        run.record("answer", status="done")


def _unwanted(connection: psycopg.Connection[Any], database: str, after: str, found: list[Session], options: Options) -> list[Session]:
    """Whom the door would not let in; refused, while nothing is changed yet, when they could not be kept out."""
    if after == door.OPEN:
        return []
    spared = options["spare"]
    if after == door.READ_ONLY and (roles := [role for role in door.exempt(connection, database) if role not in spared]):
        raise Refused(
            f"{', '.join(roles)} could still write: they have a default_transaction_read_only of their own",
            "Use state: closed, take that setting from them, or name them in spare.",
        )
    unwanted = [one for one in found if one.role not in spared]
    out_of_reach(unwanted)
    return unwanted


def _ended(connection: psycopg.Connection[Any], database: str, after: str, own: int, options: Options, run: Run) -> list[Session]:
    """Everybody who got in before the door was shut. Where reading stays allowed, those who come later are left alone."""
    tick = clock(f"ending the sessions of {database}", options["timeout"], options["poll"], run.tell)
    told: dict[int, Session] = {}
    until = time.monotonic() + CATCHING
    while True:
        catching = time.monotonic() < until
        present = [one for one in sessions(connection, database, own) if one.role not in options["spare"]]
        left = [one for one in present if catching or after == door.CLOSED or one.pid in told]
        if fresh := [one for one in left if one.pid not in told]:
            run.record("call", method="SQL", path=f"pg_terminate_backend of {len(fresh)} sessions")
            run.tell(f"ending {len(fresh)} sessions of {database}")
            told |= {one.pid: one for one in fresh}
        end(connection, left)
        if not left and not catching:
            run.record("answer", status=f"{len(told)} ended")
            return list(told.values())
        try:
            tick()
        except TimedOut:
            names = ", ".join(f"{one.pid} of {one.role}" for one in left[:5])
            raise InUse(f"{len(left)} sessions of {database} do not end: {names}", _STILL) from None


_STILL = "Nobody new is let in; run the same command again, or let them in with state: open."


def _heaviest(server: Server, limit: int) -> tuple[list[dict[str, Any]] | None, int]:
    """What has taken most of the time so far, and the process that was asked.

    None where pg_stat_statements is not there, or nobody is let in to ask.
    """
    own = 0
    try:
        with closing(server.connect()) as connection, connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            own = connection.info.backend_pid
            return [{**row, "query": without_values(row)} for row in cursor.execute(HEAVIEST, [limit]).fetchall()], own
    except (psycopg.Error, ConnectionLost):
        return None, own


def _summary(database: str, before: str, after: str, found: list[Session], ended: list[Session], check: bool) -> str:
    words = {door.HALF: "half open", door.OPEN: "open", door.READ_ONLY: "for reading only", door.CLOSED: "closed"}
    if before == after and not ended:
        return f"{database} is {words[after]}, {len(found)} sessions"
    would = "would be " if check else ""
    return f"{database} {would or 'is '}{words[after]}, {len(ended)} sessions {would}ended"


PERFORM = Operation(arguments=ARGUMENTS, perform=perform)
