# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at monitoring until an alert fires, or until all is well; and what is known then, for the decision."""
from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.monitoring import Monitoring
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rule import CONDITIONS, RULE, Rule, beyond, distinct, limit, shown
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.options import ARGUMENTS as METRICS
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT

FIRES, QUIET = "fires", "quiet"
ARGUMENTS: dict[str, Any] = {
    "alerts": {"type": "list", "elements": "dict", "required": True, "options": RULE, **CONDITIONS},
    "source": {
        "type": "dict",
        "default": {},
        "options": {
            "page": {"type": "str"},
            "prometheus": {"type": "dict", "options": METRICS["sources"]["options"]["prometheus"]["options"]},
        },
        "mutually_exclusive": [["page", "prometheus"]],
    },
    "until": {"type": "str", "choices": [FIRES, QUIET], "default": FIRES},
    "since": {"type": "str"},
    "lasted": {"type": "dict", "default": {}},
    "window": {"type": "float", "default": 60},
    "faster": {"type": "float", "default": 1},
    "timeout": {"type": "float", "default": 900},
    "poll": {"type": "float", "default": 5},
}


class Alert:
    """A rule, what it reads now, and since when that has been beyond its limit."""

    def __init__(self, rule: Rule, beyond_since: float | None = None) -> None:
        self.rule = rule
        self._said = beyond_since
        self.value: float | None = None
        self.unknown = "not looked at yet"
        self.since: float | None = None

    def learn(self, answer: float | str, now: float) -> None:
        """C(answer) is the value, or why there is none: then nobody can say that it has lasted."""
        if not isinstance(answer, str) and not math.isfinite(answer):
            answer = "no data"
        self.value = None if isinstance(answer, str) else answer
        self.unknown = answer if isinstance(answer, str) else ""
        bad = self.value is not None and beyond(self.rule, self.value)
        since = self._said if self._said is not None else now
        self.since = (self.since if self.since is not None else since) if bad else None
        if self.value is not None:
            self._said = None  # what somebody else has seen holds for as long as it is seen here, too

    def lasted(self, now: float, faster: float) -> float:
        return (now - self.since) * faster if self.since is not None else 0.0

    def fires(self, now: float, faster: float) -> bool:
        return self.since is not None and self.lasted(now, faster) >= self.rule["for"]

    def words(self, now: float, faster: float) -> str:
        """C(failed checkouts 38 %, over 10 % for 5 min)."""
        if self.value is None:
            return f"{self.rule['name']}: {self.unknown}"
        lasting = f" for {span(self.lasted(now, faster))}" if self.since is not None and self.rule["for"] else ""
        return f"{self.rule['name']} {shown(self.rule, self.value)}{lasting}"

    def as_dict(self, now: float, faster: float) -> dict[str, Any]:
        told = {"name": self.rule["name"], "value": self.value, "unit": self.rule["unit"], "limit": limit(self.rule)}
        return {**told, "unknown": self.unknown, "beyond": self.since is not None, "for": round(self.lasted(now, faster), 3)}


def detect(options: Options, run: Run) -> Result:
    """What fired first, or that all is well; a failed result when it did not come to that in time, with what was seen last."""
    distinct(options["alerts"])
    monitoring = Monitoring(options["source"], options["alerts"], options["window"], run)
    faster, began, began_at = options["faster"], time.monotonic(), datetime.now(UTC)
    said = {name: began - float(seconds) / faster for name, seconds in options["lasted"].items()}
    alerts = [Alert(rule, said.get(rule["name"])) for rule in options["alerts"]]
    quiet, told = options["until"] == QUIET, began
    while True:
        answers = monitoring.look()
        now = time.monotonic()
        for alert in alerts:
            alert.learn(answers[alert.rule["name"]], now)
        fired = [alert for alert in alerts if alert.fires(now, faster) and (not said or alert.rule["name"] in said)]
        well = all(alert.value is not None and alert.since is None for alert in alerts)
        if (well if quiet else fired) or now - began >= options["timeout"]:
            break
        if now - told >= HEARTBEAT:
            told = now
            run.tell(f"waiting until {'all is well' if quiet else 'an alert fires'}: {_state(alerts, now, faster)}")
        time.sleep(options["poll"])
    at = began_at + timedelta(seconds=now - began)
    seen: Result = {
        "at": moment.iso(at),
        "seconds": round(now - began, 3),
        "alerts": [alert.as_dict(now, faster) for alert in alerts],
    }
    if quiet:
        if well:
            return {**seen, "summary": f"all is well: {len(alerts)} alerts are quiet"}
        return _not_so(seen, f"not all is well after {span(now - began)}: {_state(alerts, now, faster, wrong=True)}",
                       "Repair what is broken first; an alert without data has to get some.")
    if not fired:
        return _not_so(seen, f"no alert fired within {span(options['timeout'])}: {_state(alerts, now, faster)}",
                       "Either nothing broke, or nothing looks there: see alerts in the inventory.")
    first = min(fired, key=lambda alert: alert.since or 0.0)
    bad_since = began_at + timedelta(seconds=(first.since or now) - began)
    return {
        **seen,
        "fired": [alert.rule["name"] for alert in fired],
        "bad_at": moment.iso(bad_since),
        "good_at": moment.iso(moment.parse(options["since"])) if options["since"] else None,
        "facts": facts(alerts, now, faster),
        "summary": f"{', '.join(alert.words(now, faster) for alert in fired)}; noticed after {span(now - began)}",
    }


def facts(alerts: list[Alert], now: float, faster: float) -> dict[str, Any]:
    """What was measured, as a policy takes it; what nobody can tell is left out, which a policy takes for missing."""
    found: dict[str, Any] = {"scenarios": sorted({name for alert in alerts if alert.since is not None for name in alert.rule["scenarios"]})}
    for alert in alerts:
        if alert.rule["fact"] and alert.value is not None:
            lasting = {"for": f"{alert.lasted(now, faster):.0f} s"} if alert.since is not None else {}
            found.setdefault(alert.rule["fact"], []).append({"value": alert.value, **lasting})
    return found


def _state(alerts: list[Alert], now: float, faster: float, wrong: bool = False) -> str:
    told = [alert for alert in alerts if not wrong or alert.value is None or alert.since is not None]
    return ", ".join(alert.words(now, faster) for alert in told)


def _not_so(seen: Result, summary: str, hint: str) -> Result:
    return {**seen, "failed": True, "msg": f"{summary}. {hint}", "summary": summary, "hint": hint}


DETECT = Operation(ARGUMENTS, detect)
