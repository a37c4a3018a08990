# SPDX-License-Identifier: GPL-3.0-or-later
"""The watch after a rollback: when its next look is due, and what in a look is a red flag. From the journal alone."""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import SEVERITY
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.comparison import newest_after, worse
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import COULD_NOT_VERIFY, EXIT_CODES, NOT_RESTORED

Event = Mapping[str, Any]
Check = Mapping[str, Any]
Finding = dict[str, Any]
"""{kind, name, verdict, why}: something that is not as it was at the verdict."""
TRIPWIRE = "tripwire"
"""The kind of checks that read back what serves and what is held."""
FINE = ("OK", "SKIPPED")
TRIPPED = 14
"""What the process answers when a hold or a release is not what the rollback left, and no check fails."""
RECHECKS = 3
"""How many looks at most follow after the time is over, to be sure of what was seen once."""


@dataclass(frozen=True)
class Pace:
    """A look every so many seconds for so many seconds; what is seen once is looked at again after C(again) seconds."""

    every: float
    lasts: float
    again: float

    @property
    def turns(self) -> int:
        """How many looks there can be, with those that make sure and those that do not count."""
        return 3 * (math.floor(self.lasts / self.every) + 2) + RECHECKS


def period(events: Sequence[Event]) -> list[Event]:
    """What belongs to the watch that is going on: everything since the verdict, or since a watch that came to its end."""
    marks = [index for index, event in enumerate(events) if event["event"] in ("verdict", "watched")]
    return list(events[marks[-1] + 1:] if marks else events)


def looks(events: Sequence[Event]) -> list[Event]:
    """Those of the watch that is going on."""
    return [event for event in period(events) if event["event"] == "watch_look"]


def number(events: Sequence[Event]) -> int:
    """That of the next look; no two of an incident have the same."""
    return 1 + sum(event["event"] in ("watch_look", "watched") for event in events)


def next_look(events: Sequence[Event], pace: Pace) -> datetime | None:
    """When it is due; None when the watch is over. What was missed is not made up for: the one look is due at once."""
    done = looks(events)
    if not done:
        return next(moment.parse(event["at"]) for event in period(events) if event["event"] == "watch_begun")
    began, last = moment.parse(done[0]["begun"]), moment.parse(done[-1]["begun"])
    end = began + timedelta(seconds=pace.lasts)
    late = sum(moment.parse(look["begun"]) >= end for look in done)
    if unconfirmed(done[-1]) and late < RECHECKS:
        return moment.parse(done[-1]["at"]) + timedelta(seconds=pace.again)
    if late:
        return None
    slot = math.floor((last - began).total_seconds() / pace.every) + 1
    return min(began + timedelta(seconds=slot * pace.every), end)


def unconfirmed(look: Event) -> list[Finding]:
    """What was seen for the first time and is no red flag yet."""
    return [finding for finding in look["findings"] if _key(finding) not in {_key(flag) for flag in look["flags"]}]


def at_the_verdict(events: Sequence[Event]) -> list[Check]:
    """Every check as the newest verdict was based on it."""
    index, run = next((i, event["run"]) for i, event in reversed(list(enumerate(events))) if event["event"] == "verdict")
    return newest_after(events[:index], run) or []


def judge_look(events: Sequence[Event], count: int, run: str) -> dict[str, Any]:
    """The look with that number, for the journal: {number, begun, verdict, checks, findings, flags}.

    A finding is a red flag when the look before had it too; what the tripwire saw with its own eyes is one at once.
    """
    start = next(index for index, event in reversed(list(enumerate(events))) if event["event"] == "watch_due" and event["number"] == count)
    now = newest_after(events[start:], run) or []
    found = findings(at_the_verdict(events), now)
    before = looks(events[:start])
    seen, known = ({_key(one) for one in (before[-1][what] if before else ())} for what in ("findings", "flags"))
    flags = [
        {**one, "new": _key(one) not in known}
        for one in found
        if _key(one) in seen or (one["kind"], one["verdict"]) == (TRIPWIRE, "BAD")
    ]
    verdicts = [check["verdict"] for check in now] + [one["verdict"] for one in found]
    verdict = max((one for one in verdicts if one != "SKIPPED"), key=SEVERITY.index, default="UNKNOWN")
    return {"number": count, "begun": events[start]["at"], "verdict": verdict, "checks": len(now), "findings": found, "flags": flags}


def findings(before: Iterable[Check], now: Iterable[Check]) -> list[Finding]:
    """What was well at the verdict and is not, metrics that failed then and are clearly further from their limit, and the tripwire's."""
    was, seen = {_key(check): check for check in before}, {_key(check): check for check in now}
    found = []
    for key, check in seen.items():
        if check["verdict"] in FINE:
            continue
        old = was.get(key)
        if key[0] == TRIPWIRE or (old is not None and old["verdict"] == "OK"):
            found.append(_finding(check, f"{check['name']}: {_got(check)}"))
        elif old is not None and (declined := worse([old], [check])):
            found.append(_finding(check, declined[0]))
    gone = [check for key, check in was.items() if check["verdict"] == "OK" and key not in seen]
    return found + [_finding({**check, "verdict": "UNKNOWN"}, f"{check['name']}: was not looked at") for check in gone]


def flagged(events: Sequence[Event]) -> list[Finding]:
    """Every red flag of the watch that is going on, those that are gone again too."""
    return list({_key(flag): flag for look in looks(events) for flag in look["flags"]}.values())


def is_well(events: Sequence[Event]) -> bool:
    """Whether there was no red flag, and nothing was wrong at the last look."""
    done = looks(events)
    return bool(done) and done[-1]["verdict"] == "OK" and not flagged(events)


def exit_code(events: Sequence[Event]) -> int:
    """0 when all is well; otherwise the worst: a check that fails, the tripwire, what nobody can tell."""
    flags = flagged(events)
    if is_well(events):
        return 0
    done = looks(events)
    bad = {flag["kind"] == TRIPWIRE for flag in flags if flag["verdict"] == "BAD"}
    if False in bad or (not bad and done and done[-1]["verdict"] == "BAD"):
        return EXIT_CODES[NOT_RESTORED]
    return TRIPPED if bad else EXIT_CODES[COULD_NOT_VERIFY]


def _got(check: Check) -> str:
    got = check.get("got") or check["verdict"]
    return f"expected {check['expected']}, got {got}" if check.get("expected") else str(got)


def _finding(check: Check, why: str) -> Finding:
    return {"kind": check.get("kind", ""), "name": check["name"], "verdict": check["verdict"], "why": why}


def _key(check: Check) -> tuple[str, str]:
    return (check.get("kind", ""), check["name"])
