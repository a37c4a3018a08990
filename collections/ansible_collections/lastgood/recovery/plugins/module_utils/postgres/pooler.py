# SPDX-License-Identifier: GPL-3.0-or-later
"""PgBouncer in front of a database: clients wait in it during a swap, instead of losing their connections."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ConnectionLost, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import said, understood

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

LOOK = 0.005
"""Seconds between two looks at its connections."""
PATIENCE = 2.0
"""Seconds until it has connected again for whoever waits."""


class Pooler:
    """Its admin console, at C(url); it takes only the simple protocol."""

    def __init__(self, url: str, database: str) -> None:
        self._url, self._database = url, database

    def check(self) -> None:
        """Refused when it does not know the database; asked before anything is changed."""
        with self._console() as console, understood("asking PgBouncer for its databases"):
            names = [row[0] for row in console.execute("SHOW DATABASES").fetchall()]
        if self._database not in names:
            hint = f"It has {', '.join(names)}; give its name with pgbouncer_database."
            raise Refused(f"PgBouncer has no database {self._database}", hint)

    @contextmanager
    def paused(self, patience: float) -> Iterator[None]:
        """Clients wait; running transactions get C(patience) seconds to end, before whoever swaps ends them. Always resumed."""
        with self._eager(), self._console() as console:
            self._until(console, lambda pool: not pool["sv_login"], patience)
            pausing = threading.Thread(target=self._pause, args=[console], daemon=True)
            pausing.start()
            try:
                pausing.join(patience)
                yield
            finally:
                self._resume()
                if pausing.is_alive():  # it may have been asked to pause only after that
                    pausing.join(5)
                    self._resume()

    @contextmanager
    def _eager(self) -> Iterator[None]:
        """A login that PAUSE breaks off counts as failed.

        PgBouncer would try none again for C(server_login_retry), 15 seconds, and turn clients away meanwhile. So it tries again at once,
        until one has succeeded.
        """
        with self._console() as console:
            settings = {row["key"]: row["value"] for row in self._shown(console, "CONFIG")}
            retry = settings["server_login_retry"]
            self._set_retry(console, "0")
        try:
            yield
        finally:
            with suppress(psycopg.Error, ConnectionLost), self._console() as console:
                self._until(console, lambda pool: not pool["cl_waiting"], PATIENCE)
                self._set_retry(console, retry)

    def _until(self, console: Any, fine: Callable[[dict[str, Any]], bool], patience: float) -> None:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if all(fine(pool) for pool in self._shown(console, "POOLS") if pool["database"] == self._database):
                return
            time.sleep(LOOK)

    def _shown(self, console: Any, what: str) -> list[dict[str, Any]]:
        with understood("asking PgBouncer"), console.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            found: list[dict[str, Any]] = cursor.execute(f"SHOW {what}").fetchall()
        return found

    def _set_retry(self, console: Any, seconds: str) -> None:
        with understood("setting server_login_retry of PgBouncer"):
            console.execute(sql.SQL("SET server_login_retry = {}").format(sql.Literal(seconds)))

    def _pause(self, console: Any) -> None:
        with suppress(psycopg.Error, ConnectionLost):
            self._command(console, "PAUSE")

    def _resume(self) -> None:
        problem = ""
        for _attempt in range(3):
            try:
                with self._console() as console:
                    self._command(console, "RESUME")
                    return
            except (psycopg.Error, ConnectionLost) as error:
                problem = said(error)
                if "not paused" in problem:
                    return
        raise ConnectionLost(
            f"PgBouncer may still keep the clients of {self._database} waiting: {problem}",
            f'Run RESUME "{self._database}" in its admin console.',
        )

    def _command(self, console: Any, verb: str) -> None:
        console.execute(sql.SQL(verb + " {}").format(sql.Identifier(self._database)))

    def _console(self) -> Any:
        with understood("connecting to PgBouncer's admin console"):
            simple: dict[str, Any] = {"cursor_factory": psycopg.ClientCursor, "prepare_threshold": None}
            return psycopg.connect(self._url, autocommit=True, connect_timeout=5, **simple)
