# SPDX-License-Identifier: GPL-3.0-or-later
"""Decision matrices in runbooks: tables, lists and trees read as policies, so that policies say where they disagree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.conflicts import conflicts
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.outcome import Outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.policy import Policy, Row
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.document import NEGATED, Passage, Runbook
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.document import Row as Cells
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.shell import LANGUAGES, LONGEST
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.vocabulary import (
    SEVERITY,
    SEVERITY_WORDS,
    outcome,
    roles,
    troubles,
)

DECIDES = re.compile(r"(?i)severity|action|decision|rollback|approv|timeline")
TROUBLED = re.compile(r"(?i)scenario|issue|impact|trigger|symptom|problem|condition")
APPROVES = re.compile(r"(?i)approv")
MOST = 400
"""Rows of all matrices together that are compared: each is compared with all."""


@dataclass
class Matrix:
    """One place that decides: its rows, and who has to approve by it."""

    runbook: str
    rows: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """The line, its words, and what it comes to as a policy's row."""
    approval: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, line: int, says: str, when: list[dict[str, Any]], said: dict[str, Any], asked: list[str] | None = None) -> None:
        self.rows += [(line, says, {"when": one, **said}) for one in when]
        if when and asked is not None and "severity" in said:
            self.approval[said["severity"]] = tuple(asked)

    def policy(self, name: str, approval: Mapping[str, tuple[str, ...]]) -> Policy:
        read = tuple(Row.read(name, {"id": str(index), "says": said, **row}) for index, (_dummy, said, row) in enumerate(self.rows))
        return Policy(name, Outcome(), {**approval, **self.approval}, {}, read)


@dataclass(frozen=True)
class Disagreement:
    """The trouble in words, and each place with its words: file, line, what it says; in the order of the runbooks."""

    trouble: str
    says: tuple[tuple[str, int, str], ...]

    def in_words(self) -> str:
        """What is said, each with all the places that say it."""
        words = dict.fromkeys(said for *_place, said in self.says)
        places = {one: ", ".join(f"{file}:{line}" for file, line, said in self.says if said == one) for one in words}
        return f"{self.trouble}: {'; '.join(f'{one} ({where})' for one, where in places.items())}"


def disagreements(runbooks: Sequence[Runbook]) -> list[Disagreement]:
    """What the matrices of these runbooks say differently, each trouble once, with as many of them as speak of it."""
    order = {runbook.name: index for index, runbook in enumerate(runbooks)}
    matrices: dict[str, Matrix] = {}
    parts: list[Policy] = []
    for runbook in runbooks:
        found = [matrix for matrix in _matrices(runbook) if matrix.rows]
        approval = {severity: who for table in _approvals(runbook) for severity, who in table.items()}
        for matrix in found:
            name = f"m{len(matrices)}"
            matrices[name] = matrix
            parts.append(matrix.policy(name, approval))
    rows = tuple(row for part in parts for row in part.rows)[:MOST]
    whole = Policy("all", Outcome(), {}, {}, rows, tuple(parts))
    best: dict[str, Disagreement] = {}
    for conflict in conflicts(whole):
        says = tuple(sorted(set(_places(conflict["says"], matrices)), key=lambda one: (order[one[0]], *one[1:])))
        about = conflict["trouble"].partition(" ")[0]
        if len(says) > len(best[about].says if about in best else ()):
            best[about] = Disagreement(conflict["trouble"].replace("_", " "), says)
    return list(best.values())


def _places(says: Iterable[Mapping[str, Any]], matrices: Mapping[str, Matrix]) -> Iterator[tuple[str, int, str]]:
    for one in says:
        asked = one["approval"]
        words = one["words"] + ("" if asked is None else ", no approval" if not asked else f", approval of {' and '.join(asked)}")
        for row in one["rows"]:
            name, _dummy, index = row.partition("/")
            matrix = matrices[name]
            yield matrix.runbook, matrix.rows[int(index)][0], words


