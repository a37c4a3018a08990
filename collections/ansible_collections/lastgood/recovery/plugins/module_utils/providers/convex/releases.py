# SPDX-License-Identifier: GPL-3.0-or-later
"""Convex: there is no rollback at the vendor; going back is deploying an older commit with the vendor's own program."""
from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex import deploying, note
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.access import HINTS, access, api
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.access import hiding
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.repository import Repository
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release

PATIENCE = 600.0
"""Seconds for the vendor's program where no timeout is given."""
_KEEPS = "What served before goes on serving; read the lines above, or name another release."


class ConvexReleases(Provider):
    """Releases are commits; which of them runs is known from a note that whoever deploys leaves in a variable of the deployment."""

    name = "Convex"
    pins = False
    holds = False
    comes_back = ("functions", "schema", "indexes", "cron jobs", "HTTP actions")
    stays = ("data", "files", "environment variables", "scheduled functions")

    def __init__(self, options: Options, run: Run) -> None:
        self.options, self.run = options, run
        self.access = access(options)
        self.api = api(options, run)
        self.repository = Repository(options, run)
        self._seen: list[Release] = []

    def releases(self) -> list[Release]:
        if not self._seen:
            self.current()
        return self._seen

    def current(self) -> Release | None:
        noted = note.read(self.api)
        commits = self.repository.look()
        if noted is None:
            self._seen = commits
            return _unknown("the deployment has no note of its release")
        if note.outdated(self.api, noted):
            self._seen = commits
            return _unknown("somebody has deployed since the last note")
        self._seen = _as_deployed(commits, noted)
        found = (release for release in self._seen if release.id == noted.commit)
        return next(found, None) or _unknown("is not among the newest commits of the branch", noted.commit)

    def ready_for(self, release: Release) -> None:
        """Refused when the programs that it takes are missing."""
        for command in self._commands():
            if command and "/" not in command[0] and not shutil.which(command[0]):
                raise errors.Refused(f"the program {command[0]} is missing", "Install it on the machine that runs this module.")

    def underway(self, release: Release) -> Release | None:
        return None

    def activate(self, release: Release) -> Release:
        self.ready_for(release)
        install, deploy = self._commands()
        with self.repository.checked_out(release.id) as there:
            folder = os.path.join(there.directory, self.options["path"])
            if not os.path.isdir(folder):
                raise errors.NotRestorable(f"{release} has no folder {self.options['path']}", "Correct path, or name another release.")
            if install:
                self._execute(install, folder, {})
            self._deploy(deploy, folder, release)
        note.write(self.api, release.id)
        return release

    def settled(self, release: Release) -> bool:
        noted = note.read(self.api)
        if noted and noted.commit == release.id and not note.outdated(self.api, noted):
            return True
        raise errors.ActivationFailed(
            f"somebody has deployed {self.options['deployment']} at the same time",
            "Stop whoever deploys, then run the same command again.",
        )

    def held(self) -> bool:
        return False

    def hold(self) -> None:
        """Convex has nothing of the kind; C(holds) says so."""

    def release_hold(self, trigger: str = "") -> None:
        """Convex has nothing of the kind; C(holds) says so."""

    def _commands(self) -> tuple[list[str], list[str]]:
        deploy = deploying.split(self.options["command"])
        if not deploy:
            raise errors.Refused("command is empty", "Say how this project is deployed, or leave command out.")
        return deploying.split(self.options["install"]), deploy

    def _deploy(self, command: list[str], folder: str, release: Release) -> None:
        """Deploy, and believe it only when the audit log, where it can be read, has one push more."""
        started = datetime.now(UTC)
        before = note.history(self.api, started)
        self.run.record("call", method="deploy", path=f"{self.options['deployment']} {release}")
        self._execute(command, folder, self.access.environment)
        after = note.history(self.api, started)
        if before is not None and after is not None and after.count(note.PUSH) <= before.count(note.PUSH):
            raise errors.ActivationFailed(
                f"{command[0]} ended well, but no push arrived at {self.options['deployment']}",
                "Check command and path: it has to deploy to this deployment.",
            )

    def _execute(self, command: list[str], folder: str, credentials: dict[str, str]) -> None:
        patience = self.options.get("timeout") or PATIENCE
        status, lines = deploying.execute(command, folder, deploying.environment(credentials), patience, self.run, self._hide)
        if status:
            raise _failure(" ".join(command[:3]), status, lines)

    def _hide(self, text: str) -> str:
        secret = self.access.key.partition("|")[2]
        for word in filter(None, (self.access.key, secret)):
            text = text.replace(word, "********")
        return hiding(self.options)(text)


def _as_deployed(commits: Iterable[Release], noted: note.Note) -> list[Release]:
    """The commits, given which of them runs, and since when: no newer one does.

    One that was made before that was taken out, or never deployed; one that was made after it was never deployed.
    """
    found: list[Release] = []
    newer = True
    known = any(release.id == noted.commit for release in commits)
    for release in commits:
        newer = newer and known and release.id != noted.commit
        if newer and noted.since and release.live_from and release.live_from <= noted.since:
            release = replace(release, taken_out_at=noted.since)
        elif newer and noted.since:
            release = replace(release, live_from=None, good=False, state="never deployed")
        found.append(release)
    return found


def _unknown(why: str, commit: str = "unknown") -> Release:
    return Release(commit, commit, datetime.fromtimestamp(0, UTC), None, good=False, title=why, state="unknown")


def _failure(command: str, status: int, lines: list[str]) -> errors.RecoveryError:
    """What the program's last lines say went wrong."""
    said = "\n".join(lines)
    if found := re.search(r"Schema validation failed.*", said, re.DOTALL):
        words = " ".join(found.group().split())[:300]
        return errors.NotRestorable(
            f"the data does not fit the schema of that release: {words}",
            "Name a release whose schema allows what is stored now, or migrate the data first.",
        )
    if re.search(r"overwritten by another push", said):
        return errors.Conflict("somebody else is deploying", "Run the same command again when that has ended.")
    if re.search(r"\b401\b|\b403\b|Unauthorized|BadDeployKey|not authorized|invalid admin key", said, re.IGNORECASE):
        return errors.NotAuthorised(f"{command} is not allowed to deploy", HINTS[errors.NotAuthorised])
    words = next((line for line in reversed(lines) if re.search(r"\w", line)), "it said nothing")
    return errors.ActivationFailed(f"{command} ended with {status}: {words[:200]}", _KEEPS)
