# SPDX-License-Identifier: GPL-3.0-or-later
"""How a project rolls releases out: what is configured, what is under way, what it serves."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ActivationFailed
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.rolling import Rollout


@dataclass(frozen=True)
class Stage:
    """C(minutes) until the next stage follows by itself; None where somebody has to approve it."""

    percentage: int
    minutes: int | None = None
    linear: bool = False

    @classmethod
    def configured(cls, row: dict[str, Any]) -> Stage:
        """From a configuration, whose durations are minutes; those of a rolling release under way are seconds."""
        return cls(row["targetPercentage"], row.get("duration"), bool(row.get("linearShift")))

    def row(self) -> dict[str, Any]:
        timed = {"duration": self.minutes, "linearShift": self.linear} if self.minutes else {}
        return {"targetPercentage": self.percentage, **timed}

    def __str__(self) -> str:
        return f"{self.percentage} %" + (f" for {self.minutes} min" if self.minutes else "")


@dataclass(frozen=True)
class Standing:
    """How a project rolls releases out, and what it serves."""

    stages: tuple[Stage, ...] | None
    """What the next rolling release goes through; None when there is none."""
    rollout: Rollout | None
    serving: str | None
    held: bool

    @property
    def active(self) -> Rollout | None:
        return self.rollout if self.rollout and self.rollout.active else None

    def of(self, deployment: str) -> Rollout | None:
        """The rolling release of that deployment; ActivationFailed when somebody aborted it."""
        rollout = self.rollout if self.rollout and self.rollout.canary == deployment else None
        if rollout and rollout.state == "ABORTED":
            raise ActivationFailed(f"the rolling release of {deployment} was aborted", "Start it again, with state: started.")
        return rollout

    def facts(self) -> dict[str, Any]:
        """As the module returns it."""
        rollout = self.rollout
        return {
            "rollout": rollout and {
                "state": rollout.state,
                "canary": rollout.canary,
                "base": rollout.base,
                "queued": rollout.queued,
                "percentage": rollout.percentage,
                "stage": rollout.stage,
                "percentages": list(rollout.percentages),
                "started_at": moment.iso(rollout.started_at),
            },
            "stages": self.stages and [vars(stage) for stage in self.stages],
            "serving": self.serving,
            "held": self.held,
        }

    def picture(self) -> dict[str, str]:
        """What a diff compares."""
        return {
            "stages": " → ".join(map(str, self.stages)) if self.stages else "none",
            "rolling release": f"{self.active.canary} at {self.active.percentage} %" if self.active else "none",
            "serving": self.serving or "nothing",
            "new pushes": "held" if self.held else "go live",
        }

    def __str__(self) -> str:
        if self.active:
            return f"{self.active.canary} gets {self.active.percentage} % of the visitors, {self.active.base or 'nothing'} the others"
        stages = f"; next: {' → '.join(map(str, self.stages))}" if self.stages else ""
        return f"{self.serving or 'nothing'} serves everybody{stages}"
