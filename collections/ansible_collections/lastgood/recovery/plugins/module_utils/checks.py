# SPDX-License-Identifier: GPL-3.0-or-later
"""What checks of any kind find, in one form: a verdict for each, the worst for all. Unknown is never green."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Result

BEFORE = "before"
"""The phase in which nothing was changed yet."""
SEVERITY = ("SKIPPED", "OK", "UNKNOWN", "BAD")
SIGNS = {"OK": "✔", "BAD": "✘", "UNKNOWN": "?"}

Check = dict[str, Any]
"""{name, verdict, step, expected, got, body, seconds}; the middle four are None when there is nothing wrong."""


def checked(name: str, verdict: str, **seen: Any) -> Check:
    """One check; C(seen) is what it knows beyond that."""
    return {"name": name, "verdict": verdict, "step": None, "expected": None, "got": None, "body": None, "seconds": 0.0} | seen


def severity(one: Check) -> tuple[int, float]:
    return (SEVERITY.index(one["verdict"]), one["seconds"])


def found(checks: list[Check], what: str, good: str) -> Result:
    """All of them as a result; its summary begins C(2 of 3 flows pass), where C(what) is flows and C(good) is pass."""
    counted = [one for one in checks if one["verdict"] != "SKIPPED"]
    passed = sum(one["verdict"] == "OK" for one in counted)
    skipped = len(checks) - len(counted)
    headline = f"{passed} of {len(counted)} {what} {good}" + (f", {skipped} skipped" if skipped else "")
    wrong = [f"{one['name']}: expected {one['expected']}, got {one['got']}" for one in counted if one["verdict"] != "OK"]
    return {
        "verdict": max((one["verdict"] for one in counted), key=SEVERITY.index, default="UNKNOWN"),
        "checks": checks,
        "passed": passed,
        "total": len(counted),
        "summary": "; ".join([headline, *wrong]),
    }


def failed_if_asked(result: Result, fail: bool) -> Result:
    """The result, as a failed one when every check has to pass and not all do, or there is none."""
    if fail and (result["passed"] < result["total"] or not result["checks"]):
        return result | {"failed": True, "msg": result["summary"]}
    return result
