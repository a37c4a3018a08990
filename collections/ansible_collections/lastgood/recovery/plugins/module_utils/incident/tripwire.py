# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether every target still serves what it went back to, and whether new pushes are still held there."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from ansible_collections.lastgood.recovery.plugins.module_utils.version_check import went_back

Event = Mapping[str, Any]
HELD = "new pushes held"


def trip(events: Sequence[Event], readings: Mapping[str, Any], condemned: Mapping[str, Mapping[str, str]]) -> list[Check]:
    """Two checks of every target that went back, C(release of …) and, where pushes were held, C(hold of …).

    C(readings) are what M(lastgood.recovery.release_info) has said by target. BAD is what a vendor says; UNKNOWN when it says nothing.
    """
    left = of_the_rollback(events)
    held = {event["target"] for event in _steps(left) if event.get("held")}
    checks: list[Check] = []
    for target, release in went_back(left).items():
        reading = readings.get(target)
        if not isinstance(reading, Mapping) or "serving" not in reading:
            why = _why(reading)
            checks.append(checked(f"release of {target}", "UNKNOWN", expected=str(release), got=why))
            checks += [checked(f"hold of {target}", "UNKNOWN", expected=HELD, got=why)] if target in held else []
            continue
        checks.append(_serves(target, release, reading["serving"], condemned.get(target) or {}))
        if target in held and reading["held"]:
            checks.append(checked(f"hold of {target}", "OK"))
        elif target in held:
            checks.append(checked(f"hold of {target}", "BAD", expected=HELD, got="somebody has let them go live again"))
    return checks


def hold_again(checks: Sequence[Check]) -> list[str]:
    """The targets whose hold was undone and that still serve what they went back to; of others a person has to decide."""
    verdicts = {check["name"]: check["verdict"] for check in checks}
    undone = [name.removeprefix("hold of ") for name, verdict in verdicts.items() if name.startswith("hold of ") and verdict == "BAD"]
    return [target for target in undone if verdicts[f"release of {target}"] == "OK"]


def of_the_rollback(events: Sequence[Event]) -> list[Event]:
    """Without the steps of watches: a hold that was put back says nothing about what should be serving."""
    watches = {event["run"] for event in events if event["event"] == "watch_begun"}
    return [event for event in events if event.get("run") not in watches]


def _steps(events: Sequence[Event]) -> list[Event]:
    """By target the newest step that was not skipped."""
    steps = [event for event in events if event["event"] == "result" and event.get("kind") == "release" and event["status"] != "skipped"]
    return list({event["target"]: event for event in steps}.values())


def _serves(target: str, release: Release, serving: Mapping[str, Any] | None, condemned: Mapping[str, str]) -> Check:
    name = f"release of {target}"
    if serving is None:
        return checked(name, "BAD", expected=str(release), got="nothing is serving")
    now = Release.from_dict(dict(serving))
    if now.artifact == release.artifact:
        return checked(name, "OK")
    bad = ", which a rollback took out of service" if now.artifact in condemned else ""
    return checked(name, "BAD", expected=str(release), got=f"serves {now}{bad}")


def _why(reading: Any) -> str:
    said = (reading.get("summary") or reading.get("msg")) if isinstance(reading, Mapping) else ""
    return " ".join(str(said or "").split()).removesuffix("; nothing was changed") or "it gave no answer"
