"""What a deployment wrote while it was built and while it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import from_iso
from sandbox.logs import said
from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import instant
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway

Line = tuple[int, str, str]
"""When (ms), severity, text."""


def _building(deployment: Row) -> list[Line]:
    lines: list[Line] = []
    for event in deployment["events"]:
        if event["step"] in ("SNAPSHOT_CODE", "BUILD_IMAGE", "PUBLISH_IMAGE", "HEALTHCHECK"):
            lines.append((event["createdAt"], "info", f"{event['step'].replace('_', ' ').lower()} of {deployment['commit']['id'][:7]}"))
            if event["payload"]:
                lines.append((event["completedAt"], "error", event["payload"]["error"]))
    return lines


def _running(deployment: Row) -> list[Line]:
    started = [event["createdAt"] for event in deployment["events"] if event["step"] == "CREATE_CONTAINER"]
    if not started:
        return []
    begun = (started[0], "info", "Starting Container")
    lines = said(deployment["kind"], deployment["snapshot"]["variables"])
    told = [(started[0] + n, line.level, " ".join([*map(str, line.request or ()), line.text]).strip()) for n, line in enumerate(lines, 1)]
    return [begun, *told]


def _lines(railway: Railway, caller: Caller, part: str, given: Row) -> list[Row]:
    deployment = railway.book.deployment(given["deploymentId"])
    caller.may_touch(deployment["environmentId"])
    lines = _building(deployment) if part == "build" else _running(deployment)
    low, high = (from_iso(given[side]) if given.get(side) else None for side in ("startDate", "endDate"))
    kept = [
        line
        for line in lines
        if (low is None or line[0] >= low) and (high is None or line[0] <= high) and (given.get("filter") or "") in line[2]
    ]
    tags = {"deploymentId": deployment["id"], "environmentId": deployment["environmentId"], "serviceId": deployment["serviceId"]}
    tags |= {"projectId": railway.book.project["id"], "snapshotId": deployment["snapshot"]["id"]}
    limit = min(given.get("limit") or 100, 5000)
    return [
        {"timestamp": instant(at), "severity": severity, "message": text, "attributes": [], "tags": tags}
        for at, severity, text in kept[-limit:]
    ]


def build_logs(railway: Railway, caller: Caller, **given: object) -> list[Row]:
    return _lines(railway, caller, "build", dict(given))


def deployment_logs(railway: Railway, caller: Caller, **given: object) -> list[Row]:
    return _lines(railway, caller, "deploy", dict(given))


QUERIES: Resolvers = {"buildLogs": build_logs, "deploymentLogs": deployment_logs}
