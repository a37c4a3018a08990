# SPDX-License-Identifier: GPL-3.0-or-later
"""One precondition, in the form of any other check, with C(todo), what to do about it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked

SURE_BAD = {
    *("NotAuthorised", "NotFound", "OutOfReach", "NotRestorable", "NoGoodRelease"),
    *("BadBackup", "Incomplete", "NotAllowed", "PlanLimit", "Refused"),
}
"""Kinds of failure, from the tree in C(errors.py), after which a rollback fails for certain; any other leaves it open."""
NO_TOKEN = {"NotAuthorised": "Give a token that is valid and may read this target, and see whether the old one was revoked on purpose."}


def fine(name: str, got: str = "", **more: Any) -> Check:
    return checked(name, "OK", got=got or None, **more)


def bad(name: str, expected: str, got: str, todo: str) -> Check:
    return checked(name, "BAD", expected=expected, got=got, todo=todo)


def unknown(name: str, expected: str, got: str, todo: str) -> Check:
    return checked(name, "UNKNOWN", expected=expected, got=got, todo=todo)


def left_out(name: str, why: str) -> Check:
    return checked(name, "SKIPPED", got=why)


def failed(name: str, expected: str, result: Any, todo: str) -> Check:
    """Of a step that did not succeed: BAD where its error says that the real thing would fail as well, else UNKNOWN."""
    told = result if isinstance(result, Mapping) else {}
    why = " ".join(str(told.get("summary") or told.get("msg") or "it gave no answer").split()).removesuffix("; nothing was changed")
    kind = str(told.get("error", ""))
    verdict = "BAD" if kind in SURE_BAD else "UNKNOWN"
    return checked(name, verdict, expected=expected, got=why, todo=str(NO_TOKEN.get(kind) or told.get("hint") or todo))


def succeeded(result: Any, told: str) -> bool:
    """Whether it has what only a success tells: C(failed_when) has made a failed step's C(failed) false."""
    if not isinstance(result, Mapping) or any(result.get(key) for key in ("failed", "unreachable", "skipped", "error", "exception")):
        return False
    return told in result


def asked(result: Any) -> bool:
    """Whether the step was not left out; one that is missing was asked, and gave no answer."""
    return not (isinstance(result, Mapping) and result.get("skipped"))
