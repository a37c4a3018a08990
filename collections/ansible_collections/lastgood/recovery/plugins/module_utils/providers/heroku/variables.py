# SPDX-License-Identifier: GPL-3.0-or-later
"""Heroku's config vars: all changes in one call, which is one release, and history is what each release was configured with."""
from __future__ import annotations

import time
from collections.abc import Collection
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Values, Variables
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku import addons, history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.access import api
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.dynos import Dynos
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.releases import Heroku
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import wait

Row = dict[str, Any]


class HerokuVariables(Variables):
    """A change makes a release by itself. Until its release phase has passed and its dynos are up, the old values run."""

    name = "Heroku"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Heroku({"code_only": True, **options}, run)
        self.api, self.run = api(options, run, of_releases=False), run
        self.path = self.releases.path
        self.key = options["api_key"].encode()
        self._before: int | None = None  # the newest version when a release was first asked for
        self._written = False

    def values(self) -> Values:
        return _texts(self.api.get(f"{self.path}/config-vars"))

    def kept_by_others(self) -> Collection[str]:
        return addons.variables(self.api, self.path)

    def as_of(self, when: datetime) -> Values:
        rows = self.releases.rows()
        served = choice.serving_at(history.translated(rows, [None] * len(rows)), when)
        if served is None:
            raise errors.Refused(
                f"Heroku does not tell which release was current at {moment.iso(when)}",
                "Give a later moment, variables, or a recovery_point.",
            )
        then, now = (next(row for row in rows if row["id"] == served.id), self._current(rows) or rows[0])
        gone = sorted(set(then["addon_plan_names"] or []) - set(now["addon_plan_names"] or []))
        if gone:  # its variables would come back as if they were anybody's, and lead to what is no longer there
            raise errors.Refused(
                f"v{then['version']} had add-ons that the app has no more ({', '.join(gone)}), and Heroku does not tell their variables",
                "Give variables, or a recovery_point.",
            )
        values = self._of(then)
        if self._of(then) != values:  # what is read here is written
            raise errors.Unavailable(f"Heroku tells the config vars of v{then['version']} in two ways", "Run the same command again.")
        return values

    def ready_for(self, gone: list[str], redeploy: bool) -> None:
        if not redeploy:
            raise errors.Refused("Heroku starts everything anew with each change of a config var", "Leave redeploy out.")

    def write(self, values: dict[str, str], gone: list[str]) -> None:
        if self._before is None:
            rows = self.releases.rows(until_current=True)
            self._before = rows[0]["version"] if rows else 0
            if rows and not moment.parse(rows[0]["created_at"]).microsecond:
                # or as_of a moment ago would find the new values
                wait(1 - time.time() % 1, "Heroku's clock shows whole seconds", self.run.tell)
        self.api.send("PATCH", f"{self.path}/config-vars", {**values, **dict.fromkeys(gone)})
        self._written = True

    def outdated(self) -> bool | None:
        current = self._current(self.releases.rows(until_current=True))
        if current is None:
            return False
        return self._of(current) != self.values() or not Dynos.of(self.api, self.path).all_run(current["version"])

    def redeploy(self) -> Release | None:
        rows = self.releases.rows(until_current=True)
        current = self._current(rows)
        if self._before is not None and rows and rows[0]["version"] > self._before:
            return self._release(rows[0])
        if self._written:
            raise errors.Unanswered("Heroku does not list the release that changed the config vars", "Run the same command again.")
        build = self.releases.builds.of(current) if current else None
        if build is None or current is None:
            return None
        if self._starts(rows[0], current):
            return self._release(rows[0])
        self._before = rows[0]["version"]
        body = {build.kind: build.id, "description": f"v{current['version']} again, with the config vars of now"}
        return self._release(self.releases.api.send("POST", f"{self.path}/releases", body))

    def serves(self, release: Release) -> bool:
        try:
            return self.releases.settled(release)
        except errors.ActivationFailed as failed:
            raise errors.ActivationFailed(
                f"{failed.message}; the config vars stay changed, and the next release gets them",
                "Look at heroku releases:output and heroku logs, then give other values, or run the same command again.",
            ) from None

    def _starts(self, newest: Row, current: Row) -> bool:
        """Whether the code that serves is on its way up with the variables of now."""
        if newest["status"] == "pending":
            return self.releases.builds.of(newest) == self.releases.builds.of(current)
        dynos = Dynos.of(self.api, self.path)
        version = current["version"]
        return self._of(current) == self.values() and not dynos.crashed(version) and not dynos.all_run(version)

    def _of(self, row: Row) -> Values:
        """What a release was configured with."""
        return _texts(self.api.get(f"{self.path}/releases/{row['id']}/config-vars"))

    def _current(self, rows: list[Row]) -> Row | None:
        return next((row for row in rows if row["current"]), None)

    def _release(self, row: Row) -> Release:
        return history.release(row, self.releases.builds.of(row))


def _texts(config: dict[str, str]) -> Values:
    if not all(isinstance(value, str) for value in config.values()):
        raise TypeError("a config var is always a text")
    return dict(config)
