"""Edge rules: what is done with a request before it reaches the service."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import new_id, problem
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway

ACTIONS = ("block", "allow", "challenge", "redirect", "cache_override")


def config_row(instance: Row) -> Row:
    """The edge configuration as the API writes it."""
    return {
        "id": f"edge-{instance['serviceId']}",
        "enabled": False,
        "edgeRules": instance.get("edgeRules"),
        "overrides": {},
        "purgeEpoch": len(instance["purges"]),
        "purgeEpochByKind": {},
        "underAttackModeUntil": None,
    }


def update_rules(railway: Railway, caller: Caller, *, input: Row) -> Row:
    """All of them or none: what is not given is forgotten, and null clears."""
    caller.may_touch(input["environmentId"])
    instance = railway.book.instance(input["environmentId"], input["serviceId"])
    ruleset = input.get("edgeRules")
    if ruleset is not None:
        _check(ruleset)
        named = [{**rule, "id": rule.get("id") or f"rul_{new_id()[:8]}"} for rule in ruleset["rules"]]
        ruleset = {"version": 1, "rules": named}
    instance["edgeRules"] = ruleset
    return config_row(instance)


def blocks(instance: Row, path: str = "/") -> bool:
    """Whether a visitor who asks for that path meets the edge and not the service."""
    rules = (instance.get("edgeRules") or {"rules": []})["rules"]
    for rule in sorted(rules, key=lambda rule: rule["priority"]):
        action = rule["then"]["action"]
        if rule.get("enabled", True) and action != "cache_override" and _matches(rule["if"], path):
            return bool(action != "allow")
    return False


def _matches(condition: Row, path: str) -> bool:
    if "and" in condition:
        return all(_matches(part, path) for part in condition["and"])
    if "or" in condition:
        return any(_matches(part, path) for part in condition["or"])
    if "not" in condition:
        return not _matches(condition["not"], path)
    if condition["attr"] != "http.path":
        return False
    value: str = condition["value"]
    tests = {"eq": path == value, "neq": path != value, "contains": value in path, "matches": fnmatchcase(path, value)}
    return tests[condition["op"]]


def _check(ruleset: Any) -> None:
    rules = ruleset.get("rules") if isinstance(ruleset, dict) else None
    if not isinstance(rules, list) or ruleset.get("version") != 1:
        problem("Invalid edge rules: version 1 with a list of rules is needed")
    priorities = [rule.get("priority") for rule in rules]
    if len(set(priorities)) < len(priorities) or not all(isinstance(one, int) and one >= 0 for one in priorities):
        problem("Invalid edge rules: each priority is an unsigned integer of its own")
    for rule in rules:
        action, given = (rule.get("then") or {}).get("action"), (rule.get("then") or {}).get("params") or {}
        if not rule.get("if") or action not in ACTIONS:
            problem("Invalid edge rules: a rule needs if and then")
        if action == "block" and not (400 <= given.get("status", 403) <= 499 and len(given.get("body", "").encode()) <= 4096):
            problem("Invalid edge rules: a block has a status from 400 to 499 and a body of 4096 bytes at most")


MUTATIONS: Resolvers = {"updateServiceEdgeRules": update_rules}
