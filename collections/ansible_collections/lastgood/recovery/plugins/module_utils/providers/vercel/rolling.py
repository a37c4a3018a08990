# SPDX-License-Identifier: GPL-3.0-or-later
"""Rolling releases as Vercel tells of them: a canary that a growing share of the visitors gets, and the base for the others."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

AGAIN = "vercel_rolling_release"


@dataclass(frozen=True)
class Rollout:
    """The newest rolling release of a project."""

    state: str
    """C(ACTIVE), C(COMPLETE), C(ABORTED), or whatever Vercel may add."""
    canary: str
    base: str | None
    queued: str | None
    """What waits until this one has ended."""
    percentages: tuple[int, ...]
    """The share of the visitors at each stage."""
    stage: int | None
    """The number of the stage that is active, from 0; None after an abort."""
    started_at: datetime
    updated_at: datetime

    @property
    def active(self) -> bool:
        return self.state == "ACTIVE"

    @property
    def percentage(self) -> int:
        """The share of the visitors that the canary gets now."""
        if self.state == "COMPLETE":
            return 100
        return self.percentages[self.stage] if self.active and self.stage is not None else 0


def used_by(project: dict[str, Any], rows: Iterable[dict[str, Any]] = ()) -> bool:
    """Whether the project, or a deployment of it, bears the marks of a rolling release; only then it is worth asking for one."""
    rolled_back = (project.get("lastAliasRequest") or {}).get("fromRollingReleaseId")
    deployments = [*(project.get("latestDeployments") or []), *rows]
    return bool(project.get("rollingRelease") or rolled_back or [row for row in deployments if row.get("readySubstate") == "ROLLING"])


def newest(api: Api, project_id: str) -> Rollout | None:
    """The rolling release that is under way, or the last one that was."""
    row = api.get(f"/v1/projects/{project_id}/rolling-release")["rollingRelease"]
    if not row or not row.get("canaryDeployment"):
        return None
    return Rollout(
        state=row["state"],
        canary=row["canaryDeployment"]["id"],
        base=(row.get("currentDeployment") or {}).get("id"),
        queued=row.get("queuedDeploymentId"),
        percentages=tuple(stage["targetPercentage"] for stage in row.get("stages") or []),
        stage=(row.get("activeStage") or {}).get("index"),
        started_at=moment.from_epoch_ms(row["startedAt"]),
        updated_at=moment.from_epoch_ms(row["updatedAt"]),
    )


def told(release: Release, rollout: Rollout | None) -> Release:
    """The release with what a rolling release says of it: a canary has been live for some visitors, from its first stage on."""
    if rollout is None or release.id != rollout.canary:
        return release
    if rollout.state == "COMPLETE":
        return replace(release, live_from=rollout.started_at) if release.live_from else release
    if rollout.active:
        share = f"ROLLING, {rollout.percentage} % of the visitors get it; {AGAIN} completes it"
        return replace(release, live_from=rollout.started_at, good=False, state=share)
    if release.good:  # promoted since then
        return release
    ended = f"{rollout.state}: some visitors got it; {AGAIN} starts it again"
    return replace(release, live_from=rollout.started_at, taken_out_at=rollout.updated_at, good=False, state=ended)
