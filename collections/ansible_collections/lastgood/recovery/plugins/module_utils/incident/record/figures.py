# SPDX-License-Identifier: GPL-3.0-or-later
"""The record in numbers: how long things took, in all, by environment and scenario, and against the objectives."""
from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import Entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import DURATIONS, Objectives
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import EXIT_CODES

Figures = dict[str, Any]


def read_figures(entries: Sequence[Entry], objectives: Objectives) -> Figures:
    """{groups, services} of the incidents in which a rollback was begun; groups: all of them, then by environment, scenario and kind."""
    begun = [entry for entry in entries if entry["begun"]]
    kinds: list[tuple[str, Callable[[Entry], bool]]] = [
        ("all incidents", lambda entry: not entry["drill"]),
        ("all drills", lambda entry: entry["drill"]),
    ]
    groups = [_group(name, [entry for entry in begun if fits(entry)], objectives) for name, fits in kinds]
    groups += [_group(_named(place), [entry for entry in begun if _place(entry) == place], objectives, place)
               for place in sorted({_place(entry) for entry in begun})]
    return {
        "groups": [group for group in groups if group["rollbacks"]],
        "services": _services(begun, objectives),
    }


def counted(number: int, what: str) -> str:
    """C(1 rollback), C(2 rollbacks)."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def spread(values: Iterable[float | None], objective: float | None = None) -> dict[str, Any]:
    """{known, mean, p50, p95, most, objective, within} of the values that are known; percentiles interpolate between values."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return {"known": 0, "mean": None, "p50": None, "p95": None, "most": None, "objective": objective, "within": None}
    p95 = statistics.quantiles(known, n=20, method="inclusive")[-1] if len(known) > 1 else known[0]
    return {
        "known": len(known),
        "mean": round(statistics.fmean(known), 3),
        "p50": round(statistics.median(known), 3),
        "p95": round(p95, 3),
        "most": known[-1],
        "objective": objective,
        "within": None if objective is None else sum(value <= objective for value in known),
    }


def _place(entry: Entry) -> tuple[str, str, bool]:
    return (entry["environment"], entry["scenario"], entry["drill"])


def _named(place: tuple[str, str, bool]) -> str:
    return f"{place[0]}, {place[1]}{', drills' if place[2] else ''}"


def _group(name: str, entries: Sequence[Entry], objectives: Objectives, place: tuple[str, str, bool] | None = None) -> dict[str, Any]:
    environment, scenario, drill = place or (None, None, entries[0]["drill"] if entries else None)
    judged = Counter(entry["rto"]["judged"] for entry in entries if entry["rto"])
    said = Counter(entry["verdict"] for entry in entries)
    return {
        "name": name,
        "environment": environment,
        "scenario": scenario,
        "drill": drill,
        "rollbacks": len(entries),
        "verdicts": {word: said[word] for word in [*EXIT_CODES, *sorted(set(said) - set(EXIT_CODES))] if said[word]},
        "rto": {word: judged[word] for word in ("met", "missed", "not restored", "unknown") if judged[word]},
        "durations": {key: spread([entry["seconds"].get(key) for entry in entries], objectives.durations.get(key)) for key in DURATIONS},
    }


def _services(entries: Sequence[Entry], objectives: Objectives) -> list[dict[str, Any]]:
    """Each service that ever went back, incidents and drills together, against its own RTO and RPO; by priority."""
    seen = [service for entry in entries for service in entry["services"]]
    rows = []
    for name in objectives.by_priority({service["target"] for service in seen}):
        own = [service for service in seen if service["target"] == name]
        goals = objectives.services.get(name, {})
        rows.append({
            "service": name,
            "priority": objectives.priorities.get(name, ""),
            "rollbacks": len(own),
            "recovery": spread([service["recovery"] for service in own], goals.get("rto")),
            "loss": spread([service["loss"] for service in own], goals.get("rpo")),
        })
    return rows
