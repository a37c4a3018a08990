# SPDX-License-Identifier: GPL-3.0-or-later
"""Railway's logs: of each deployment, its build and its run apart, and the steps it went through."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.logs import Lines, Logs, Wanted
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import documents
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.releases import Railway

MOST = 5000
"""Lines in one answer."""


class RailwayLogs(Logs):
    """One call brings the newest lines, so there is no page to turn and nothing older than the newest 5,000."""

    name = "Railway"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Railway(options, run)
        self.graph = self.releases.graph
        self.secrets = tuple(filter(None, (options["token"], options["api_token"])))

    def build(self, wanted: Wanted) -> Lines:
        data = self.graph.ask(documents.BUILD_LOGS, id=wanted.release.id, limit=_limit(wanted))
        return [_line(row) for row in data["buildLogs"]]

    def runtime(self, wanted: Wanted) -> Lines:
        window = {"startDate": moment.iso(wanted.since), "endDate": moment.iso(wanted.until)}
        data = self.graph.ask(documents.DEPLOYMENT_LOGS, id=wanted.release.id, limit=_limit(wanted), **window)
        return [_line(row) for row in data["deploymentLogs"]]

    def events(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        data = self.graph.ask(documents.STORY, id=wanted.release.id)
        for edge in data["deploymentEvents"]["edges"]:
            node = edge["node"]
            payload = {name: value for name, value in (node.get("payload") or {}).items() if value is not None}
            yield {"at": node["createdAt"], "event": node["step"], "completed_at": node["completedAt"], **payload}
        yield {"event": "as it is now", **data["deployment"]}


def _limit(wanted: Wanted) -> int:
    return min(wanted.lines + 1, MOST)


def _line(row: dict[str, Any]) -> str:
    return f"{row['timestamp']} {row.get('severity') or 'info'} {row['message']}"
