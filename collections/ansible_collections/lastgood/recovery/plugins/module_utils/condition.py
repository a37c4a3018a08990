# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service is being run: compared, remembered in a file, and told in words."""
from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import memory
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused


@dataclass(frozen=True)
class Condition:
    """How a service is being run. None is what the vendor has no notion of."""

    running: bool
    instances: dict[str, int] | None = None
    """By process type; a vendor with one kind of process calls it C(service)."""
    autoscaling: dict[str, Any] | None = None
    """The vendor's own settings of it, empty when it is off."""
    maintenance: bool | None = None
    held: bool | None = None
    """Whether new pushes are kept away, where stopping and starting changes that."""


def alike(now: Condition, wanted: Condition, but_maintenance: bool = False) -> bool:
    """Numbers count only while it runs and nobody but us changes them."""
    if but_maintenance:
        now = replace(now, maintenance=wanted.maintenance)
    if not wanted.running or wanted.autoscaling:
        now = replace(now, instances=wanted.instances)
    if not wanted.running:
        now = replace(now, held=wanted.held)  # shows again what it is once the service runs
    return now == wanted


def remember(path: str, condition: Condition) -> None:
    memory.remember(path, asdict(condition))


def remembered(path: str) -> Condition | None:
    found = memory.remembered(path)
    try:
        return None if found is None else Condition(**found)
    except TypeError:
        raise Refused(f"{path} is no memory of a service", "Name the file that was given as memory before.") from None


def change_in_words(now: Condition, wanted: Condition, restart: bool) -> str:
    """What is different, separated by commas; empty when nothing is."""
    words = ["restarted"] if restart else []
    if wanted.running != now.running:
        words.append("running" if wanted.running else "stopped")
    if wanted.instances != now.instances:
        words.append("instances " + ", ".join(f"{kind} {count}" for kind, count in (wanted.instances or {}).items()))
    if wanted.autoscaling != now.autoscaling:
        words.append("autoscaling on" if wanted.autoscaling else "autoscaling off")
    if wanted.maintenance != now.maintenance:
        words.append("maintenance on" if wanted.maintenance else "maintenance off")
    if wanted.held != now.held:
        words.append("new pushes held" if wanted.held else "new pushes go live")
    return ", ".join(words)
