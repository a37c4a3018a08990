# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether there would be a way back: a recovery point and database backups that are fresh, and can be read."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Manifest, Points

CAPTURE = "ansible-playbook playbooks/capture.yml captures one."
BACK_UP = "ansible-playbook playbooks/back-up-database.yml takes one."


def point(points: Points, environment: str, within: float, now: datetime) -> Check:
    """The newest recovery point: fresh, complete, and every file of it what was captured."""
    name, expected = "recovery point", f"one within {moment.span(within)}"
    try:
        found = points.all(environment)
        if not found:
            unreadable = "; ".join(f"{one}: {why}" for one, why in points.unreadable.items())
            verdict = "UNKNOWN" if unreadable else "BAD"
            return checked(name, verdict, expected=expected, got=unreadable or "there is none", todo=CAPTURE)
        newest = found[-1]
        told, late = _age(newest["captured_at"], within, now)
        if late:
            return checked(name, "BAD", expected=expected, got=f"the newest is {told} old ({newest['id']})", todo=CAPTURE)
        return _whole(points, newest, checked(name, "OK", expected=expected, got=f"{newest['id']}, {told} old"))
    except RecoveryError as error:
        return checked(name, "UNKNOWN", expected=expected, got=error.message, todo=error.hint)


def _whole(points: Points, newest: Manifest, fine: Check) -> Check:
    if spoilt := points.spoilt(newest):
        return {**fine, "verdict": "BAD", "got": spoilt, "todo": CAPTURE}
    if not newest.get("complete"):
        lacks = ", ".join(f"{row['what']} of {row['target']}" for row in newest.get("missing") or []) or "something"
        todo = f"See why it could not be read, then: {CAPTURE}"
        return {**fine, "verdict": "UNKNOWN", "got": f"{newest['id']} lacks {lacks}", "todo": todo}
    return fine


def backups(results: Mapping[str, Any], within: float, now: datetime) -> list[Check]:
    """The newest backup of each database that is backed up to a destination of its own."""
    rows = []
    for target, result in results.items():
        name, expected = f"backup of {target}", f"one within {moment.span(within)}"
        given: Mapping[str, Any] = result if isinstance(result, Mapping) else {}
        if not given or given.get("skipped"):
            continue
        newest = given.get("newest")
        if "newest" not in given:
            why = str(given.get("summary") or given.get("msg") or "it gave no answer")
            rows.append(checked(name, "UNKNOWN", expected=expected, got=why, todo="See that the destination can be read."))
        elif newest is None:
            rows.append(checked(name, "BAD", expected=expected, got="there is none", todo=BACK_UP))
        else:
            told, late = _age(newest["taken_at"], within, now)
            more = {"expected": expected, "todo": BACK_UP} if late else {}
            rows.append(checked(name, "BAD" if late else "OK", got=f"the newest is {told} old", **more))
    return rows


def _age(at: str, within: float, now: datetime) -> tuple[str, bool]:
    """In words, and whether it is too old."""
    age = (now - moment.parse(at)).total_seconds()
    return moment.span(max(0.0, age)), age > within
