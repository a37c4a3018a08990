# SPDX-License-Identifier: GPL-3.0-or-later
"""What postgres_swap does: look whether it can be done, swap, ask the new one whether it is well, and swap back when it is not."""
from __future__ import annotations

import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ActivationFailed, InUse, NotAllowed, RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import databases, sessions, swap
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection, Database
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.pooler import Pooler
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, said, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap import Swap, Swapped

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

ARGUMENTS: dict[str, Any] = {
    "keep_as": {"type": "str"},
    "health_query": {"type": "str", "default": "SELECT true"},
    "health_timeout": {"type": "float", "default": 10},
    "end_timeout": {"type": "float", "default": 10},
    "sequence_margin": {"type": "int", "default": 100},
    "with_slots": {"type": "bool", "default": False},
    "pgbouncer_url": {"type": "str", "no_log": True},
    "pgbouncer_database": {"type": "str"},
    "pause_timeout": {"type": "float", "default": 5},
}
"""How to swap: of every module that does."""
MAY = "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
SLOTS = "SELECT slot_name FROM pg_replication_slots WHERE database = %s"
SUBSCRIPTIONS = "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = %s"
LIVE = "what is live"
"""Before a change, in a diff: what is kept gets the moment into its name, which a plan cannot know."""
LONG = 60
"""Seconds after which a transaction is worth telling of, before it is ended."""


def planned(found: dict[str, Database], name: str, replacement: str, options: Options, mark: dict[str, Any]) -> Swap:
    """The swap, with a name for what is kept that no database has, unless it was given."""
    now = datetime.now(UTC)
    return Swap(
        name=name,
        replacement=replacement,
        keep_as=options["keep_as"] or databases.derived(found, name, "old", now),
        mark={**mark, "at": moment.iso(now)},
        end_timeout=options["end_timeout"],
        margin=options["sequence_margin"],
    )


def possible(connection: Connection, wanted: Swap, options: Options, loaded: bool = True) -> list[str]:
    """What people should know before it happens; NotAllowed, InUse or Refused when it cannot.

    C(loaded) is whether there is a database to take the name already.
    """
    found = databases.everything(connection)
    involved = [_present(found, wanted.name), *([_present(found, wanted.replacement)] if loaded else [])]
    if wanted.keep_as in found:
        raise Refused(f"there is a database {wanted.keep_as} already", "Give another name with keep_as.")
    with understood("looking whether it can be swapped"):
        if not connection.execute(MAY).fetchone()[0]:
            raise NotAllowed("this role may not rename databases", "Use a role with CREATEDB that owns them, or a superuser.")
        slots = [row[0] for row in connection.execute(SLOTS, [wanted.name]).fetchall()]
        subscriptions = [row[0] for row in connection.execute(SUBSCRIPTIONS, [wanted.name]).fetchall()]
    for one in involved:
        if not one.ours:
            raise NotAllowed(f"{one.name} belongs to {one.owner}", f"Use {one.owner}, or a role that has been granted it.")
        waiting = sessions.prepared(connection, one.name)
        if waiting:
            names = ", ".join(f"{row['name']} of {row['owner']}, {moment.span(row['seconds'])} old" for row in waiting[:5])
            raise InUse(
                f"{one.name} has prepared transactions, which nobody can end from outside: {names}",
                "COMMIT PREPARED or ROLLBACK PREPARED each of them in that database, then run the same command again.",
            )
    if slots and not options["with_slots"]:
        raise InUse(
            f"the replication slots {', '.join(slots)} stay with the old database: what reads them will see nothing new",
            "Drop them, and make them anew afterwards; or go ahead all the same with with_slots.",
        )
    connected = [one for database in involved for one in sessions.sessions(connection, database.name)]
    sessions.out_of_reach(connected)
    staying = [f"the subscription {one} stays with the old database, and goes on writing to it" for one in subscriptions]
    return [*_notes(connected, slots, involved[0]), *staying]


def _present(found: dict[str, Database], name: str) -> Database:
    if name in found:
        return found[name]
    there = ", ".join(one for one, row in found.items() if not row.template)
    raise Refused(f"there is no database {name}", f"There are {there}.")


def _notes(connected: list[sessions.Session], slots: list[str], live: Database) -> list[str]:
    notes = [f"{len(connected)} sessions are ended" if len(connected) != 1 else "1 session is ended"] if connected else []
    notes += [
        f"process {one.pid} of {one.role} is in a transaction since {moment.span(one.transaction_seconds)}: it is rolled back"
        for one in connected
        if one.transaction_seconds and one.transaction_seconds >= LONG
    ]
    notes += [f"the replication slot {slot} stays with the old database" for slot in slots]
    return notes + ([] if live.open else [f"{live.name} lets nobody in now: it is opened"])


def opened(connection: Connection, run: Run, *names: str) -> dict[str, Database]:
    """Everything there is. A run that was cut off may have left those closed; nothing in them can be read then."""
    found = databases.everything(connection)
    for name in names:
        if name in found and not found[name].open:
            run.record("call", method="SQL", path=f"open {name}")
            with understood(f"opening {name}"):
                connection.execute(databases.alter(name, "ALLOW_CONNECTIONS true"))
    return found


def swapped(server: Server, connection: Connection, wanted: Swap, options: Options, run: Run) -> Swapped:
    """Done, and found to be well; ActivationFailed when it is not, and everything is as it was before."""
    pooler = Pooler(options["pgbouncer_url"], options["pgbouncer_database"] or wanted.name) if options["pgbouncer_url"] else None
    if pooler:
        pooler.check()
    oid = opened(connection, run, wanted.name, wanted.replacement)[wanted.replacement].oid
    with pooler.paused(options["pause_timeout"]) if pooler else nullcontext():
        run.tell(f"{wanted.replacement} becomes {wanted.name}")
        result = swap.perform(server, connection, wanted, run.record)
    problem = unwell(server, oid, options, run)
    if problem is None:
        return result
    run.tell(f"{wanted.name} is not well, swapping back: {problem}")
    with pooler.paused(options["pause_timeout"]) if pooler else nullcontext():
        swap.perform(server, connection, wanted.back(), run.record)
    raise ActivationFailed(
        f"{wanted.name} was not well after the swap ({problem}), so that the database from before has its name again",
        f"Look into {wanted.replacement}, which is kept.",
    )


def unwell(server: Server, oid: int, options: Options, run: Run) -> str | None:
    """Why the database that has the name cannot be used, as seen by a new client; None when it can."""
    until = time.monotonic() + options["health_timeout"]
    while True:
        try:
            problem = _asked(server, oid, options["health_query"])
        except RecoveryError as error:
            problem = error.message
        except psycopg.Error as error:
            problem = said(error)
        if problem is None or time.monotonic() > until:
            return problem
        run.tell(f"asking {server.database} whether it is well: {problem}")
        time.sleep(min(0.5, max(0.0, options["health_timeout"] / 10)))


def _asked(server: Server, oid: int, query: str) -> str | None:
    with server.connect(application_name="lastgood health check") as client:
        client.execute("SET statement_timeout = '30s'")
        row = client.execute("SELECT oid::int8 FROM pg_database WHERE datname = current_database()").fetchone()
        if row is None or row[0] != oid:
            return "another database answers by this name"
        with client.transaction(force_rollback=True):
            answer = client.execute(query.encode()).fetchone()
    if answer is None or answer[0] in (None, False):
        return f"the health query answers {'no row' if answer is None else answer[0]}"
    return None
