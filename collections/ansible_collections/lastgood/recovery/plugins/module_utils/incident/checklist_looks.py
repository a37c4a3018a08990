# SPDX-License-Identifier: GPL-3.0-or-later
"""What each check said last, for checklists. What was not looked at after the rollback proves nothing about it."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_checks import BEFORE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import day_and_clock, text

FEW = 3
"""Names that are told of many."""


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name fits one of the patterns, as in C(*error rate*); capital letters make no difference."""
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


class Looks:
    """The newest look at every check, from the C(checked) events of a journal."""

    def __init__(self, events: Sequence[dict[str, Any]]) -> None:
        self._newest: dict[tuple[str, str], dict[str, Any]] = {}
        for event in events:
            listed = event.get("checks") if event.get("event") == "checked" else None
            for check in listed if isinstance(listed, list) else []:
                if isinstance(check, dict) and text(check.get("name")):
                    kind, name = _kind(event, check), text(check["name"])
                    self._newest[kind, name] = {"verdict": check.get("verdict"), "phase": event.get("phase"), "at": event.get("at")}

    def answer(self, wanted: Callable[[str, str], bool], nothing: str) -> tuple[str, str]:
        """Failed when one of the wanted is BAD, done when all of them are OK, else open; C(wanted) takes a check's name and kind."""
        found = [(name, look) for (kind, name), look in self._newest.items() if wanted(name, kind)]
        after = [(name, look) for name, look in found if look["phase"] != BEFORE]
        bad = [name for name, look in after if look["verdict"] == "BAD"]
        unsure = [name for name, look in found if look["phase"] == BEFORE or look["verdict"] not in ("OK", "BAD")]
        if bad:
            return "failed", f"fails: {_few(bad)}"
        if not found:
            return "open", nothing
        if not after:
            return "open", f"not looked at since the rollback: {_few([name for name, _look in found])}"
        if unsure:
            return "open", f"nobody can tell: {_few(unsure)}"
        last = max((text(look["at"]) for _name, look in after), default="")
        return "done", f"{_few([name for name, _look in after])}: OK at {day_and_clock(last)}"


def _kind(event: dict[str, Any], check: dict[str, Any]) -> str:
    """As the event says; metrics are told by their unit, and what is left are flows."""
    return text(event.get("kind")) or ("metrics" if "unit" in check else "flows")


def _few(names: list[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more
