# SPDX-License-Identifier: GPL-3.0-or-later
"""Alarms, by name, by the beginning of their names, or by their tags. Only OK is good; too little data is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

AT_MOST = 100
"""Names that DescribeAlarms takes."""
TYPES = ["MetricAlarm", "CompositeAlarm"]
VERDICTS = {"OK": "OK", "ALARM": "BAD"}
"""Of every other state nobody can tell: INSUFFICIENT_DATA, or one that AWS adds later."""
EXCERPT = 160
"""Characters of CloudWatch's own reason."""


class Alarms:
    """Those that the options ask for; one that is not there is UNKNOWN, and so is a beginning or tag that no alarm has."""

    def __init__(self, options: Options, run: Run) -> None:
        self.names, self.prefix, self.tags = list(dict.fromkeys(options["alarms"])), options["alarm_prefix"], options["alarm_tags"]
        self._watch, self._tagging = Aws("cloudwatch", options, run), Aws("resourcegroupstaggingapi", options, run)

    @property
    def wanted(self) -> list[str]:
        """What is asked for, in words, for when nothing can be read."""
        kinds = (*self.names, f"alarms {self.prefix}*" if self.prefix else "", f"alarms tagged {_written(self.tags)}" if self.tags else "")
        return [kind for kind in kinds if kind]

    def look(self) -> list[Check]:
        rows: dict[str, dict[str, Any]] = {}
        lost: list[Check] = []
        if self.prefix:
            matching = {row["AlarmName"]: row for row in self._described(AlarmNamePrefix=self.prefix)}
            rows |= matching
            lost += [] if matching else [_none(f"alarms {self.prefix}*")]
        tagged = [arn.partition(":alarm:")[2] for arn in self._tagged()] if self.tags else []
        if self.tags and not tagged:
            lost.append(_none(f"alarms tagged {_written(self.tags)}"))
        names = [name for name in dict.fromkeys([*self.names, *tagged]) if name not in rows]
        named = {row["AlarmName"]: row for row in self._named(names)}
        lost += [_none(name) for name in names if name not in named]
        found = {**rows, **named}
        return [_judged(found[name]) for name in sorted(found, key=self._order)] + lost

    def _order(self, name: str) -> tuple[int, str]:
        return (self.names.index(name) if name in self.names else len(self.names), name)

    def _named(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        for start in range(0, len(names), AT_MOST):
            yield from self._described(AlarmNames=list(names[start : start + AT_MOST]))

    def _described(self, **which: Any) -> Iterator[dict[str, Any]]:
        for kind in TYPES:
            yield from self._watch.pages("DescribeAlarms", f"{kind}s", AlarmTypes=[kind], **which)

    def _tagged(self) -> Iterator[str]:
        filters = [{"Key": key, "Values": [str(value)]} for key, value in self.tags.items()]
        rows = self._tagging.pages("GetResources", "ResourceTagMappingList", TagFilters=filters, ResourceTypeFilters=["cloudwatch:alarm"])
        return (row["ResourceARN"] for row in rows)


def _judged(alarm: dict[str, Any]) -> Check:
    state = alarm["StateValue"]
    verdict = VERDICTS.get(state, "UNKNOWN")
    if verdict == "OK":
        return checked(alarm["AlarmName"], "OK")
    reason = " ".join(str(alarm.get("StateReason") or "").split())[:EXCERPT]
    got = f"{state} since {alarm['StateUpdatedTimestamp']:%Y-%m-%d %H:%M:%S %Z}" if alarm.get("StateUpdatedTimestamp") else state
    return checked(alarm["AlarmName"], verdict, step="alarm", expected="OK", got=got, body=reason or None)


def _none(name: str) -> Check:
    return checked(name, "UNKNOWN", step="alarm", expected="OK", got="no such alarm in this account and region")


def _written(tags: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in tags.items())
