# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL as it comes, block by block: up to the next token, line or end of a quoted text, however large the whole is."""
from __future__ import annotations

import re
from collections.abc import Callable

LONGEST = 1 << 16
"""Bytes of a statement that are looked at."""
AHEAD = 1 << 10
"""Bytes that are kept together at the end of a block: no token is longer."""


class Scanner:
    """C(read) is that of a binary file; C(statement) is what was taken since it was last cleared."""

    def __init__(self, read: Callable[[int], bytes], block: int) -> None:
        self._read, self._block = read, block
        self.text, self.at, self.ended = b"", 0, False
        self._last = b""
        """The byte before the text."""
        self.statement = bytearray()
        self.bytes = 0

    def more(self) -> bool:
        """Another block behind what is not used yet."""
        block = b"" if self.ended else self._read(self._block)
        self.ended = not block
        self._last = self.before(self.at)
        self.bytes += len(block)
        self.text, self.at = self.text[self.at :] + block, 0
        return bool(block)

    def before(self, at: int) -> bytes:
        """The byte before that place."""
        return self.text[at - 1 : at] if at else self._last

    def take(self, end: int) -> None:
        """All up to there belongs to the statement."""
        taken, self.at = self.text[self.at : end], end
        if len(self.statement) < LONGEST:
            self.statement += taken

    def token(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """The next one, with enough behind it to be sure that it is all of it; None at the end."""
        while True:
            token = pattern.search(self.text, self.at)
            if self.ended or (token and token.end() <= len(self.text) - AHEAD):
                return token
            if token is None:
                self.take(max(self.at, len(self.text) - AHEAD))
            self.more()

    def until(self, pattern: re.Pattern[bytes]) -> bytes:
        """Behind the next match, which is returned; empty, at the end, when it never comes."""
        while not (match := pattern.search(self.text, self.at)) or (match.end() == len(self.text) and not self.ended):
            if match:
                self.take(match.start())
                self.more()
                continue
            self.take(max(self.at, len(self.text) - AHEAD))
            if not self.more():
                self.take(len(self.text))
                return b""
        self.take(match.end())
        return match.group()

    def line(self) -> bytes:
        """The rest of this line, which belongs to no statement."""
        while (end := self.text.find(b"\n", self.at)) < 0 and self.more():
            pass
        end = len(self.text) if end < 0 else end
        line, self.at = self.text[self.at : end], end
        return line.rstrip(b"\r")

    def copied(self) -> tuple[int, bool]:
        """As many lines as there are up to one with a backslash and a point only, which may be missing."""
        self.line()
        rows = 0
        while True:
            end = self.text.find(b"\n\\.\n", self.at)
            last = end < 0 and self.ended and self.text.endswith(b"\n\\.")
            if end >= 0 or last:
                end = len(self.text) - 3 if last else end
                rows += self.text.count(b"\n", self.at, end)
                self.at = end + 3
                return rows, True
            keep = max(self.at, len(self.text) - 3)
            rows += self.text.count(b"\n", self.at, keep)
            self.at = keep
            if not self.more():
                self.at = len(self.text)
                return rows, False
