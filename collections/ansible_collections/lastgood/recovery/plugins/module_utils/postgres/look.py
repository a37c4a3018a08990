# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a database, and its verdict: what could not be looked at is UNKNOWN, and damage that the server reports is BAD."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import said

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

Connection = Any
"""C(psycopg.Connection) with rows as tuples."""
OK, UNKNOWN, BAD = SEVERITY = ("OK", "UNKNOWN", "BAD")


@dataclass(frozen=True)
class Finding:
    verdict: str
    got: str
    """What was found, also when it is as expected."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What its check has beside that, such as C(value)."""


@dataclass(frozen=True)
class Look:
    name: str
    expected: str
    at: Callable[[Connection], Finding]
    only_reads: bool = True

    def verdict(self, connection: Connection, seconds: float) -> dict[str, Any]:
        """In a transaction that is rolled back; a statement of it may take C(seconds)."""
        started = time.monotonic()
        return told(self.name, self.expected, self._safely(connection, seconds), started)

    def _safely(self, connection: Connection, seconds: float) -> Finding:
        if connection.closed:
            return Finding(UNKNOWN, "the connection was lost before")
        try:
            with connection.transaction(force_rollback=True):
                connection.execute("SET TRANSACTION READ ONLY" if self.only_reads else "SET TRANSACTION READ WRITE")
                connection.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(int(seconds * 1000))))
                return self.at(connection)
        except psycopg.Error as error:
            return _unseen(error, seconds)
        except Refused as refusal:
            return Finding(UNKNOWN, f"{refusal.message}. {refusal.hint}")


def told(name: str, expected: str, found: Finding, started: float | None = None) -> dict[str, Any]:
    """In the form in which every check of this collection is told; C(started) as in C(time.monotonic())."""
    seconds = round(time.monotonic() - started, 3) if started else 0.0
    return {
        "name": name,
        "verdict": found.verdict,
        "step": None,
        "expected": expected,
        "got": found.got,
        "body": None,
        "seconds": seconds,
        **found.facts,
    }


def all_of(looks: Iterable[tuple[str, Callable[[Connection], Finding]]], nothing: str) -> Callable[[Connection], Finding]:
    """Several looks as one: as bad as the worst of them, in the words of those that are not as expected."""

    def at(connection: Connection) -> Finding:
        found = [(subject, _within(look, connection)) for subject, look in looks]
        verdict = max((one.verdict for _subject, one in found), key=SEVERITY.index, default=OK)
        wrong = sorted(((subject, one) for subject, one in found if one.verdict != OK), key=lambda pair: -SEVERITY.index(pair[1].verdict))
        words = "; ".join(f"{subject}: {one.got}" for subject, one in wrong)
        return Finding(verdict, words or (f"{len(found)}, all of them" if found else nothing))

    return at


def none_of(bad: list[str], looked_at: int | str) -> Finding:
    """Fine when the list is empty; C(looked_at) says how much was looked at."""
    return Finding(BAD, "; ".join(bad)) if bad else Finding(OK, str(looked_at))


def _within(look: Callable[[Connection], Finding], connection: Connection) -> Finding:
    """One of several: what fails leaves the others their transaction."""
    try:
        with connection.transaction():
            return look(connection)
    except psycopg.Error as error:
        if connection.closed:
            raise
        return _unseen(error, None)


def _unseen(error: psycopg.Error, seconds: float | None) -> Finding:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return Finding(UNKNOWN, f"not within {span(seconds)}" if seconds else "not in time")
    damaged = (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted)
    return Finding(BAD if isinstance(error, damaged) else UNKNOWN, said(error))
