# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a journal is what was written: edited, cut, reordered or filled in, each is told; a crash is told apart."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain

INTACT, TORN, UNCHAINED, TAMPERED = "INTACT", "TORN", "UNCHAINED", "TAMPERED"
EXIT_CODES = {INTACT: 0, TAMPERED: 1, UNCHAINED: 2, TORN: 3}
"""Of C(scripts/verify); 64 is a wrong call."""


OLDER, CUT_OFF = "older than the chain, sealed since the line that follows", "cut off by a crash; nothing was done on its account"


@dataclass(frozen=True)
class Anchored:
    """A head as it was kept outside: the hash of the line number C(lines) of the chain."""

    lines: int
    head: str


@dataclass
class Verification:
    """What came of it; C(lines) and C(head) are those of the chain as it is now."""

    state: str = INTACT
    findings: list[str] = field(default_factory=list)
    """What was tampered with, line by line."""
    notes: list[str] = field(default_factory=list)
    lines: int = 0
    head: str = ""


@dataclass
class _Walk:
    """Line by line along the chain. C(gap) is what stands since the last line of it, C(first) where that begins."""

    expected: str
    result: Verification
    hashes: list[str] = field(default_factory=list)
    gap: bytes = b""
    first: int = 1
    parsed: bool = False
    """Something in the gap is JSON: it was not cut off by a crash."""

    def step(self, number: int, line: bytes) -> None:
        entry = chain.parse(line)
        if not chain.is_linked(entry):
            self.first = self.first if self.gap else number
            self.gap += line + b"\n"
            self.parsed = self.parsed or entry is not None or not line
            return
        if chain.hash_of(entry) != entry["hash"] or chain.canonical(entry) != line:
            self.result.findings.append(f"line {number} was changed")
        if entry["prev"] != self.expected:
            before = f"line {number - 1}" if number > 1 else "the beginning"
            self.result.findings.append(f"line {number} does not follow {before}: something was removed, inserted, moved or changed")
        if entry.get("gap", "") != (chain.digest("gap", self.gap) if self.gap else ""):
            self.result.findings.append(f"{self._where(number - 1)}: not what stood there when line {number} was written")
        elif self.gap:
            older = self.parsed and not self.hashes
            self.result.notes.append(f"{self._where(number - 1)}: {OLDER if older else CUT_OFF}")
        self.expected, self.gap, self.parsed = entry["hash"], b"", False
        self.hashes.append(entry["hash"])

    def end(self, number: int, tail: bytes) -> None:
        """C(tail) is what stands behind the last newline."""
        if tail and chain.is_linked(chain.parse(tail)):
            self.step(number, tail)
            tail = b""
            self.result.state = TORN
            self.result.notes.append(f"line {number} lacks its newline, which a crash while writing leaves behind")
        if not self.hashes:
            self.result.state = UNCHAINED
            self.result.notes.append("it has no chain: it is empty, or older than the chain, and could have been changed unnoticed")
        elif self.gap and self.parsed:
            self.result.findings.append(f"{self._where(number - 1)}: not in the chain")
        elif self.gap or tail:
            self.result.state = TORN
            self.result.notes.append(f"line {number if tail else number - 1} ends in the middle, as a crash while writing leaves it; "
                                     "without an anchor it cannot be told from a line cut by hand")

    def _where(self, last: int) -> str:
        return f"line {last}" if self.first == last else f"lines {self.first} to {last}"


def verify(content: bytes, name: str, anchored: Sequence[Anchored] = ()) -> Verification:
    """Judge the journal of the incident C(name), against the heads that were kept outside.

    The chain alone finds every change but lines cut off its end, and a chain that was computed anew; the anchored heads find those.
    """
    *lines, tail = content.split(b"\n")
    walk = _Walk(chain.beginning(name), Verification())
    for number, line in enumerate(lines, 1):
        walk.step(number, line)
    walk.end(len(lines) + 1, tail)
    result = walk.result
    result.lines, result.head = len(walk.hashes), walk.hashes[-1] if walk.hashes else ""
    result.findings += [text for kept in anchored for text in _compare(kept, walk.hashes)]
    if not anchored:
        result.notes.append("no anchor: lines cut off its end, or a chain computed anew, would not be noticed")
    if result.findings:
        result.state = TAMPERED
    return result


def _compare(kept: Anchored, hashes: list[str]) -> list[str]:
    if len(hashes) < kept.lines:
        return [f"cut off: {kept.lines} lines were anchored, {len(hashes)} are there"]
    if kept.lines < 1 or hashes[kept.lines - 1] != kept.head:
        return [f"line {kept.lines} of the chain is not the one that was anchored"]
    return []
