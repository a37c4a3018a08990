# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlify's logs: its API tells what became of a deploy; the logs themselves come over a websocket."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.logs import Lines, Logs, Wanted
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.releases import Netlify

BY_HAND = "Copy it from the deploy's page at Netlify."


class NetlifyLogs(Logs):
    """Of a build that failed the deploy keeps the last error, which is in the events."""

    name = "Netlify"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Netlify(options, run)
        self.secrets = (options["token"],)

    def build(self, wanted: Wanted) -> Lines:
        raise Refused("Netlify gives the log of a build over a websocket only", BY_HAND)

    def runtime(self, wanted: Wanted) -> Lines:
        raise Refused("Netlify gives the logs of functions over a websocket only", BY_HAND)

    def events(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        row = self.releases.api.get(f"{self.releases.path}/deploys/{wanted.release.id}")
        for field, said in (("created_at", "created"), ("published_at", "published"), ("updated_at", "changed last")):
            if row.get(field):
                yield {"at": row[field], "event": said}
        known = ("state", "error_message", "title", "branch", "commit_ref", "context", "deploy_source", "deploy_ssl_url", "locked")
        yield {"event": "as it is now", **{field: row[field] for field in known if row.get(field) is not None}}
