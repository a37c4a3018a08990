# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of runbooks, as the policies know them: troubles, how bad they are, and what is to be done."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import duration

SCENARIOS = {
    "outage": r"complete (service |system )?outage|(^\W*|\bis |: ?\W*)(site|system|service) (is )?(completely |entirely )?down\b",
    "payments_down": r"payments?( system| processing)?( is)? (completely )?(down|broken)\b|payment 100 ?%|all payments fail",
    "login_broken": r"\b(user )?(auth\w*|login)( is)? (completely )?broken|cannot log ?in\b",
    "data_corrupted": r"\b(data|database)\b[^.|]{0,20}corrupt",
    "security_breach": r"security breach",
    "vulnerability": r"security vulnerability|critical vulnerability",
    "major_feature_broken": r"major (feature|functionality)( is)? broken",
    "minor_feature_broken": r"minor feature( is)? broken",
    "performance_degraded": r"performance degradation",
    "cosmetic": r"\bui/ux issues?|cosmetic",
}
NUMBERS = {
    "error_rate": r"(?:error[ _]rates?|api errors)",
    "response_time": r"response times?(?: \(p95\))?",
    "payment_success": r"payment_success_rate",
    "memory": r"memory usage",
}
BEYOND = {">": "over", ">=": "at_least", "over": "over", "above": "over", "<": "under", "under": "under", "below": "under"}
LIMIT = r"[ *:]*(?:is |are )?(>=|>|<|over|above|under|below) ?([0-9]{1,4}(?:\.[0-9]{1,3})?) ?(%|s\b|sec)"
LASTS = re.compile(r"(?i)\b(?:for|sustained for)[ >*]*([0-9]{1,4}) ?(min|s\b|sec|h)")
WITHIN = re.compile(r"(?i)(?:\bwithin|<|\bin) ?([0-9]{1,4}) ?(min|h)")
SEVERITY = re.compile(r"\bP([0-3])\b")
SEVERITY_WORDS = {"critical": "P0", "high": "P1", "medium": "P2", "low": "P3"}
ROLES = {
    "engineering lead": r"eng(ineering)?\.? lead",
    "engineering manager": r"eng(ineering)?\.? manager",
    "tech lead": r"tech(nical)? lead",
    "CTO": r"\bcto\b",
}
NOBODY = re.compile(r"(?i)^\s*(no\b|none\b|without approval)|without approval")
ACTIONS = (
    ("fix_or_roll_back", r"roll ?back or (a )?(hot)?fix|(hot)?fix( forward)? or (a )?roll ?back|roll ?back if not fixable|try (a )?hotfix"),
    ("scale_first", r"scale first"),
    ("fix_forward", r"fix forward|hotfix|\bno rollback needed"),
    ("roll_back", r"roll[ -]?s?[ -]?back|revert to the previous"),
)


def troubles(text: str) -> list[dict[str, Any]]:
    """The conditions that a line states, as a policy's C(when), any of which is enough; empty when it states none that is known."""
    text = text.replace("`", "")
    found: list[dict[str, Any]] = []
    for fact, words in NUMBERS.items():
        limit = re.search(words + LIMIT, text, re.IGNORECASE)
        if limit:
            lasts = LASTS.search(text)
            wanted: dict[str, Any] = {BEYOND[limit[1].lower()]: float(limit[2])}
            found.append({fact: wanted | ({"for": _duration(lasts[1], lasts[2])} if lasts else {})})
    seen = [name for name, words in SCENARIOS.items() if re.search(words, text, re.IGNORECASE)]
    return found or ([{"scenarios": seen}] if seen else [])


def outcome(text: str) -> dict[str, Any]:
    """What is to be done, as a policy's row: severity, action and deadline, as far as the text says them."""
    said: dict[str, Any] = {}
    severity = SEVERITY.search(text)
    if severity:
        said["severity"] = f"P{severity[1]}"
    action = next((name for name, words in ACTIONS if re.search(words, text, re.IGNORECASE)), None)
    if action:
        said["action"] = action
    within = WITHIN.search(text)
    if within:
        said["within"] = _duration(within[1], within[2])
    elif action == "roll_back" and re.search(r"(?i)immediate|automatic|rollback_deployment", text):
        said["within"] = "now"
    return said


def roles(text: str) -> list[str] | None:
    """Who has to approve; nobody, or None when the text does not say."""
    found = [name for name, words in ROLES.items() if re.search(words, text, re.IGNORECASE)]
    return found or ([] if NOBODY.search(text) else None)


def _duration(number: str, unit: str) -> str:
    text = f"{int(number)} {'s' if unit.lower() == 'sec' else unit.lower()}"
    return duration.words(duration.seconds(text)) or text
