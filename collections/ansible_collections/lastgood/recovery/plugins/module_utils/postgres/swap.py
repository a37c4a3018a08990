# SPDX-License-Identifier: GPL-3.0-or-later
"""One database takes the name, and so the clients, of another: in one transaction, with nobody connected to either."""
from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ConnectionLost, DatabaseError, InUse, RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import databases, sequence_fence, sessions
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

ATTEMPTS = 3
"""How often the renaming is tried when somebody who may connect to a closed database comes in between."""
LOOK = 0.005
COUNT = "SELECT pid FROM pg_stat_activity WHERE datname = ANY(%s) AND pid <> ALL(%s) AND pid <> pg_backend_pid()"
OWN = "SET statement_timeout = 0; SET idle_session_timeout = 0; SET default_transaction_read_only = off"
"""Limits that the role or the database have for the application."""
END = "SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid"


@dataclass(frozen=True)
class Swap:
    """C(replacement) becomes C(name), and what was C(name) becomes C(keep_as)."""

    name: str
    replacement: str
    keep_as: str
    mark: dict[str, Any] = field(default_factory=dict)
    """What is written into the comment of the database that is kept, beside which one replaced it."""
    end_timeout: float = 10
    """Seconds that sessions may take to end."""
    margin: int = 100
    """How many ids are left out behind the greatest that was given out."""

    def back(self) -> Swap:
        """The way it was before, because the replacement was not well."""
        return replace(self, replacement=self.keep_as, keep_as=self.replacement, mark={**self.mark, "unwell": True})


@dataclass
class Swapped:
    """What it took."""

    closed: float = 0
    """Seconds that nobody could connect."""
    ended: int = 0
    """Sessions that were ended."""
    sequences: dict[str, int] = field(default_factory=dict)
    """Those that were moved, with the new value."""


Record = Callable[..., None]


def perform(server: Server, connection: Connection, swap: Swap, record: Record) -> Swapped:
    """By a C(connection) to the maintenance database that holds the lock.

    However it ends, the database that has the name lets people in; when even that fails, ConnectionLost says so.
    """
    wanted, result = databases.everything(connection)[swap.replacement].oid, Swapped()
    try:
        _swap(server, connection, swap, record, result)
    except BaseException as error:
        repaired = _opened_again(server, swap, str(error))
        if not (isinstance(error, RecoveryError) and repaired == wanted):  # the answer to COMMIT may be lost, and it be done
            raise
    _let_in(server, swap)
    return result


def _opened_again(server: Server, swap: Swap, problem: str) -> int:
    """Whatever happened: the database that has the name lets people in. Its OID."""
    until = time.monotonic() + databases.WAIT
    while True:
        try:
            with databases.maintenance(server, f"repair {swap.name}") as connection, understood(f"opening {swap.name} again"):
                connection.execute("SET lock_timeout = '500ms'")  # a transaction of ours may not have noticed yet that its client is gone
                connection.execute(databases.alter(swap.name, "ALLOW_CONNECTIONS true"))
                return databases.everything(connection)[swap.name].oid
        except DatabaseError as error:
            if time.monotonic() > until:
                raise ConnectionLost(
                    f"{problem}; {swap.name} may still be closed to everybody: {error.message}",
                    "Run the same command again once the server answers: it opens the database.",
                ) from None
            time.sleep(0.1)


def _let_in(server: Server, swap: Swap) -> None:
    """The one that is kept can be looked at, and salvaged from; nobody knows its name."""
    with suppress(RecoveryError, psycopg.Error), databases.maintenance(server, f"open {swap.keep_as}") as connection:
        connection.execute(databases.alter(swap.keep_as, "ALLOW_CONNECTIONS true"))


def _swap(server: Server, connection: Connection, swap: Swap, record: Record, result: Swapped) -> None:
    """With both databases held open by a session of ours each, so that their sequences can be read once nobody else uses them."""
    found = databases.everything(connection)
    live, other = (server.connect(name, application_name="lastgood sequences") for name in (swap.name, swap.replacement))
    try:
        with understood("preparing to move the sequences"):
            for session in (live, other):
                session.execute(OWN)
        record("call", method="SQL", path=f"move the sequences of {swap.replacement}")
        result.sequences = sequence_fence.moves(live, other, swap.margin)
        sequence_fence.move(other, result.sequences)  # what is not allowed shows before anybody is shut out
        record("call", method="SQL", path=f"close {swap.name}")
        closed = time.monotonic()
        with understood(f"closing {swap.name}"):
            connection.execute(databases.alter(swap.name, "ALLOW_CONNECTIONS false"))
        own = [live.info.backend_pid, other.info.backend_pid]
        record("call", method="SQL", path=f"end the sessions of {swap.name} and {swap.replacement}")
        result.ended += _emptied(connection, swap, own)
        record("call", method="SQL", path="move the sequences")
        late = sequence_fence.moves(live, other, swap.margin)
        sequence_fence.move(other, late)
        result.sequences |= late
    finally:
        live.close()
        other.close()
    for attempt in range(ATTEMPTS):
        result.ended += _emptied(connection, swap, [])
        try:
            _rename(connection, swap, found, record)
            break
        except InUse:
            if attempt == ATTEMPTS - 1:
                raise
    result.closed = time.monotonic() - closed


def _emptied(connection: Connection, swap: Swap, own: list[int]) -> int:
    """Nobody is connected to either; how many were. All are told at once: one after the other the first would be back."""
    until = time.monotonic() + swap.end_timeout
    ended: set[int] = set()
    with understood("ending the sessions"):
        while pids := [row[0] for row in connection.execute(COUNT, [[swap.name, swap.replacement], own]).fetchall()]:
            fresh = [pid for pid in pids if pid not in ended]
            if fresh:
                connection.execute(END, [fresh])
                ended.update(fresh)
            if time.monotonic() > until:
                left = sessions.sessions(connection, swap.name)
                who = ", ".join(f"process {one.pid} of {one.role}" for one in left[:5]) or f"{len(pids)} processes"
                raise InUse(f"{who} did not end", "End it by hand, then run the same command again.")
            time.sleep(LOOK)
    return len(ended)


def _rename(connection: Connection, swap: Swap, found: dict[str, databases.Database], record: Record) -> None:
    """Both names and both comments change at once, or none of them does."""
    live, other = found[swap.name], found[swap.replacement]
    told = live.mark.get("comment") if live.mark else live.comment
    kept = {**swap.mark, "is": databases.KEPT, "of": swap.name, "by": other.oid, "replaced_by": swap.replacement, "comment": told}
    with understood(f"renaming {swap.replacement} to {swap.name}"):
        record("call", method="SQL", path="BEGIN")
        with connection.transaction():
            record("call", method="SQL", path=f"rename {swap.name} to {swap.keep_as}")
            connection.execute(databases.rename(swap.name, swap.keep_as))
            record("call", method="SQL", path=f"rename {swap.replacement} to {swap.name}")
            connection.execute(databases.rename(swap.replacement, swap.name))
            connection.execute(databases.alter(swap.name, "ALLOW_CONNECTIONS true"))
            connection.execute(databases.marked(swap.keep_as, kept))
            if other.mark or other.comment is None:
                comment = other.mark.get("comment") if other.mark.get("is") == databases.KEPT else told
                connection.execute(databases.commented(swap.name, comment))
            record("call", method="SQL", path="COMMIT")
    record("answer", status="swapped")
