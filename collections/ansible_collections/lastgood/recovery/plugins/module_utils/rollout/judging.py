# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a release goes on to the next stage, or back. Unknown is no reason to go on."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import EXIT_CODES, NOT_RESTORED
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "percentage": {"type": "int", "required": True},
    "step": {"type": "dict", "required": True},
    "checks": {"type": "dict", "default": {}},
    "metrics": {"type": "dict"},
}
END_ARGUMENTS: dict[str, Any] = {
    "state": {"type": "str", "required": True, "choices": ["completed", "aborted"]},
    "deployment": {"type": "str", "required": True},
    "why": {"type": "str", "default": ""},
}


def judge(options: Options, run: Run) -> Result:
    """C(abort) unless the stage was reached, and everything that was looked at is well."""
    at, step = f"at {options['percentage']} %", options["step"]
    if "rollout" not in step:
        return _aborts(f"{at}: {step.get('summary') or step.get('msg')}")
    metrics = options["metrics"] or {"skipped": True}
    looks = [options["checks"], *([] if metrics.get("skipped") else [metrics])]
    wrong = [look for look in looks if look.get("verdict") != "OK" or look.get("failed")]
    if wrong:
        return _aborts(f"{at}: {'; '.join(str(look.get('summary') or look.get('msg') or 'it gave no answer') for look in wrong)}")
    return {"abort": False, "why": "", "bad_at": None, "summary": f"{at}: {options['checks']['summary']}"}


def _aborts(why: str) -> Result:
    return {"abort": True, "why": why, "bad_at": moment.iso(datetime.now(UTC)), "summary": f"it is taken back, {why}"}


def end(options: Options, run: Run) -> Result:
    """C(exit_code) 0 when everybody has the release, 11 when everybody has what served before again."""
    if options["state"] == "completed":
        return {"exit_code": 0, "summary": f"{options['deployment']} serves everybody"}
    return {"exit_code": EXIT_CODES[NOT_RESTORED], "summary": f"{options['deployment']} was taken back: {options['why']}"}


JUDGE = Operation(ARGUMENTS, judge)
END = Operation(END_ARGUMENTS, end)
