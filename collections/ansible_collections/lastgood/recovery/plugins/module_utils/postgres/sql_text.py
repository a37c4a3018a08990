# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a dump as psql would, without running anything: what it holds, what it needs, whether it is whole, and what must not be run."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

TOKEN = re.compile(rb"""'|"|\$(?:[A-Za-z_\x80-\xff][A-Za-z_0-9\x80-\xff]*)?\$|--|/\*|\\|;""")
COPY = re.compile(rb"""(?is)\s*COPY\s+((?:"(?:[^"]|"")+"|[^\s("])+)\s*(?:\((?:"(?:[^"]|"")*"|[^")])*\))?\s+FROM\s+stdin\b""")
NAME = rb"""("(?:[^"]|"")+"|[a-z_\x80-\xff][a-z0-9_$\x80-\xff]*)"""
ROLES = [re.compile(rb"(?:OWNER TO|FOR ROLE|AUTHORIZATION) " + NAME), re.compile(rb"(?s)^\s*(?:GRANT|REVOKE)\b.*\b(?:TO|FROM) " + NAME)]
EXTENSION = re.compile(rb"(?s)^\s*CREATE EXTENSION (?:IF NOT EXISTS )?" + NAME)
DUMPED = re.compile(rb"^-- Dumped (from database|by pg_dump) version (\d+)")
OWN_COMMANDS = (b"\\restrict", b"\\unrestrict")
COMPLETE, CLUSTER_COMPLETE = b"-- PostgreSQL database dump complete", b"-- PostgreSQL database cluster dump complete"
THINGS = (b"DATABASE", b"ROLE", b"USER ", b"SYSTEM", b"TABLESPACE")
BEYOND = tuple(b"%s %s" % (verb, thing) for verb in (b"CREATE", b"ALTER", b"DROP") for thing in THINGS)
"""What reaches beyond the database that it is loaded into."""
GRANTS = (b"ALTER", b"GRANT", b"REVOKE", b"CREATE SCHEMA")
NOBODY = {"public", "current_user", "session_user", "current_role"}
LONGEST = 1 << 16
"""Bytes of a statement that are looked at."""
AHEAD = 1 << 10
"""Bytes that are kept together at the end of a block: no token is longer."""


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
    complete: bool = False
    statements: int = 0
    inserts: bool = False
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
        self._read, self._block = read, block
        self._text, self._at, self._ended = b"", 0, False
        self._last = b""
        """The byte before the text."""
        self._statement = bytearray()
        self.found = Contents()

    def all(self) -> Contents:
        while self._step():
            pass
        if self._statement.strip():
            self.found.problems.append("it ends in the middle of a statement")
        return self.found

    def _more(self) -> bool:
        """Another block behind what is not used yet."""
        block = b"" if self._ended else self._read(self._block)
        self._ended = not block
        self._last = self._before(self._at)
        self.found.bytes += len(block)
        self._text, self._at = self._text[self._at :] + block, 0
        return bool(block)

    def _before(self, at: int) -> bytes:
        return self._text[at - 1 : at] if at else self._last

    def _take(self, end: int) -> bytes:
        taken, self._at = self._text[self._at : end], end
        if len(self._statement) < LONGEST:
            self._statement += taken
        return taken

    def _step(self) -> bool:
        """Up to and with the next thing that matters; False at the end."""
        token = TOKEN.search(self._text, self._at)
        if token is None or token.end() > len(self._text) - AHEAD:
            if not self._ended:
                if token is None:
                    self._take(max(self._at, len(self._text) - AHEAD))
                self._more()
                return True
            if token is None:
                self._take(len(self._text))
                return False
        sign = token.group()
        before = self._before(token.start())
        if sign == b"\\":
            self._command(token.start(), before)
        elif sign == b"--":
            self._take(token.start())
            self._comment(self._line())
        elif sign == b";":
            self._take(token.end())
            self._ends()
        else:
            self._take(token.end())
            self._quoted(sign, before)
        return True

    def _quoted(self, sign: bytes, before: bytes) -> None:
        if sign == b"/*":
            depth = 1
            while depth and (found := self._until(re.compile(rb"/\*|\*/"))):
                depth += 1 if found == b"/*" else -1
        elif sign == b"'" and before in (b"e", b"E"):
            while (found := self._until(re.compile(rb"\\.|''|'", re.DOTALL))) and found != b"'":
                pass
        elif sign in (b"'", b'"'):
            self._until(re.compile(re.escape(sign)))  # a doubled one opens it again
        elif not re.match(rb"[A-Za-z0-9_\x80-\xff]", before):  # a dollar may be part of a name
            self._until(re.compile(re.escape(sign)))

    def _until(self, pattern: re.Pattern[bytes]) -> bytes:
        """Behind the next match, which is returned; empty, and a problem, when it never comes."""
        while not (match := pattern.search(self._text, self._at)) or (match.end() == len(self._text) and not self._ended):
            if match:
                self._take(match.start())
                self._more()
                continue
            self._take(max(self._at, len(self._text) - AHEAD))
            if not self._more():
                self._take(len(self._text))
                self.found.problems.append("it ends inside a quoted text")
                self._statement.clear()
                return b""
        self._take(match.end())
        return match.group()

    def _line(self) -> bytes:
        """The rest of this line, which belongs to no statement."""
        while (end := self._text.find(b"\n", self._at)) < 0 and self._more():
            pass
        end = len(self._text) if end < 0 else end
        line, self._at = self._text[self._at : end], end
        return line.rstrip(b"\r")

    def _comment(self, line: bytes) -> None:
        if line == COMPLETE:
            self.found.complete = True
        elif line == CLUSTER_COMPLETE:
            self.found.problems.append("it is a dump of all databases of a server (pg_dumpall), not of one")
        elif said := DUMPED.match(line):
            setattr(self.found, "dumped_from" if said.group(1).startswith(b"from") else "dumped_by", int(said.group(2)))

    def _command(self, start: int, before: bytes) -> None:
        self._take(start)
        command = self._line().split()
        if before not in (b"", b"\n") or not command or command[0] not in OWN_COMMANDS:
            shown = (command[0] if command else b"\\").decode(errors="replace")[:20]
            self.found.problems.append(f"it holds the psql command {shown}, which a dump of one database has no use for")

    def _ends(self) -> None:
        statement, self._statement = bytes(self._statement), bytearray()
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
        """Lines up to one with a backslash and a point only; each is a row."""
        self._line()
        rows = 0
        while True:
            end = self._text.find(b"\n\\.\n", self._at)
            last = end < 0 and self._ended and self._text.endswith(b"\n\\.")
            if end >= 0 or last:
                end = len(self._text) - 3 if last else end
                rows += self._text.count(b"\n", self._at, end)
                self._at = end + 3
                break
            keep = max(self._at, len(self._text) - 3)
            rows += self._text.count(b"\n", self._at, keep)
            self._at = keep
            if not self._more():
                self.found.problems.append(f"it ends inside the rows of {table}")
                self._at = len(self._text)
                break
        self.found.rows[table] = self.found.rows.get(table, 0) + rows
