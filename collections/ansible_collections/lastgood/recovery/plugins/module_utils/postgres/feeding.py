# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads a dump by a connection of ours, inside its transaction: what was removed before, the dump and its proof stand or fall together."""
from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Incomplete
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import sql_text
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.client_tools import program
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import PLAIN, DumpFile
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.loading import without_owners
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import growing
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sql_scanner import Scanner
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

BLOCK = 1 << 20
HELD = 1 << 16
"""Bytes of statements that are sent at once."""
OWN = re.compile(rb"(?i)\s*(BEGIN|COMMIT)\s*;")
"""What pg_dump writes around large objects."""
TRANSACTION = re.compile(rb"(?i)\s*(BEGIN|COMMIT|START\s+TRANSACTION|END|ROLLBACK|ABORT|PREPARE\s+TRANSACTION|SAVEPOINT|RELEASE)\b")
EXTENSION = re.compile(rb"(?i)\s*COMMENT\s+ON\s+EXTENSION\b")
"""Extensions that are there stay, and may be the server's own."""
BODY = re.compile(rb"(?is)\s*CREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE)\b.*\bBEGIN\s+ATOMIC\b")
"""A function whose statements end as those outside of it do, up to END."""
COMMENT = re.compile(rb"(?s)\s*/\*.*?\*/")


def fed(connection: Connection, dump: DumpFile, major: int, options: Options, tell: Tell, watch: Callable[[], None]) -> None:
    """All of it, or an error: the transaction of C(connection) is open as before, or can only be rolled back."""
    if dump.kind == PLAIN:
        with dump.path.open("rb") as file:
            _read(connection, file.read, tell, watch)
        return
    command = [program("pg_restore", major, options["bin_dir"]), *without_owners(options), "-f", "-", str(dump.path)]
    with Child(command, {}, stdout=subprocess.PIPE) as child:
        stream: Any = child.process.stdout
        _read(connection, stream.read, tell, watch)
        if child.process.wait():
            raise BadBackup(f"{dump.path} is damaged, pg_restore cannot read all of it: {child.complaint()}", "Choose another backup.")


def _read(connection: Connection, read: Callable[[int], bytes], tell: Tell, watch: Callable[[], None]) -> None:
    connection.prepare_threshold = None
    feeder = _Feeder(connection, read)
    progress = growing(lambda: feeder.sender.bytes, "loading")
    with still(progress, tell), understood("loading"):
        feeder.watch = watch
        found = feeder.all()
        feeder.sender.flush()
    problems = [*found.problems, *([] if found.complete else ["its end is missing"])]
    if problems:
        raise BadBackup(f"the dump cannot be loaded: {problems[0]}", "Choose another backup.")
    with understood("loading"):
        connection.execute("SET client_encoding = 'UTF8'")


class _Sender(Scanner):
    """Sends what it has taken, and the rows of a COPY as they are."""

    def __init__(self, connection: Connection, read: Callable[[int], bytes]) -> None:
        super().__init__(read, BLOCK)
        self.connection = connection
        self.whole = bytearray()
        """The statement that is being read, however long."""
        self.held = bytearray()
        """Statements that were read, and not sent yet."""

    def take(self, end: int) -> None:
        self.whole += self.text[self.at : end]
        super().take(end)

    def flush(self) -> None:
        if self.held.strip():
            self.connection.execute(bytes(self.held))
        self.held.clear()
        if self.connection.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
            raise Incomplete("the dump has ended the transaction that it is loaded in", "Restore it beside the live database.")

    def copied(self) -> tuple[int, bool]:
        """The COPY was taken; its rows follow."""
        self.flush()
        statement = bytes(self.whole)
        self.whole.clear()
        self.line()
        rows = 0
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            while True:  # the byte at C(at) is the end of a line, and was sent already
                end = self.text.find(b"\n\\.\n", self.at)
                last = end < 0 and self.ended and self.text.endswith(b"\n\\.")
                place = end if end >= 0 else len(self.text) - 3 if last else max(self.at, len(self.text) - 3)
                rows += self.text.count(b"\n", self.at, place)
                copy.write(self.text[self.at + 1 : place + 1])
                self.at = place
                if end >= 0 or last:
                    self.at += 3
                    return rows, True
                if not self.more():
                    raise BadBackup("the dump cannot be loaded: it ends inside the rows of a table", "Choose another backup.")


class _Feeder(sql_text._Reader):
    """Reads as always, and sends what was read."""

    def __init__(self, connection: Connection, read: Callable[[int], bytes]) -> None:
        super().__init__(read, BLOCK)
        self._in = self.sender = _Sender(connection, read)
        self._inside = False
        self.watch: Callable[[], None] = lambda: None

    def _ends(self) -> None:
        start = bytes(self._in.statement)
        while comment := COMMENT.match(start):
            start = start[comment.end() :]
        if self._inside:
            self._inside = not re.fullmatch(rb"(?i)\s*END\s*;", start)
        elif BODY.match(start):
            self._inside = True
        elif OWN.fullmatch(start) or EXTENSION.match(start):
            self.sender.whole.clear()
        elif TRANSACTION.match(start) or start.lstrip().startswith((b"*/", b"/*")):
            raise BadBackup(f"the dump would end its transaction itself: {start.split()[0].decode(errors='replace')}", "Restore it beside.")
        super()._ends()  # of a COPY this reads the rows
        self.sender.held += self.sender.whole
        self.sender.whole.clear()
        if len(self.sender.held) >= HELD and not self._inside:
            self.sender.flush()
            self.watch()
