# SPDX-License-Identifier: GPL-3.0-or-later
"""Alarms and metrics as one verdict, looked at until it is good or the time is over."""

from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked, failed_if_asked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudwatch.alarms import Alarms
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudwatch.metrics import Metrics
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused, VendorError
from ansible_collections.lastgood.recovery.plugins.module_utils.looking import until_well
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

METRIC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "metric_name": {"type": "str", "required": True, "aliases": ["metric"]},
    "dimensions": {"type": "dict", "default": {}},
    "statistic": {"type": "str", "default": "Average"},
    "percent_of": {"type": "str"},
    "missing_is_zero": {"type": "bool", "default": False},
    "weighted_by": {"type": "str"},
    "min": {"type": "float"},
    "max": {"type": "float"},
    "min_count": {"type": "float", "default": 1},
    "unit": {"type": "str", "default": ""},
}
ARGUMENTS: dict[str, Any] = {
    "alarms": {"type": "list", "elements": "str", "default": []},
    "alarm_prefix": {"type": "str"},
    "alarm_tags": {"type": "dict", "default": {}},
    "metrics": {"type": "list", "elements": "dict", "default": [], "options": METRIC},
    "window": {"type": "int", "default": 5},
    "since": {"type": "str"},
    "timeout": {"type": "float", "default": 0},
    "poll": {"type": "float", "default": 15},
    "phase": {"type": "str"},
    "fail": {"type": "bool", "default": False},
    **OPTIONS,
}


def check(options: Options, run: Run) -> Result:
    """What CloudWatch says in the end. An AWS that cannot be asked makes everything UNKNOWN, and says why."""
    watched = (Alarms(options, run), Metrics(options, run))
    wanted = [name for part in watched for name in part.wanted]
    if not wanted:
        raise Refused("nothing is asked for", "Give alarms, alarm_prefix, alarm_tags or metrics.")
    if len(set(wanted)) < len(wanted):
        raise Refused("two of them have the same name", "Give every metric a name of its own, which no alarm has.")
    result = until_well(lambda: _look(watched), run.tell, options["timeout"], options["poll"])
    run.record("checked", kind="cloudwatch", phase=options["phase"], verdict=result["verdict"], checks=result["checks"])
    return failed_if_asked(result, options["fail"])


def _look(watched: tuple[Alarms, Metrics]) -> Result:
    checks: list[Check] = []
    hint = ""
    for part in watched:
        if not part.wanted:
            continue
        try:
            checks += part.look()
        except VendorError as error:
            checks += [checked(name, "UNKNOWN", expected="an answer", got=error.message) for name in part.wanted]
            hint = error.hint
    return {**found(checks, "CloudWatch checks", "are well"), **({"hint": hint} if hint else {})}


CHECK = Operation(ARGUMENTS, check)
