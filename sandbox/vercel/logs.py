"""What a deployment wrote while it was built, and while it ran."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.logs import said
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.vercel import Vercel


def list_events(vercel: Vercel, call: Call) -> list[Row]:
    """The build log."""
    deployment = vercel.book.deployment(call.match["idOrUrl"])
    lines = [("command", f"Cloning {deployment['name']}, branch {deployment['ref']}, commit {deployment['commit'][:7]}")]
    if deployment["buildingAt"]:
        lines.append(("stdout", 'Running "npm run build"'))
    if deployment["errorMessage"]:
        lines.append(("stderr", deployment["errorMessage"]))
    if deployment["ready"]:
        lines.append(("stdout", "Build Completed"))
    created, limit = deployment["createdAt"], call.number("limit", -1)
    rows = [
        {
            "type": kind,
            "created": created + number,
            "date": created + number,
            "deploymentId": deployment["id"],
            "id": f"{deployment['id']}-{number}",
            "serial": str(number),
            "info": {"type": "build", "name": "bld_sandbox"},
            "text": text,
        }
        for number, (kind, text) in enumerate(lines)
    ]
    return rows if limit < 0 else rows[:limit]


def stream_runtime(vercel: Vercel, call: Call) -> Reply:
    """Lines of JSON, and then nothing more: the vendor never ends this answer."""
    deployment = vercel.book.deployment(call.match["deploymentId"])
    if vercel.book.project(call.match["projectId"])["id"] != deployment["projectId"]:
        raise Refusal(404, "The deployment could not be found.", "not_found")
    text = "".join(f"{json.dumps(row)}\n" for row in _runtime(vercel, deployment))
    return Reply(200, text, {"Content-Type": "application/stream+json"}, endless=True)


def _runtime(vercel: Vercel, deployment: Row) -> list[Row]:
    """From the instant on at which the first visitor could get it; a canary's is that of its first stage."""
    began = deployment["aliasAssigned"] or _rolled_out(vercel, deployment)
    if not began:
        return []
    rows = []
    for number, line in enumerate(said(deployment["kind"], deployment["env"])):
        method, path, status = line.request or ("GET", "/", 500 if line.level == "error" else 200)
        rows.append({
            "rowId": f"{deployment['id']}-{number}",
            "timestampInMs": began + number,
            "level": line.level,
            "message": line.text,
            "messageTruncated": False,
            "source": "serverless",
            "domain": deployment["url"],
            "requestMethod": method,
            "requestPath": path,
            "responseStatusCode": status,
        })
    return rows


def _rolled_out(vercel: Vercel, deployment: Row) -> int | None:
    runs = vercel.book.projects[deployment["projectId"]].get("rollingReleases", [])
    return next((run["startedAt"] for run in runs if run["canary"] == deployment["id"]), None)


ROUTES: list[Route] = [
    ("GET", "/v3/deployments/{idOrUrl}/events", list_events),
    ("GET", "/v1/projects/{projectId}/deployments/{deploymentId}/runtime-logs", stream_runtime),
]
