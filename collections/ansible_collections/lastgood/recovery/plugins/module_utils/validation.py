# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether everything works: what the flows and metrics of all scenarios said, and what every address in production serves."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import outside
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import SIGNS, Check, checked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import COULD_NOT_VERIFY, EXIT_CODES, NOT_RESTORED, RESTORED
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

ARGUMENTS: dict[str, Any] = {
    "checks": {"type": "dict", "default": {}},
    "readings": {"type": "dict", "default": {}},
    "version_urls": {"type": "dict", "default": {}},
}
CODES = {"OK": EXIT_CODES[RESTORED], "BAD": EXIT_CODES[NOT_RESTORED], "UNKNOWN": EXIT_CODES[COULD_NOT_VERIFY]}


def validate(options: Options, run: Run) -> Result:
    """All checks together; C(exit_code) is that of the verdict a rollback would get. Nothing checked is UNKNOWN."""
    checks = [*_told(options["checks"]), *_served(options["readings"], options["version_urls"])]
    result = found(checks, "checks", "pass")
    wrong = [check for check in checks if check["verdict"] not in ("OK", "SKIPPED")]
    lines = [f"{SIGNS[check['verdict']]} {check['name']}: expected {check['expected']}, got {check['got']}" for check in wrong]
    headline = f"{SIGNS[result['verdict']]} {result['verdict']}: {result['passed']} of {result['total']} checks pass"
    return {**result, "exit_code": CODES[result["verdict"]], "screen": [*map(paragraph, lines), headline]}


def _told(results: Mapping[str, Any]) -> list[Check]:
    """The checks of the results by scenario, each called after it; a scenario that was not looked at is UNKNOWN."""
    checks = []
    for scenario, several in results.items():
        listed = [check for result in several if isinstance(result, Mapping) for check in result.get("checks") or []]
        checks += [{**check, "name": f"{scenario}: {check['name']}"} for check in listed]
        if not listed:
            checks.append(checked(str(scenario), "UNKNOWN", expected="flows that are tested", got="none"))
    return checks


def _served(readings: Mapping[str, Any], version_urls: Mapping[str, Any]) -> list[Check]:
    """For each address of each target, whether it shows what the vendor says is serving."""
    checks: list[Check] = []
    looks: list[tuple[str, str, Release]] = []
    for target, reading in readings.items():
        if isinstance(reading, Mapping) and reading.get("skipped"):
            continue
        if not isinstance(reading, Mapping) or "serving" not in reading:
            why = (reading.get("summary") or reading.get("msg") if isinstance(reading, Mapping) else "") or "no answer"
            checks.append(checked(target, "UNKNOWN", expected="what the vendor says is serving", got=why))
        elif reading["serving"] is None:
            checks.append(checked(target, "BAD", expected="a release that is serving", got="none"))
        else:
            release = Release.from_dict(reading["serving"])
            looks += [(target, url, release) for url in version_urls.get(target) or []]
    seen = outside.look_at_all([(url, release) for _target, url, release in looks])
    checks += [checked(f"{target}: {url}", verdict, expected=None if verdict == "OK" else str(release), got=words or None)
               for (target, url, release), (verdict, words) in zip(looks, seen, strict=True)]
    return checks


VALIDATE = Operation(ARGUMENTS, validate)
