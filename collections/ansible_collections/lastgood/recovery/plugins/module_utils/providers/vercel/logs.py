# SPDX-License-Identifier: GPL-3.0-or-later
"""Vercel's logs: the build's is kept; the run's is a stream that never ends, of what Vercel still holds and of what comes."""
from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import line_stream, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.logs import Lines, Logs, Wanted
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.releases import Vercel

HAPPENED = {
    "createdAt": "created",
    "buildingAt": "building",
    "ready": "ready",
    "aliasAssignedAt": "domains assigned",
}
"""By the deployment's field with a time, what happened then."""


class VercelLogs(Logs):
    """Vercel has no list of events of a deployment; its own fields and the project's last move tell them."""

    name = "Vercel"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Vercel(options, run)
        self.api = self.releases.api
        self.secrets = (options["token"],)
        self.project = options["project"]

    def build(self, wanted: Wanted) -> Lines:
        query = {"builds": 1, "limit": -1, "direction": "forward", "follow": 0}
        rows = self.api.get(f"/v3/deployments/{wanted.release.id}/events", **query) or []
        told = [{**row, **(row.get("payload") or {})} for row in rows if row]  # older answers have the text in a payload
        return [_line(row["created"], row["type"], row["text"]) for row in told if row.get("text")][-wanted.lines - 1 :]

    def runtime(self, wanted: Wanted) -> Lines:
        url = f"{self.api.url}/v1/projects/{self.project}/deployments/{wanted.release.id}/runtime-logs"
        kept: deque[str] = deque(maxlen=wanted.lines + 1)
        for text in line_stream.read(self.api.session, url, wanted.quiet, wanted.timeout / 2, **self.api.scope):
            row = _parsed(text)
            if row and wanted.within(moment.from_epoch_ms(row["timestampInMs"])):
                request = f"{row.get('requestMethod', '')} {row.get('requestPath', '')} {row.get('responseStatusCode', '')}"
                kept.append(_line(row["timestampInMs"], row.get("level", "info"), f"{request} {row.get('message', '')}"))
        return kept

    def events(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        row = self.api.get(f"/v13/deployments/{wanted.release.id}")
        project = self.api.get(f"/v9/projects/{self.project}", rollbackInfo="true")
        happened = sorted((row[field], said) for field, said in HAPPENED.items() if isinstance(row.get(field), int))
        request = project.get("lastAliasRequest") or {}
        if wanted.release.id in (request.get("fromDeploymentId"), request.get("toDeploymentId"), request.get("fromRollingReleaseId")):
            happened.append((request["requestedAt"], f"{request['type']} to {request['toDeploymentId']}: {request['jobStatus']}"))
        for at, said in happened:
            yield {"at": moment.iso(moment.from_epoch_ms(at)), "event": said}
        known = ("readyState", "readySubstate", "errorCode", "errorMessage", "aliasError", "source", "target", "url", "meta")
        yield {"event": "as it is now", **{field: row[field] for field in known if row.get(field)}}


def _parsed(text: str) -> dict[str, Any] | None:
    """One line of the stream; None for a delimiter, or what is no line of a log."""
    try:
        row = json.loads(text)
    except ValueError:
        return None
    fits = isinstance(row, dict) and isinstance(row.get("timestampInMs"), int | float) and row.get("source") != "delimiter"
    return row if fits else None


def _line(at: float, level: str, text: str) -> str:
    return f"{moment.iso(moment.from_epoch_ms(at))} {level} {text}".rstrip()
