# SPDX-License-Identifier: GPL-3.0-or-later
"""Who must approve: the inventory's C(approvals), by severity and scenario, as a number of people for each role."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

KNOWN = {"signers", "revoked", "minutes", "roles", "required", "awx"}
AWX = {"url", "teams"}
RULE = {"severity", "scenario", "by"}
LOOK = "See docs/approvals.md."


@dataclass(frozen=True)
class Requirements:
    """C(needs) is a number for each role, C(roles) the people who hold it; C(signers) and C(revoked) are files of ssh-keygen's.

    C(awx) is where approval nodes are read, C(url) and the C(teams) that hold a role; empty where only signatures count.
    """

    needs: dict[str, int]
    roles: dict[str, list[str]]
    signers: Path | None
    revoked: Path | None
    minutes: float
    awx: Mapping[str, Any]


def requirements(
    approvals: Mapping[str, Any], severity: str, scenario: str, decision: Mapping[str, Any] | None = None
) -> Requirements | None:
    """What every rule that fits asks for, and of each role the most; None when no rule fits. Refused when it makes no sense.

    C(decision) is the incident's, if a policy was asked: each role of its C(approval) is needed, too.
    """
    unknown = sorted(set(approvals) - KNOWN)
    if unknown:
        raise Refused(f"approvals has no {unknown[0]}", f"It has {', '.join(sorted(KNOWN))}. {LOOK}")
    needs: dict[str, int] = {}
    for rule in approvals.get("required") or []:
        if not isinstance(rule, Mapping) or set(rule) - RULE or not rule.get("by"):
            told = f"approvals.required has a rule that cannot be read: {rule}"
            raise Refused(told, f"A rule has by, and if need be severity and scenario. {LOOK}")
        if severity in _words(rule, "severity", severity) and scenario in _words(rule, "scenario", scenario):
            for role, number in rule["by"].items():
                needs[role] = max(needs.get(role, 0), _count(number))
    for role in decided(decision):
        needs[role] = max(needs.get(role, 0), 1)
    needs = {role: number for role, number in sorted(needs.items()) if number}
    if not needs:
        return None
    roles = {role: [str(person) for person in people] for role, people in (approvals.get("roles") or {}).items()}
    awx = _awx(approvals.get("awx") or {})
    for role, number in needs.items():
        if len(set(roles.get(role, []))) < number and not awx.get("teams", {}).get(role):
            raise Refused(f"approvals asks for {number} {role}, and approvals.roles has fewer", f"List who may approve as {role}. {LOOK}")
    if not approvals.get("signers") and not awx:
        raise Refused("approvals does not say whose signatures count", f"Give approvals.signers, an allowed_signers file. {LOOK}")
    signers, revoked = (Path(approvals[name]) if approvals.get(name) else None for name in ("signers", "revoked"))
    for file in filter(None, (signers, revoked)):
        if not file.is_file():
            raise Refused(f"{file} of approvals does not exist", f"It is a file that ssh-keygen reads. {LOOK}")
    return Requirements(needs, roles, signers, revoked, float(approvals.get("minutes") or 60), awx)


def decided(decision: Mapping[str, Any] | None) -> list[str]:
    """The roles that a decision asks for; Refused when it does not say."""
    roles = (decision or {}).get("approval", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles) or (decision and "approval" not in decision):
        raise Refused("the decision does not say who must approve", "Give what playbooks/decide.yml has written: -e @decision.json")
    return roles


def missing(needs: Mapping[str, int], approved: Sequence[Sequence[str]]) -> dict[str, int]:
    """What is still needed; C(approved) has for each person the roles held. A person fills one place only."""
    places = [role for role, number in needs.items() for _place in range(number)]
    taken: dict[int, int] = {}  # place: person

    def seat(person: int, tried: set[int]) -> bool:
        for place, role in enumerate(places):
            if role in approved[person] and place not in tried:
                tried.add(place)
                if place not in taken or seat(taken[place], tried):
                    taken[place] = person
                    return True
        return False

    for person in range(len(approved)):
        seat(person, set())
    left = [role for place, role in enumerate(places) if place not in taken]
    return {role: left.count(role) for role in dict.fromkeys(left)}


def in_words(needs: Mapping[str, int]) -> str:
    """C(1 cto and 2 engineering-lead)."""
    *most, last = [f"{number} {role}" for role, number in needs.items()]
    return f"{', '.join(most)} and {last}" if most else last


def _awx(awx: Any) -> dict[str, Any]:
    if not isinstance(awx, Mapping) or (awx and (set(awx) - AWX or not str(awx.get("url", "")).startswith(("https://", "http://")))):
        raise Refused("approvals.awx cannot be read", f"It has url, an address, and if need be teams, a list for each role. {LOOK}")
    teams = {role: [str(team) for team in _words(awx.get("teams") or {}, role, "")] for role in awx.get("teams") or {}}
    return {**awx, "teams": teams} if awx else {}


def _words(rule: Mapping[str, Any], key: str, any_of: str) -> list[str]:
    value = rule.get(key, [any_of])
    return [value] if isinstance(value, str) else list(value)


def _count(number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise Refused(f"approvals cannot ask for {number} people", LOOK)
    return number
