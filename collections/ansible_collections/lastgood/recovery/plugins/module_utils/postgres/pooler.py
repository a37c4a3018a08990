# SPDX-License-Identifier: GPL-3.0-or-later
"""PgBouncer in front of a database: clients wait in it during a swap, instead of losing their connections."""
from __future__ import annotations

import threading
from collections.abc import Iterator
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
        with self._console() as console:
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
