# SPDX-License-Identifier: GPL-3.0-or-later
"""A branch's history as releases: each commit the branch pointed at, and since when. Pure functions."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

FORMAT = "%H %T %ct %(trailers:key=Rolled-back-to,valueonly,separator=%x2C)%x1f%s"
"""What C(read) takes, with C(-z)."""


@dataclass(frozen=True)
class Commit:
    """One commit of the branch's first-parent history."""

    id: str
    tree: str
    committed_at: datetime
    back_to: str
    """The commit that this one, a rollback of ours, went back to; empty for any other."""
    title: str


def read(log: str) -> list[Commit]:
    """The commits of C(git log -z) in C(FORMAT), newest first."""
    commits = []
    for row in filter(None, log.split("\0")):
        fields, _mark, title = row.partition("\x1f")
        commit, tree, seconds, back_to = fields.split(" ", 3)
        back_to = back_to if re.fullmatch(r"[0-9a-f]{40,64}", back_to) else ""
        commits.append(Commit(commit, tree, datetime.fromtimestamp(int(seconds), UTC), back_to, title))
    return commits


def releases(commits: Iterable[Commit], tagged: Mapping[str, str] | None, pattern: str, now: datetime) -> list[Release]:
    """Newest first. C(tagged) are the tags that make a commit good, by commit; without them each one is.

    Git keeps when a commit was made and not when it was pushed, so that is when it counts as live. Clocks differ: a commit is never
    live before its parent, nor in the future.
    """
    oldest_first = list(commits)[::-1]
    good = {commit.tree for commit in oldest_first if tagged is None or commit.id in tagged}
    found: list[Release] = []
    live_from = datetime.min.replace(tzinfo=UTC)
    for commit in oldest_first:
        live_from = max(min(commit.committed_at, now), live_from + timedelta(milliseconds=bool(found)))
        found.append(
            Release(
                id=commit.id,
                artifact=artifact(commit.tree),
                created_at=commit.committed_at,
                live_from=live_from,
                good=commit.tree in good,
                title=commit.title,
                state=(tagged or {}).get(commit.id, "") if commit.tree in good else f"no tag {pattern}",
            )
        )
        if commit.back_to:
            found = _after_rollback(found, commit.back_to)
    return found[::-1]


def artifact(tree: str) -> str:
    """A tree is what runs: a revert to an old one is the old one. Marked, for it is no commit that a page could show."""
    return f"tree:{tree}"


def _after_rollback(found: list[Release], back_to: str) -> list[Release]:
    """The releases, oldest first, when the newest has gone back to an older one.

    What was live in between is taken out. Going back to one that had been taken out is the undo of that, which makes it as good again.
    """
    target = next((release for release in found if release.id == back_to), None)
    if target is None:
        return found
    *earlier, rollback = found
    if target.taken_out_at:
        return [replace(r, taken_out_at=None) if r.artifact == target.artifact else r for r in found]
    start = earlier.index(target)
    return [
        replace(release, taken_out_at=rollback.live_from) if index > start and release.artifact != target.artifact else release
        for index, release in enumerate(earlier)
    ] + [rollback]
