# SPDX-License-Identifier: GPL-3.0-or-later
"""When deployments served: Railway's own word for one that is out of service (REMOVED) does not even say whether it ever did."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

SERVING = ("SUCCESS", "SLEEPING")
OUT_OF_SERVICE = ("REMOVING", "REMOVED")
HAS_SERVED = (*SERVING, *OUT_OF_SERVICE, "CRASHED")
BEFORE_TRAFFIC = ("CREATE_CONTAINER", "CONFIGURE_NETWORK", "HEALTHCHECK")


def release(row: dict[str, Any], events: list[dict[str, Any]], active: bool) -> Release:
    """The deployment, with its C(deploymentEvents); C(active) says whether it is among those that serve now."""
    meta = row["meta"] if isinstance(row.get("meta"), dict) else {}
    state = row.get("status") or "UNKNOWN"
    serves = active and state in SERVING and not row.get("deploymentStopped")
    live_from = went_live(row, events)
    offered = state in (*SERVING, *OUT_OF_SERVICE) and row.get("canRollback") is True
    return Release(
        id=row["id"],
        artifact=artifact(row),
        created_at=moment.parse(row["createdAt"]),
        live_from=live_from,
        good=live_from is not None and (serves or offered),
        title=meta.get("commitMessage") or meta.get("cliMessage") or meta.get("image") or "",
        state=_state(row, state, live_from is not None and not serves and not offered),
    )


def artifact(row: dict[str, Any]) -> str:
    """The commit; the image's digest where code was uploaded or an image was named: its tag may mean another one tomorrow."""
    meta = row["meta"] if isinstance(row.get("meta"), dict) else {}
    return meta.get("commitHash") or meta.get("imageDigest") or row.get("snapshotId") or row["id"]


def _state(row: dict[str, Any], state: str, lost: bool) -> str:
    if state in SERVING and row.get("deploymentStopped"):
        return f"{state}, stopped"
    return f"{state}, not offered for a rollback any more" if lost and state in OUT_OF_SERVICE else state


def went_live(row: dict[str, Any], events: list[dict[str, Any]]) -> datetime | None:
    """When the last step before traffic was over; None if that never came: a build that was cancelled is REMOVED, too.

    Where Railway has no events any more, what can be rolled back to did serve, at some time after it was created.
    """
    if row.get("status") not in HAS_SERVED:
        return None
    # A step that is tried again has an event for each attempt: the last one counts.
    steps = {event["step"]: event for event in sorted(events, key=lambda event: event["createdAt"])}
    steps.pop("DRAIN_INSTANCES", None)
    ended = all(step["completedAt"] and not (step.get("payload") or {}).get("error") for step in steps.values())
    if ended and any(name in steps for name in BEFORE_TRAFFIC):
        return max(moment.parse(step["completedAt"]) for step in steps.values())
    if row["status"] in SERVING and row.get("statusUpdatedAt"):
        return moment.parse(row["statusUpdatedAt"])
    return moment.parse(row["createdAt"]) if row.get("canRollback") and not steps else None


def after_rollbacks(releases: list[Release]) -> list[Release]:
    """The releases, with those marked that were left for something older: that is a rollback, whoever asked for it."""
    served = sorted((r for r in releases if r.live_from), key=lambda r: (r.live_from, r.created_at))
    left: dict[str, datetime | None] = {}
    for number, back in enumerate(served):
        before = [earlier for earlier in range(number) if served[earlier].artifact == back.artifact]
        between = served[before[-1] + 1 : number] if before else []
        left = {**{r.id: back.live_from for r in between}, **left}
    return [replace(r, taken_out_at=left.get(r.id)) for r in releases]
