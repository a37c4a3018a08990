# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a dump as psql would, without running anything: what it holds, what it needs, whether it is whole, and what must not be run."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sql_scanner import Scanner

TOKEN = re.compile(rb"""'|"|\$(?:[A-Za-z_\x80-\xff][A-Za-z_0-9\x80-\xff]*)?\$|--|/\*|\\|;""")
COPY = re.compile(rb"""(?is)\s*COPY\s+((?:"(?:[^"]|"")+"|[^\s("])+)\s*(?:\((?:"(?:[^"]|"")*"|[^")])*\))?\s+FROM\s+stdin\b""")
NAME = rb"""("(?:[^"]|"")+"|[a-z_\x80-\xff][a-z0-9_$\x80-\xff]*)"""
ROLES = [re.compile(rb"(?:OWNER TO|FOR ROLE|AUTHORIZATION) " + NAME), re.compile(rb"(?s)^\s*(?:GRANT|REVOKE)\b.*\b(?:TO|FROM) " + NAME)]
EXTENSION = re.compile(rb"(?s)^\s*CREATE EXTENSION (?:IF NOT EXISTS )?" + NAME)
DUMPED = re.compile(rb"^-- Dumped (from database|by pg_dump) version (\d+)")
OWN_COMMANDS = (b"\\restrict", b"\\unrestrict")
COMMENT, ESCAPED = re.compile(rb"/\*|\*/"), re.compile(rb"\\.|''|'", re.DOTALL)
STARTED = b"-- Started on "
"""With C(--verbose): what follows is a date, a time and an abbreviated time zone."""
COMPLETE, CLUSTER_COMPLETE = b"-- PostgreSQL database dump complete", b"-- PostgreSQL database cluster dump complete"
THINGS = (b"DATABASE", b"ROLE", b"USER ", b"SYSTEM", b"TABLESPACE")
BEYOND = tuple(b"%s %s" % (verb, thing) for verb in (b"CREATE", b"ALTER", b"DROP") for thing in THINGS)
"""What reaches beyond the database that it is loaded into."""
GRANTS = (b"ALTER", b"GRANT", b"REVOKE", b"CREATE SCHEMA")
NOBODY = {"public", "current_user", "session_user", "current_role"}


@dataclass
class Contents:
    """What a dump says about itself."""

    rows: dict[str, int] = field(default_factory=dict)
    """By C(schema.table), as many as it has lines for it; empty for a dump that has INSERTs."""
    roles: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)
    dumped_from: int = 0
    dumped_by: int = 0
    """Major versions; 0 when it does not say."""
    started: str = ""
    """When it was begun, as C(2026-11-22 02:30:00 UTC); empty when it does not say."""
    complete: bool = False
    statements: int = 0
    inserts: bool = False
    unseen: str = ""
    """What could have been altered in it without anybody seeing it, because it has no checksum."""
    problems: list[str] = field(default_factory=list)
    """Why it must not be run."""
    bytes: int = 0


def contents(read: Callable[[int], bytes], block: int = 1 << 20) -> Contents:
    """Reads all of it; C(read) is that of a binary file."""
    return _Reader(read, block).all()


def unquoted(name: str) -> str:
    """C("Order Items") or C(public."Order Items") as the catalogue has it."""
    parts = re.findall(r'"(?:[^"]|"")+"|[^".]+', name)
    return ".".join(part[1:-1].replace('""', '"') if part.startswith('"') else part for part in parts)


class _Reader:
    def __init__(self, read: Callable[[int], bytes], block: int) -> None:
        self._in = Scanner(read, block)
        self.found = Contents()

    def all(self) -> Contents:
        while self._step():
            pass
        if self._in.statement.strip():
            self.found.problems.append("it ends in the middle of a statement")
        self.found.bytes = self._in.bytes
        return self.found

    def _step(self) -> bool:
        """Up to and with the next thing that matters; False at the end."""
        token = self._in.token(TOKEN)
        if token is None:
            self._in.take(len(self._in.text))
            return False
        sign = token.group()
        before = self._in.before(token.start())
        if sign == b"\\":
            self._command(token.start(), before)
        elif sign == b"--":
            self._in.take(token.start())
            self._comment(self._in.line())
        else:
            self._in.take(token.end())
            if sign == b";":
                self._ends()
            elif not self._quoted(sign, before):
                self.found.problems.append("it ends inside a quoted text")
                self._in.statement.clear()
        return True

    def _quoted(self, sign: bytes, before: bytes) -> bool:
        """Behind the quoted text that has begun; False when it has no end."""
        if sign == b"/*":
            depth = 1
            while depth:
                if not (found := self._in.until(COMMENT)):
                    return False
                depth += 1 if found == b"/*" else -1
            return True
        if sign == b"'" and before in (b"e", b"E"):
            while (found := self._in.until(ESCAPED)) and found != b"'":
                pass
            return bool(found)
        if sign in (b"'", b'"') or not re.match(rb"[A-Za-z0-9_\x80-\xff]", before):  # a dollar may be part of a name
            return bool(self._in.until(re.compile(re.escape(sign))))  # a doubled one opens it again
        return True

    def _comment(self, line: bytes) -> None:
        if line == COMPLETE:
            self.found.complete = True
        elif line == CLUSTER_COMPLETE:
            self.found.problems.append("it is a dump of all databases of a server (pg_dumpall), not of one")
        elif line.startswith(STARTED) and not self.found.started:
            self.found.started = line.removeprefix(STARTED).decode(errors="replace")[:60]
        elif said := DUMPED.match(line):
            setattr(self.found, "dumped_from" if said.group(1).startswith(b"from") else "dumped_by", int(said.group(2)))

    def _command(self, start: int, before: bytes) -> None:
        self._in.take(start)
        command = self._in.line().split()
        if before not in (b"", b"\n") or not command or command[0] not in OWN_COMMANDS:
            shown = (command[0] if command else b"\\").decode(errors="replace")[:20]
            self.found.problems.append(f"it holds the psql command {shown}, which a dump of one database has no use for")

    def _ends(self) -> None:
        statement = bytes(self._in.statement)
        self._in.statement.clear()
        self.found.statements += 1
        self.found.complete = False  # whatever comes after the last line is not of this dump
        if copied := COPY.match(statement):
            self._data(unquoted(copied.group(1).decode(errors="replace")))
            return
        start = statement.lstrip()[:40].upper()
        self.found.inserts |= start.startswith(b"INSERT")
        if start.startswith(BEYOND):
            self.found.problems.append(f"it would run {b' '.join(start.split()[:2]).decode()} itself; dump it without --create")
        if re.match(rb"SET STANDARD_CONFORMING_STRINGS\s*(=|TO)\s*'?OFF", start):
            self.found.problems.append("it has standard_conforming_strings off, so that nobody can tell what is quoted in it")
        if start.startswith(GRANTS):
            named = [match.group(1) for pattern in ROLES for match in pattern.finditer(statement)]
            self.found.roles |= {unquoted(name.decode(errors="replace")) for name in named} - NOBODY
        if extension := EXTENSION.match(statement):
            self.found.extensions.add(unquoted(extension.group(1).decode(errors="replace")))

    def _data(self, table: str) -> None:
        """Each line is a row."""
        rows, whole = self._in.copied()
        if not whole:
            self.found.problems.append(f"it ends inside the rows of {table}")
        self.found.rows[table] = self.found.rows.get(table, 0) + rows
