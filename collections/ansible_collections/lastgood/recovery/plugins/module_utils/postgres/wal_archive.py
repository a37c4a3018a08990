# SPDX-License-Identifier: GPL-3.0-or-later
"""The write-ahead log that a server archives: closed now, so that what was committed until now can be restored to."""
from __future__ import annotations

import time

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import DatabaseError
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT, Tell

LOOK = 0.1
WAIT = 120
"""Seconds that the archive may take for what is left; whether it has all that is needed shows in the recovery."""
# Recovery stops before a commit that is later than its target: there has to be one.
COMMIT = "SELECT txid_current()"
CLOSE = "SELECT pg_walfile_name(pg_switch_wal())"
ARCHIVER = "SELECT coalesce(last_archived_wal, ''), failed_count, coalesce(last_failed_wal, '') FROM pg_stat_archiver"


def closed(server: Server, tell: Tell) -> None:
    """The current segment is closed, and waited for; when that cannot be, it is told why."""
    try:
        with server.connect(server.maintenance_database) as connection, understood("closing the segment of the write-ahead log"):
            (mode,) = connection.execute("SHOW archive_mode").fetchone() or ("",)
            if mode == "off":
                tell("this server archives nothing at present: what is in the archive has to do")
                return
            (before,) = connection.execute("SELECT failed_count FROM pg_stat_archiver").fetchone() or (0,)
            connection.execute(COMMIT)
            (segment,) = connection.execute(CLOSE).fetchone() or ("",)
            _archived(connection, segment, before, tell)
    except DatabaseError as problem:
        tell(f"the newest segment of the write-ahead log is not archived now: {problem.message}")


def _archived(connection: Connection, segment: str, failed_before: int, tell: Tell) -> None:
    started = told = time.monotonic()
    while time.monotonic() - started < WAIT:
        last, failed, failing = connection.execute(ARCHIVER).fetchone() or ("", 0, "")
        if last[8:] >= segment[8:]:
            return
        if failed > failed_before:
            tell(f"archiving {failing} fails on this server: what is in the archive has to do")
            return
        if time.monotonic() - told >= HEARTBEAT / 2:
            told = time.monotonic()
            tell(f"waiting until {segment} is archived, {last} is … {told - started:.0f} s")
        time.sleep(LOOK)
    tell(f"{segment} was not archived within {WAIT} s: what is in the archive has to do")
