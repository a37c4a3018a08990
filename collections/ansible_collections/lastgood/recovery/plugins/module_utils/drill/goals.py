# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drill is measured by: the team's objectives, the SLA of the tier, RTO and RPO. Not known is not met."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import Entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import DURATIONS, Objectives
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.services import DATA

Goal = dict[str, Any]
"""{goal, seconds, at_most, met}; C(seconds) is None where nobody knows."""


def goal(name: str, seconds: float | None, at_most: float) -> Goal:
    return {"goal": name, "seconds": seconds, "at_most": at_most, "met": seconds is not None and seconds <= at_most}


def of_durations(seconds: Mapping[str, float | None], objectives: Objectives) -> list[Goal]:
    """One for each duration that has an objective."""
    return [goal(DURATIONS[name][0], seconds.get(name), most) for name, most in objectives.durations.items()]


def of_recovery(entry: Entry, objectives: Objectives, at_the_latest: float | None) -> list[Goal]:
    """The scenario's RTO, and RTO and RPO of every service that went back; a service without data loses none.

    What objects lose no incident records, as their versions stay, and it is not judged.
    Where the incident does not tell when a service was well again, all of them were C(at_the_latest) seconds after the drill broke them.
    """
    found = [goal(f"RTO of {entry['scenario']}", entry["rto"]["used"], entry["rto"]["seconds"])] if entry["rto"] else []
    for service in entry["services"]:
        goals = objectives.services.get(service["target"]) or objectives.services.get(service["tier"]) or {}
        if "rto" in goals:
            recovery = at_the_latest if service["recovery"] is None else service["recovery"]
            found.append(goal(f"RTO of {service['target']}", recovery, goals["rto"]))
        unrecorded = service["loss"] is None and service["tier"] == "objects"
        if "rpo" in goals and not unrecorded:
            loss = service["loss"] if service["tier"] in DATA else service["loss"] or 0.0
            found.append(goal(f"RPO of {service['target']}", loss, goals["rpo"]))
    return found
