# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules, from the files in C(runbook_rules): one for each vendor, each checked against their schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import json_schema
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.reading import document_in

FOLDER = Path(__file__).resolve().parents[3] / "runbook_rules"


@dataclass(frozen=True)
class Vendor:
    """What the rules of one file are about, and what its command lines know."""

    name: str
    title: str
    commands: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By program: all commands there are; a program that is not here may have others."""
    valued: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By program: options whose value is a word of its own."""


@dataclass(frozen=True)
class Rule:
    """What to look for (C(command), C(text), C(whole) or C(check)), how bad that is, why, and what to do instead."""

    id: str
    problem: str
    severity: str
    why: str
    source: str
    instead: tuple[str, ...]
    vendor: Vendor
    command: Mapping[str, Any] | None = None
    text: Mapping[str, Any] | None = None
    whole: Mapping[str, Any] | None = None
    check: str = ""


@cache
def rules() -> tuple[Rule, ...]:
    """All of them, by vendor."""
    return tuple(rule for path in sorted(FOLDER.glob("*.yml")) for rule in rules_in(document_in(path), path.name))


@cache
def published() -> Any:
    """The schema, as it is published."""
    return json.loads((FOLDER / "rules.schema.json").read_text(encoding="utf-8"))


def rules_in(document: Any, name: str) -> list[Rule]:
    """The rules of one file; Refused when it is not written as the schema says."""
    found = [fault.in_words(name) for fault in json_schema.faults(document, published())]
    if found:
        raise Refused(f"{name} has no valid rules: {'; '.join(found[:3])}", "runbook_rules/rules.schema.json describes every part.")
    programs = document.get("programs", {})
    vendor = Vendor(
        document["vendor"],
        document["title"],
        {program: frozenset(known["commands"]) for program, known in programs.items() if "commands" in known},
        {program: frozenset(known.get("valued", ())) for program, known in programs.items()},
    )
    return [_rule(row, vendor) for row in document["rules"]]


def _rule(row: Mapping[str, Any], vendor: Vendor) -> Rule:
    return Rule(**{**row, "why": " ".join(row["why"].split()), "instead": tuple(row.get("instead", ())), "vendor": vendor})


@cache
def pattern(text: str) -> re.Pattern[str]:
    """How the rules look for words: in any case."""
    return re.compile(text, re.IGNORECASE)
