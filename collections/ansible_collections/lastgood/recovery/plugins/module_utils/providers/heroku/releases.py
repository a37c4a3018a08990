# SPDX-License-Identifier: GPL-3.0-or-later
"""Heroku: a release is code with variables; a rollback is a new release, and nothing can hold the next push."""
from __future__ import annotations

import time
from itertools import islice, pairwise
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku import addons, history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.access import api, pages
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.builds import Builds
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.dynos import Dynos
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import wait

PAGE, PAGES = 100, 3
"""Releases a page, and pages read at most: the newest 300."""
Row = dict[str, Any]


class Heroku(Provider):
    """Every change of a variable is a release, too, so versions say little: what is compared is the code that was built."""

    name = "Heroku"
    pins = False
    holds = False

    def __init__(self, options: Options, run: Run) -> None:
        self.path = f"/apps/{options['app']}"
        self.api, self.run = api(options, run), run
        self.cancelling = api(options, run, "3.cancel-build")
        self.builds = Builds(self.api, self.path)
        self.code_only = options["code_only"]
        self.comes_back: tuple[str, ...] = ("code", "process types")
        self.stays: tuple[str, ...] = ("add-ons", "database", "number of dynos", "the git remote: the next push goes live")
        if self.code_only:
            self.stays = ("config vars", *self.stays)
        else:
            self.comes_back = (*self.comes_back, "config vars of that release")
        self._newest = 0

    def releases(self) -> list[Release]:
        rows = self.rows()
        return history.translated(rows, self.builds.of_all(rows))

    def current(self) -> Release | None:
        rows = self.rows(until_current=True)
        row = next((row for row in rows if row["current"]), None)
        if row is None:
            return None
        dynos = Dynos.of(self.api, self.path)
        self._at_least(dynos.newest, rows)
        return history.release(row, self.builds.of(row)) if dynos.serve(row["version"]) else None

    def ready_for(self, release: Release) -> None:
        if not self.code_only:
            addons.refuse_to_strip(self.api, self.path, release.id)

    def underway(self, release: Release) -> Release | None:
        """A pending release of it, or the current one while its dynos are on their way."""
        for row in self.rows(until_current=True):
            build = self.builds.of(row) if row["current"] or row["status"] == "pending" else None
            if build is None or build.artifact != release.artifact:
                continue
            if not row["current"] or not Dynos.of(self.api, self.path).crashed(row["version"]):
                return history.release(row, build)
        return None

    def activate(self, release: Release) -> Release:
        self._cancel_builds()
        old = self._row(release.id)
        build = self.builds.of(old)
        if build is None:
            raise errors.NotRestorable(f"v{old['version']} has no code that could be gone back to", "Name another release.")
        if not release.created_at.microsecond:
            wait(1 - time.time() % 1, "Heroku's clock shows whole seconds", self.run.tell)  # or the moment it is to undo would look later
        words = f"Rollback to v{old['version']}"
        body = {build.kind: build.id, "description": words} if self.code_only else {"release": release.id}
        row = self.api.send("POST", f"{self.path}/releases", body)
        self._newest = max(self._newest, row["version"])
        return history.release(row, build)

    def settled(self, release: Release) -> bool:
        row = self._row(release.id)
        version = row["version"]
        if row["status"] == "pending":
            return False
        if row["status"] != "succeeded":
            raise errors.ActivationFailed(
                f"the release phase of v{version} ended as {row['status']}, the release before it stays current",
                f"Look at heroku releases:output v{version}, then name another release.",
            )
        dynos = Dynos.of(self.api, self.path)
        if crashed := dynos.crashed(version):
            raise errors.ActivationFailed(
                f"v{version} is current, but {len(crashed)} of its dynos crashed: {', '.join(crashed)}",
                "Look at heroku logs, then name another release.",
            )
        if dynos.newest > version:
            raise errors.ActivationFailed(
                f"v{dynos.newest} replaced v{version} before it was up",
                "See with heroku releases who deploys, stop that, then run the same command again.",
            )
        return bool(row["current"]) and dynos.all_run(version)

    def held(self) -> bool:
        return False

    def hold(self) -> None:
        raise errors.HoldLost("Heroku's API cannot keep new pushes away", "Turn automatic deploys off in the dashboard.")

    def release_hold(self, trigger: str = "") -> None:
        """Nothing is ever held."""

    def _cancel_builds(self) -> None:
        """A build that is under way would go live after the rollback."""
        rows, _headers = self.api.page(f"{self.path}/builds", {"Range": "created_at ..; max=20, order=desc"})
        for row in rows:
            if row["status"] == "pending":
                self.cancelling.send("DELETE", f"{self.path}/builds/{row['id']}")

    def _row(self, id: str) -> Row:
        row: Row = self.api.get(f"{self.path}/releases/{id}")
        if row["id"] != id:
            raise ValueError("another release was asked for")
        return row

    def rows(self, until_current: bool = False) -> list[Row]:
        """The newest releases, newest first. Versions follow each other, so none can be missing in between unnoticed."""
        rows: list[Row] = []
        for found in islice(pages(self.api, f"{self.path}/releases", f"version ..; max={PAGE}, order=desc"), PAGES):
            rows += found
            if until_current and any(row["current"] for row in found):
                break
        versions = [row["version"] for row in rows]
        if any(newer != older + 1 for newer, older in pairwise(versions)):
            raise errors.Unavailable("Heroku's list of releases has gaps", "Run the same command again.")
        self._at_least(0, rows)
        return rows

    def _at_least(self, version: int, rows: list[Row]) -> None:
        """Unavailable when a list of releases lacks one that was seen already."""
        self._newest = max(self._newest, version, *(row["version"] for row in rows[:1]))
        if rows and rows[0]["version"] < self._newest:
            raise errors.Unavailable(f"Heroku's list of releases is older than v{self._newest}", "Run the same command again.")
