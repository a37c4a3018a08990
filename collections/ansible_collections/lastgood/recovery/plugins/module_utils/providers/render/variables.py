# SPDX-License-Identifier: GPL-3.0-or-later
"""Render's environment variables: written one by one, because the call for all of them removes whatever it is not given."""
from __future__ import annotations

from datetime import datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Values, Variables
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.releases import Render
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

PAGE = 100


class RenderVariables(Variables):
    """No history, no time of change, and no deploy of its own accord: what is not deployed does not run."""

    name = "Render"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Render(options, run)
        self.api, self.path = self.releases.api, self.releases.path
        self.key = options["api_key"].encode()

    def values(self) -> Values:
        found: Values = {}
        cursor: str | None = None
        while True:
            rows = self.api.get(f"{self.path}/env-vars", limit=PAGE, cursor=cursor)
            found.update((row["envVar"]["key"], row["envVar"]["value"]) for row in rows)
            if len(rows) < PAGE:
                return found
            cursor = rows[-1]["cursor"]

    def as_of(self, when: datetime) -> Values:
        raise errors.Refused("Render keeps no history of variables", "Give variables, or a recovery_point.")

    def write(self, values: dict[str, str], gone: list[str]) -> None:
        for name, value in values.items():
            self.api.send("PUT", f"{self.path}/env-vars/{name}", {"value": value})
        for name in gone:
            self.api.send("DELETE", f"{self.path}/env-vars/{name}")

    def outdated(self) -> bool | None:
        if self.written_at is None:
            return None
        serving = self.releases.current()
        return serving is not None and serving.created_at < self.written_at

    def redeploy(self) -> Release | None:
        serving = self.releases.current()
        return self.releases.deploy_again(serving, since=self.written_at) if serving else None

    def serves(self, release: Release) -> bool:
        return self.releases.settled(release)
