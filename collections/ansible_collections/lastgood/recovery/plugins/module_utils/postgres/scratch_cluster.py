# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of our own over a restored copy of a cluster, stopped at one moment: it only reads, and nobody but us can reach it.

It pauses at that moment, since only then it knows which transactions were in progress. Then it is promoted, which ends them: a
migration that was in progress holds locks, and nobody could read what it was about to change.
"""
from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ConnectionLost, Incomplete, RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.pgbackrest import timestamp
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import several
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT, Tell

PORT = 5432
"""Only a part of the socket's name."""
NOTHING = dict.fromkeys(("url", "login_password", "ssl_mode", "ca_cert"))
LOOK = 0.1
LOG = "server.log"
TRUST = "local all all trust\n"
"""Whoever may enter the directory with the socket, which is its owner's alone."""
AT_LEAST = ("max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions", "max_locks_per_transaction")
"""A standby needs as much of them as the server had whose log it replays."""
CONTROL = re.compile(r"(?m)^(max_\w+) setting: +(\d+)$")
STATE = """
SELECT pg_is_in_recovery(), pg_is_in_recovery() AND pg_is_wal_replay_paused(), pg_last_xact_replay_timestamp(),
       txid_snapshot_xmin(txid_current_snapshot()), txid_snapshot_xmax(txid_current_snapshot())
"""
PROMOTE = "SELECT pg_promote(true, 3600)"
# In recovery a snapshot does not list them. What was in progress is not committed, and will not be here.
IN_PROGRESS = """
SELECT coalesce(string_agg(x::text, ',' ORDER BY x), '') FROM generate_series(%s::int8, %s::int8 - 1) x
 WHERE txid_status(x) IS DISTINCT FROM 'committed'
"""
ENDED = "recovery ended before configured recovery target was reached"
LAST = re.compile(r"last completed transaction was at log time (\S+ \S+)")
SEGMENT = re.compile(r'restored log file "([0-9A-F]{24})" from archive')


class EndedEarly(Refused):
    """The archive did not reach the moment."""

    def __init__(self, target: datetime, log: str) -> None:
        found = LAST.findall(log)
        self.last = moment.parse(found[-1]) if found else None
        self.segment = next(iter(SEGMENT.findall(log)[-1:]), "")
        """The last one that was there."""
        self.target = target
        super().__init__(f"the archived write-ahead log ends before {moment.iso(target)}", "")

    @property
    def reachable(self) -> datetime | None:
        """The latest moment that can be restored: recovery stops before a later commit, so that the last one is out of its reach."""
        if self.last is None:
            return None
        return self.last.replace(microsecond=self.last.microsecond // 1000 * 1000) - timedelta(milliseconds=1)


@contextmanager
def at_moment(
    home: Path, postgres: str, target: datetime, fetching: str, settings: dict[str, int], options: Options, identity: dict[str, Any],
    tell: Tell, watch: Callable[[], None],
) -> Iterator[tuple[Server, datetime | None, str | None]]:
    """The server over C(home/data) as of C(target), the time of the last commit in it, and its snapshot; gone afterwards."""
    configured(home, target, fetching, settings, identity)
    server = Server({**options, **NOTHING, "login_host": str(home), "login_port": PORT})
    command = [postgres, "-D", str(home / "data"), "-c", f"config_file={home / 'postgresql.conf'}"]
    # At SIGTERM it would wait for its sessions, and they for each other.
    with Child(command, {}, ends=signal.SIGQUIT, **identity) as child:
        last, bounds = _stopped(child, server, home, target, tell, watch)
        yield server, last, _promoted(server, *bounds, tell) if bounds else None


def configured(home: Path, target: datetime, fetching: str, settings: dict[str, int], identity: dict[str, Any]) -> None:
    """What the live cluster is configured to do (archive, preload, subscribe, listen) is not what this one may do."""
    for place in (home / "data" / "postgresql.auto.conf", home / "pg_ident.conf"):
        place.write_text("")
    (home / "data" / "standby.signal").unlink(missing_ok=True)
    (home / "data" / "recovery.signal").touch()
    (home / "pg_hba.conf").write_text(TRUST)
    told = {
        **{name: max(settings.get(name, 0), 64 if name == "max_prepared_transactions" else 0) for name in AT_LEAST},
        "hba_file": home / "pg_hba.conf", "ident_file": home / "pg_ident.conf",
        "listen_addresses": "", "port": PORT, "unix_socket_directories": f'"{home}"', "unix_socket_permissions": "0700", "ssl": "off",
        "hot_standby": "on", "max_standby_archive_delay": -1, "restore_command": fetching,
        "recovery_target_time": timestamp(target), "recovery_target_action": "pause", "recovery_target_timeline": "latest",
        "archive_mode": "off",
        "autovacuum": "off", "default_transaction_read_only": "on", "max_logical_replication_workers": 0, "primary_conninfo": "",
        "shared_preload_libraries": "", "session_preload_libraries": "", "local_preload_libraries": "",
        "fsync": "off", "shared_buffers": "128MB", "huge_pages": "off",
        "logging_collector": "on", "log_directory": home / "log", "log_filename": LOG, "log_timezone": "UTC", "lc_messages": "C",
    }  # fmt: skip
    quoted = {name: str(value).replace("\\", "\\\\").replace("'", "''") for name, value in told.items()}
    (home / "postgresql.conf").write_text("".join(f"{name} = '{value}'\n" for name, value in quoted.items()))
    for place in (home / "pg_hba.conf", home / "pg_ident.conf", home / "postgresql.conf", home / "data" / "recovery.signal"):
        given(place, identity)


def controlled(home: Path, pg_controldata: str, identity: dict[str, Any]) -> dict[str, int]:
    """The settings that the cluster had when it was backed up."""
    command = [pg_controldata, str(home / "data")]
    # pylint: disable-next=ansible-bad-function # in process there is no AnsibleModule
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "LC_ALL": "C"}, **identity)
    return {name.replace("_xact", "_transaction"): int(value) for name, value in CONTROL.findall(done.stdout)}


