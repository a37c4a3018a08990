# SPDX-License-Identifier: GPL-3.0-or-later
"""Railway's edge rules, which are replaced as a whole: one rule of ours before all others keeps visitors out.

See https://docs.railway.com/networking/edge-rules.
"""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

OURS = "lastgood: closed for maintenance"
"""The rule's name, by which it is found again."""
STATUS = 429
"""Railway blocks with 400 to 499 only; of these, 429 alone tells crawlers and programs to come back later."""
ANY_PATH = {"attr": "http.path", "op": "matches", "value": "/*"}

Ruleset = dict[str, Any]
"""As Railway has it: C(version) and C(rules), each with a C(priority) of its own; the lowest comes first."""


def closed(ruleset: Ruleset | None) -> bool:
    """Whether visitors are kept out by the rule of ours."""
    return any(_ours(rule) and rule.get("enabled") is not False for rule in _rules(ruleset))


def with_ours(ruleset: Ruleset | None, text: str) -> Ruleset:
    """The same rules behind the one of ours, which answers with that text; Refused when nothing can come before them."""
    others = [rule for rule in _rules(ruleset) if not _ours(rule)]
    first = min((rule["priority"] for rule in others), default=1)
    if first < 1:
        raise Refused(
            "an edge rule of this service has priority 0, so none can come before it",
            "Number the edge rules from 1 at Railway, or use state: stopped.",
        )
    block = {"action": "block", "params": {"status": STATUS, "body": text}}
    ours = {"description": OURS, "priority": first - 1, "enabled": True, "if": ANY_PATH, "then": block}
    return {"version": 1, "rules": [ours, *others]}


def without_ours(ruleset: Ruleset | None) -> Ruleset | None:
    """The other rules, just as they were; none at all clears them."""
    others = [rule for rule in _rules(ruleset) if not _ours(rule)]
    return {"version": 1, "rules": others} if others else None


def _rules(ruleset: Ruleset | None) -> list[dict[str, Any]]:
    if ruleset is None:
        return []
    if ruleset["version"] != 1:
        raise Refused(f"the edge rules of this service have version {ruleset['version']}", "Change them at Railway, or use state: stopped.")
    return list(ruleset["rules"])


def _ours(rule: dict[str, Any]) -> bool:
    return rule.get("description") == OURS
