# SPDX-License-Identifier: GPL-3.0-or-later
"""Lambda@Edge: behaviours of a distribution name a numbered version; nothing tells which one they named before."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import functions, past
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Distribution, Seen
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.functions import Functions, parsed
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.lambda_edge.history import Named, served
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.lambda_edge.placed import Placed
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

ATTEMPTS = 3
ENOUGH, MONTHS = 3, timedelta(days=90)
PATIENCE = (120.0, 2.0)
"""Seconds that a new version may take to be ready, and the longest pause between two looks."""


class LambdaEdge(Provider):
    """Versions never change and are never deleted here; the same code published again has another number, so artifacts are compared."""

    name = "Lambda@Edge"
    pins = False
    holds = False
    comes_back = ("code", "handler, memory and timeout")
    stays = ("everything else of the distribution", "what edges have cached")

    def __init__(self, options: Options, run: Run) -> None:
        self.options, self.run = options, run
        self.distribution = Distribution(options, run)
        self.placed = Placed(options)
        self._rows: dict[str, dict[str, Any]] = {}
        self._history: dict[str, list[Named]] = {}

    @cached_property
    def lambdas(self) -> Functions:
        return Functions(self.distribution)

    def clock_ahead(self) -> float:
        return self.distribution.clock_ahead

    def releases(self) -> list[Release]:
        seen = self.distribution.look()
        named = self.placed.named(seen.config)
        found = [self._known(row) for row in self.lambdas.versions(self.placed.function_in(named))]
        now = self._serving(named)
        if now and all(release.id != now.id for release in found):
            found.append(now)  # of another function than the one to go back to, or several at once
        return self._dated(found, now, seen)

    def current(self) -> Release | None:
        """With its times as the list has them."""
        seen = self.distribution.look()
        now = self._serving(self.placed.named(seen.config))
        return next(iter(self._dated([now], now, seen)), None) if now else None

    def ready_for(self, release: Release) -> None:
        problems = functions.not_for_edges(self._row(release.id))
        if problems:
            raise errors.NotRestorable(f"{release.id} has {', '.join(problems)}, which edges refuse", "Name another version.")

    def underway(self, release: Release) -> Release | None:
        seen = self.distribution.look()
        now = self._serving(self.placed.named(seen.config))
        return release if now and not seen.deployed and now.artifact == release.artifact else None

    def activate(self, release: Release) -> Release:
        """Name it in the behaviours. A change of anything else meanwhile stays; one of what these name is not overruled."""
        arn = self._row(release.id)["FunctionArn"]
        self.lambdas.until_active(arn, clock(f"waiting until Lambda has {release.id} ready", *PATIENCE, self.run.tell))
        seen = self.distribution.look()
        before = self.placed.named(seen.config)
        for left in reversed(range(ATTEMPTS)):
            try:
                self.distribution.update(self.placed.naming(seen.config, list(before), arn), seen)
                break
            except errors.Conflict:
                if not left:
                    raise
            seen = self.distribution.look()
            now = self.placed.named(seen.config)
            serving = self._serving(now)
            if serving and serving.artifact == release.artifact:
                break  # somebody else asked for the same
            if now != before:
                there = ", ".join(f"{parsed(arn).id if arn else 'nothing'} for {pattern}" for pattern, arn in now.items())
                raise errors.Locked(
                    f"somebody else let {self.distribution.id} run {there} at {moment.iso(seen.modified)}",
                    "Talk to them; then run the same command again.",
                )
        return release

    def settled(self, release: Release) -> bool:
        seen = self.distribution.look()
        now = self._serving(self.placed.named(seen.config))
        return seen.deployed and now is not None and now.artifact == release.artifact

    def held(self) -> bool:
        return False

    def _serving(self, named: dict[str, str | None]) -> Release | None:
        """What these run. Several at once, which a cut-off deployment leaves, are none that could be gone back to."""
        if not any(named.values()):
            return None
        found = {one.artifact: one for one in (self._release(arn) for arn in named.values() if arn)}
        newest = max(found.values(), key=lambda one: (one.created_at, one.id))
        if len(found) == 1 and all(named.values()):
            return newest
        ids = " and ".join(sorted({one.id for one in found.values()}))
        return Release(ids, " and ".join(sorted(found)), newest.created_at, None, good=False, state="several at once")

    def _dated(self, releases: list[Release], now: Release | None, seen: Seen) -> list[Release]:
        if not (self.options.get("captures") or self.options.get("aws_config")):
            return served(releases, now, seen.modified, None)
        if seen.etag not in self._history:
            self._history = {seen.etag: self._named_in(past.written_down(self.options, self.run, self.distribution, seen))}
        return served(releases, now, seen.modified, self._history[seen.etag])

    def _named_in(self, pasts: Iterable[past.Past]) -> list[Named]:
        """Which version was certainly named from when until when, with its artifact where that was written down; the oldest first.

        No further back than three versions and three months: AWS Config tells a week at a time.
        """
        found: list[Named] = []
        for one in pasts:
            if len({named[2] for named in found}) >= ENOUGH and one.until < datetime.now(UTC) - MONTHS:
                break
            try:
                arns = set(self.placed.named(one.config).values())
            except errors.RecoveryError:  # the behaviour, or the function there, is newer than that
                continue
            arn = arns.pop()
            if arn and not arns:
                found.append((one.since, one.until, parsed(arn).id, one.functions.get(arn, "")))
        return found[::-1]

    def _release(self, arn: str) -> Release:
        if arn not in self._rows:
            self._rows[arn] = self.lambdas.version(arn)
        return _release(self._rows[arn])

    def _known(self, row: dict[str, Any]) -> Release:
        self._rows[row["FunctionArn"]] = row
        return _release(row)

    def _row(self, id: str) -> dict[str, Any]:
        """The version's own description, which never changes."""
        row = next((row for arn, row in self._rows.items() if parsed(arn).id == id), None) or self.lambdas.version(id)
        refused = functions.refused_at_edges(row["FunctionArn"])
        if refused:
            raise errors.NotRestorable(refused, "Name a published version.")
        return row


def _release(row: dict[str, Any]) -> Release:
    """C(LastModified) of a version is when it was published; when it began to serve is later, and not written there."""
    state = row.get("State") or "Active"
    published = moment.parse(row["LastModified"])
    return Release(
        id=f"{row['FunctionName']}:{row['Version']}",
        artifact=functions.artifact(row),
        created_at=published,
        live_from=published,
        good=state in (*functions.USABLE, functions.PENDING),
        title=row.get("Description") or "",
        state=state,
    )