def given(path: Path, identity: dict[str, Any]) -> None:
    """To the user that the programs run as."""
    if "user" in identity:
        os.chown(path, identity["user"], identity["group"])


def _stopped(
    child: Child, server: Server, home: Path, target: datetime, tell: Tell, watch: Callable[[], None]
) -> tuple[datetime | None, tuple[int, int] | None]:
    """Waits until the moment is reached: the last commit, and between which numbers transactions may have been in progress.

    A server that does not know them (a transaction has too many subtransactions) does not pause, and goes on to be promoted.
    """
    told = time.monotonic()
    while True:
        if child.process.poll() is not None:
            raise _why(child, home, target)
        at = None
        with suppress(ConnectionLost), server.connect(server.maintenance_database, connect_timeout=2) as connection, understood("looking"):
            row: Any = connection.execute(STATE).fetchone()
            in_recovery, paused, at, *bounds = row
            if "recovery stopping" in _log(home) and (paused or not in_recovery):
                return at, (bounds[0], bounds[1]) if paused else None
        if time.monotonic() - told >= HEARTBEAT / 2:
            told = time.monotonic()
            watch()
            segments = several(len(SEGMENT.findall(_log(home))), "segment")
            here = f"at {moment.iso(at)}" if at else "not readable yet"
            tell(f"replaying the write-ahead log: {segments}, {here}, to {moment.iso(target)}")
        time.sleep(LOOK)


def _promoted(server: Server, oldest: int, upcoming: int, tell: Tell) -> str:
    """The snapshot of the moment; those who were in progress are rolled back."""
    doing = "rolling back what was in progress then"
    with still(doing, tell), server.connect(server.maintenance_database) as connection, understood(doing):
        if connection.execute(PROMOTE).fetchone() != (True,):
            raise Incomplete("the restored cluster is not promoted in time", "Run the same command again.")
        row: Any = connection.execute(IN_PROGRESS, [oldest, upcoming]).fetchone()
    return f"{oldest}:{upcoming}:{row[0]}"


def _why(child: Child, home: Path, target: datetime) -> RecoveryError:
    log = _log(home)
    if ENDED in log:
        return EndedEarly(target, log)
    lines = [line for line in log.splitlines() if re.search(r"FATAL|PANIC", line) and "database system" not in line]
    words = [line.partition("] ")[2] or line for line in lines]
    return Incomplete(
        f"the restored cluster does not start: {' | '.join(words[-3:]) or child.complaint()}"[:2000],
        "Remove the cause, or give another moment; the live database is as it was.",
    )


def _log(home: Path) -> str:
    with suppress(OSError):
        return (home / "log" / LOG).read_text(errors="replace")
    return ""
