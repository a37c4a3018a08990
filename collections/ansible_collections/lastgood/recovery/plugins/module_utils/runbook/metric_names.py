# SPDX-License-Identifier: GPL-3.0-or-later
"""Abbreviations that stand for two things: C(Mean Time to Detect (MTTD)) and C(Mean Time to Decide (MTTD))."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.document import Runbook
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.shell import LONGEST

ABBREVIATION = re.compile(r"\(([A-Z]{3,6})\)")
WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Name:
    runbook: str
    line: int
    abbreviation: str
    meaning: str


def doubtful(runbooks: Sequence[Runbook]) -> list[tuple[Name, Name]]:
    """Each meaning that comes later, with the first one."""
    first: dict[str, Name] = {}
    seen: set[tuple[str, str]] = set()
    found = []
    for name in (one for runbook in runbooks for one in _names(runbook)):
        before = first.setdefault(name.abbreviation, name)
        if name.meaning != before.meaning and (name.abbreviation, name.meaning) not in seen:
            found.append((name, before))
        seen.add((name.abbreviation, name.meaning))
    return found


def _names(runbook: Runbook) -> Iterator[Name]:
    """Abbreviations in parentheses behind the words whose first letters they are."""
    for passage in runbook.passages:
        lines = ((line, " ".join(cells)) for line, cells in passage.rows) if passage.rows else passage.numbered()
        for line, text in lines:
            for match in ABBREVIATION.finditer(text[:LONGEST]):
                words = WORD.findall(text[: match.start()])[-len(match[1]) :]
                if "".join(word[0] for word in words).upper() == match[1]:
                    yield Name(runbook.name, line, match[1], " ".join(words).lower())
