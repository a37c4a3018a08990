# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for each audience and stage: ready ones, or a team's own, with placeholders as C(string.Template) has them."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.reading import document_in

READY = Path(__file__).resolve().parents[4] / "messages"
"""The wordings that come with the collection."""
STAGES = ("started", "progress", "restored", "not_restored", "partial", "unverified", "committed", "undone", "watch")
STATUSES = ("investigating", "identified", "monitoring", "resolved")
PUBLIC = frozenset(("product", "support", "issue", "components", "resolution", "started", "ended", "duration", "within", "every"))
"""What customers may read."""
INTERNAL = PUBLIC | frozenset((
    "incident", "environment", "scenario", "severity", "reason", "lead", "eta", "approved_by", "overrides", "plan", "done", "state",
    "checks", "verdict", "verdict_reason", "next_steps", "report", "level", "watch", "red_flags",
))
AUDIENCES = {
    "team": INTERNAL,
    "stakeholders": frozenset(("incident", "severity", "lead", "eta")) | PUBLIC,
    "status_page": PUBLIC,
    "users": PUBLIC,
    "banner": PUBLIC,
}
"""Who reads it, and the placeholders that are for them."""


@dataclass(frozen=True)
class Words:
    """What one audience is told at one stage."""

    title: str
    text: str

    def filled(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Title (one line) and text. A line whose only placeholder has nothing to say is left out."""
        lines = [_line(line, values) for line in self.text.strip().split("\n")]
        text = "\n".join(line for line in lines if line is not None)
        return " ".join(Template(self.title).substitute(values).split()), text.strip()


@dataclass(frozen=True)
class Wording:
    """All words of one team."""

    statuses: Mapping[str, str]
    by_audience: Mapping[str, Mapping[str, Words]]
    ways: Mapping[str, Wording] = field(default_factory=dict)
    """By the way that a plan takes, all words there; only for ways that have some of their own."""

    def where(self, way: str) -> Wording:
        """The words where the plan takes this way."""
        return self.ways.get(way, self)

    def words(self, audience: str, stage: str) -> Words | None:
        """None where that audience is told nothing at that stage."""
        return self.by_audience[audience].get(stage)


def names() -> list[str]:
    """The ready wordings."""
    return sorted(path.stem for path in READY.glob("*.yml"))


def wording(given: str = "default") -> Wording:
    """The wording of that name, or in that file; Refused when anything in it is not right.

    What it does not say is said as C(default) says it; C(null) in place of words means that nothing is said.
    """
    usual = _read("default")
    mine = usual if given == "default" else _read(given)
    special = [document.get("ways") or {} for document in (usual, mine)]
    ways = {way: _merged(usual, mine, *(one[way] for one in special if way in one)) for one in special for way in one}
    return replace(_merged(usual, mine), ways=ways)


def _merged(*documents: Mapping[str, Any]) -> Wording:
    """What the last of them says that says something."""
    merged: dict[str, dict[str, Words]] = {}
    for audience in AUDIENCES:
        rows = {stage: row for document in documents for stage, row in (document.get(audience) or {}).items()}
        merged[audience] = {stage: Words(row["title"], row["text"]) for stage, row in rows.items() if row is not None}
    return Wording({stage: status for document in documents for stage, status in (document.get("statuses") or {}).items()}, merged)


def _read(given: str) -> dict[str, Any]:
    path = READY / f"{given}.yml" if given in names() else Path(given).expanduser()
    if not path.is_file():
        raise Refused(f"there are no messages '{given}'", f"Give the path of a file, or one of {', '.join(names())}.")
    document = document_in(path)
    problems = _problems(document)
    if problems:
        raise Refused(f"{path.name}: {'; '.join(problems[:3])}", "Correct the file; docs/telling.md has what it may say.")
    return dict(document)


def _problems(document: Any) -> list[str]:
    if not isinstance(document, Mapping):
        return ["it is not a mapping of audiences"]
    known = {"name", "statuses", "ways", *AUDIENCES}
    strange = [f"{name} is no audience, they are {', '.join(AUDIENCES)}" for name in document if name not in known]
    ways = document.get("ways") or {}
    if not isinstance(ways, Mapping) or any("ways" in one for one in ways.values() if isinstance(one, Mapping)):
        return ["ways is not a mapping of ways to audiences"]
    strange += [f"ways: {way}: {problem}" for way, one in ways.items() for problem in _problems(one)]
    statuses = document.get("statuses") or {}
    if not isinstance(statuses, Mapping):
        return ["statuses is not a mapping"]
    for stage, status in statuses.items():
        if stage not in STAGES or status not in STATUSES:
            strange.append(f"statuses: {stage}: {status} is not known")
    for audience, allowed in AUDIENCES.items():
        rows = document.get(audience) or {}
        if not isinstance(rows, Mapping):
            strange.append(f"{audience} is not a mapping of stages")
            continue
        for stage, row in rows.items():
            strange += [f"{audience}: {stage}: {problem}" for problem in _of_words(stage, row, allowed)]
    return strange


def _of_words(stage: str, row: Any, allowed: frozenset[str]) -> list[str]:
    if stage not in STAGES:
        return [f"is no stage, they are {', '.join(STAGES)}"]
    if row is None:
        return []
    if not isinstance(row, Mapping) or set(row) != {"title", "text"} or not all(isinstance(part, str) for part in row.values()):
        return ["needs a title and a text, and nothing else"]
    found = []
    for part, text in row.items():
        template = Template(text)
        if not template.is_valid():
            found.append(f"{part}: a $ that begins no placeholder is written $$")
            continue
        for name in template.get_identifiers():
            if name not in allowed:
                where = "is not for this audience" if name in INTERNAL else "is no placeholder"
                found.append(f"{part}: ${name} {where}")
    return found


def _line(line: str, values: Mapping[str, str]) -> str | None:
    template = Template(line)
    asked = template.get_identifiers()
    if len(asked) == 1 and not values[asked[0]]:
        return None
    return template.substitute(values).rstrip()