def _matrices(runbook: Runbook) -> Iterator[Matrix]:
    lists: dict[tuple[str, ...], Matrix] = {}
    lead = ""
    for passage in runbook.passages:
        if passage.kind == "table":
            yield _table(runbook, passage)
        elif passage.kind == "text":
            lead = passage.text if passage.text.rstrip().rstrip("*_ ").endswith(":") else ""
        elif passage.kind == "heading":
            lead = ""
        elif passage.kind == "item":
            matrix = lists.setdefault((*passage.headings, lead), Matrix(runbook.name))
            _item(matrix, passage, lead)
        elif passage.language not in LANGUAGES - {""}:
            yield _tree(runbook, passage)
    yield from lists.values()


def _table(runbook: Runbook, passage: Passage) -> Matrix:
    matrix = Matrix(runbook.name)
    head = passage.rows[0][1]
    if sum(bool(DECIDES.search(name)) for name in head) < 2:
        return matrix
    for line, cells in passage.rows[1:]:
        named = list(zip(head, cells, strict=False))
        when = next((found for name, cell in named if TROUBLED.search(name) and (found := troubles(cell))), [])
        said = _row_outcome(named)
        if said:
            matrix.add(line, " | ".join(cells), when, said, next((roles(cell) for name, cell in named if APPROVES.search(name)), None))
    return matrix


def _row_outcome(named: Sequence[tuple[str, str]]) -> dict[str, Any]:
    said = outcome(" | ".join(cell for name, cell in named if DECIDES.search(name) and not APPROVES.search(name)))
    for name, cell in named:
        word = cell.strip("* ").split(" ")[0].lower()
        if "severity" not in said and name.strip("* ").lower() == "severity" and word in SEVERITY_WORDS:
            said["severity"] = SEVERITY_WORDS[word]
    return said


def _severity(text: str) -> dict[str, str]:
    """What C(**CRITICAL:** system down) says in the place of P0."""
    word = re.match(r"\W{0,4}([A-Za-z]{1,8})\b\W{0,2}:", text)
    return {"severity": SEVERITY_WORDS[word[1].lower()]} if word and word[1].lower() in SEVERITY_WORDS else {}


def _item(matrix: Matrix, passage: Passage, lead: str) -> None:
    """A list item decides by what the sentence before the list says, and the heading."""
    above = "\n".join([passage.headings[-1] if passage.headings else "", lead])
    for line, text in passage.numbered():
        when = [] if NEGATED.search(text[:LONGEST]) else troubles(text[:LONGEST])
        said = _severity(text) | outcome(above) if when else {}
        if "action" in said:
            matrix.add(line, text, when, said, roles(above))


def _tree(runbook: Runbook, passage: Passage) -> Matrix:
    """A line of a tree, or of a pipeline's configuration, decides by itself and the two lines below."""
    matrix = Matrix(runbook.name)
    lines = [text[:LONGEST] for text in passage.lines]
    for index, text in enumerate(lines):
        when = troubles(text)
        below = [one for one in lines[index + 1 : index + 3] if not troubles(one) and "NO" not in one.split()]
        said = outcome("\n".join([text, *below])) if when else {}
        if "action" in said:
            matrix.add(passage.line + index, text, when, said)
    return matrix


def _approvals(runbook: Runbook) -> Iterator[dict[str, tuple[str, ...]]]:
    """Tables of who has to approve, by severity."""
    for passage in runbook.passages:
        if passage.kind == "table" and any(APPROVES.search(name) for name in passage.rows[0][1]):
            yield from _approval_table(passage.rows[0][1], passage.rows[1:])


def _approval_table(head: Cells, rows: Sequence[tuple[int, Cells]]) -> Iterator[dict[str, tuple[str, ...]]]:
    if any(TROUBLED.search(name) for name in head):
        return
    for _dummy, cells in rows:
        severity = SEVERITY.search(cells[0]) if cells else None
        asked = next((roles(cell) for name, cell in zip(head, cells, strict=False) if APPROVES.search(name)), None)
        if severity and asked is not None:
            yield {f"P{severity[1]}": tuple(asked)}
