# SPDX-License-Identifier: GPL-3.0-or-later
"""Render's logs: those of a service by time, page by page, and its events."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.logs import Lines, Logs, Wanted
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.releases import Render

PAGE, PAGES = 100, 30
"""Lines or events a page, and pages read at most."""
ROUND = timedelta(seconds=1)
"""Added at both ends of a deploy: the log's clock is another one."""


class RenderLogs(Logs):
    """A line belongs to the service and to a time, not to a deploy: what an instance of the deploy before said meanwhile is among them."""

    name = "Render"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Render(options, run)
        self.api, self.path = self.releases.api, self.releases.path
        self.service = options["service"]
        self.secrets = (options["api_key"],)

    def build(self, wanted: Wanted) -> Lines:
        deploy = self.api.get(f"{self.path}/deploys/{wanted.release.id}")
        started, ended = moment.parse(deploy["createdAt"]), deploy.get("finishedAt")
        until = moment.parse(ended) if ended else wanted.until
        return self._lines(["build"], started - ROUND, until + ROUND, wanted.lines)

    def runtime(self, wanted: Wanted) -> Lines:
        return self._lines(["app", "request"], wanted.since, wanted.until, wanted.lines)

    def events(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        since = min(wanted.since, wanted.release.created_at) - ROUND
        query = {"startTime": moment.iso(since), "endTime": moment.iso(wanted.until + ROUND)}
        cursor: str | None = None
        found: list[dict[str, Any]] = []
        for _page in range(PAGES):
            rows = self.api.get(f"{self.path}/events", limit=PAGE, cursor=cursor, **query)
            found += (row["event"] for row in rows)
            if len(rows) < PAGE or len(found) > wanted.lines:
                break
            cursor = rows[-1]["cursor"]
        for event in sorted(found, key=lambda event: str(event["timestamp"])):
            yield {"at": event["timestamp"], "event": event["type"], **(event.get("details") or {})}

    def _lines(self, types: list[str], since: datetime, until: datetime, most: int) -> Lines:
        """The newest ones, oldest first."""
        owner = self.api.get(self.path)["ownerId"]
        span = {"startTime": moment.iso(since), "endTime": moment.iso(until)}
        found: dict[str, str] = {}  # by id: a page may begin with what the one before ended with
        for _page in range(PAGES):
            query = {"ownerId": owner, "resource": [self.service], "type": types, "direction": "backward", "limit": PAGE, **span}
            answer = self.api.get("/logs", **query)
            found.update((row["id"], _line(row)) for row in answer["logs"])
            if not answer["hasMore"] or len(found) > most:
                break
            span = {"startTime": answer["nextStartTime"], "endTime": answer["nextEndTime"]}
        return list(found.values())[most::-1]


def _line(row: dict[str, Any]) -> str:
    labels = {label["name"]: label["value"] for label in row.get("labels") or []}
    about = " ".join(labels[name] for name in ("level", "type", "instance") if labels.get(name))
    return f"{row['timestamp']} {about} {row['message']}"
