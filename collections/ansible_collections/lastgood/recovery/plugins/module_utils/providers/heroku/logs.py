# SPDX-License-Identifier: GPL-3.0-or-later
"""Heroku's logs: the output of the build and of the release phase is kept with them, the app's log is its newest 1,500 lines."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import line_stream, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.logs import Lines, Logs, Wanted
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.releases import Heroku

MOST = 1500
"""Lines of an app that Heroku keeps."""
BUILDS = "created_at ..; max=200, order=desc"


class HerokuLogs(Logs):
    """All logs are read at addresses that the API names, for a short time and without a key. The app's log knows no releases."""

    name = "Heroku"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Heroku({"code_only": True, **options}, run)
        self.api, self.path = self.releases.api, self.releases.path
        self.secrets = (options["api_key"],)

    def build(self, wanted: Wanted) -> Lines:
        release = self._row(wanted)
        artifacts = {artifact["id"] for artifact in [release.get("slug"), *(release.get("artifacts") or [])] if artifact}
        builds, _headers = self.api.page(f"{self.path}/builds", {"Range": BUILDS})
        build = next((row for row in builds if _made(row, release["id"], artifacts)), None)
        if build is None:
            raise Refused("Heroku no longer has the build of it", "Look at the log drains of the app.")
        return [*self._read(build["output_stream_url"], wanted), *self._release_phase(release, wanted)]

    def runtime(self, wanted: Wanted) -> Lines:
        body = {"lines": MOST, "tail": False}
        session = self.api.ask(f"{self.path}/log-sessions", body)
        return [line for line in self._read(session["logplex_url"], wanted) if _within(line, wanted)]

    def events(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        rows, _headers = self.api.page(f"{self.path}/releases", {"Range": "version ..; max=200, order=desc"})
        for row in reversed(rows):
            at = moment.parse(row["created_at"])
            if row["id"] == wanted.release.id or wanted.within(at):
                about = {"version": row["version"], "status": row["status"], "by": (row.get("user") or {}).get("email")}
                yield {"at": row["created_at"], "event": row["description"], **about}

    def _release_phase(self, release: dict[str, Any], wanted: Wanted) -> list[str]:
        """What it said, after a line of our own; nothing when there was none or its output is gone."""
        if not release.get("output_stream_url"):
            return []
        try:
            return ["-----> release phase", *self._read(release["output_stream_url"], wanted)]
        except RecoveryError as gone:
            return [f"-----> release phase: {gone.message}"]

    def _row(self, wanted: Wanted) -> dict[str, Any]:
        row: dict[str, Any] = self.api.get(f"{self.path}/releases/{wanted.release.id}")
        return row

    def _read(self, url: str, wanted: Wanted) -> list[str]:
        return list(line_stream.read(line_stream.anonymous(), url, wanted.quiet, wanted.timeout / 2))


def _made(build: dict[str, Any], release: str, artifacts: set[str]) -> bool:
    """Whether that build made the release, or the code of it."""
    made = [(build.get(name) or {}).get("id") for name in ("release", "slug")]
    return made[0] == release or made[1] in artifacts


def _within(line: str, wanted: Wanted) -> bool:
    """A line begins with its time; one that does not belongs to the one before, whenever that was."""
    try:
        return wanted.within(moment.parse(line.split(" ", 1)[0]))
    except RecoveryError:
        return True
