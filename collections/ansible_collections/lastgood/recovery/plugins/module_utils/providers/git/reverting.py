# SPDX-License-Identifier: GPL-3.0-or-later
"""Reverting one commit or a range in the middle of the history, as C(git revert) does, in a work tree that nobody works in."""
from __future__ import annotations

import re
from datetime import UTC, datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.commands import Git
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.history import artifact
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.releases import GitReleases
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

_BY_HAND = "Revert it by hand, or go back to a whole release with release, good_at or bad_at."


class GitReverts(GitReleases):
    """The branch, and one release more: what it has now without the commits that C(revert) names."""

    def __init__(self, options: Options, run: Run) -> None:
        super().__init__({**options, "tags": None}, run)
        self.wanted: str = options["revert"]
        self._commit = ""
        self._made: Release | None = None

    def made(self) -> Release:
        """What the branch would have; what it has already when there is nothing left to revert. A conflict is refused with its files."""
        if self._made is None:
            self._made = self._make(self._look()[0])
        return self._made

    def releases(self) -> list[Release]:
        return [*super().releases(), self.made()]

    def activate(self, release: Release) -> Release:
        self.ready_for(release)
        return self.publish(self._commit)

    def _from_tip(self, tip: str) -> str:
        """What is wanted, with HEAD and the branch's name meaning the branch as the other side has it."""
        return re.sub(rf"(?<![^.])(HEAD|@|{re.escape(self.repository.branch)})(?![^~^.])", tip, self.wanted)

    def _make(self, now: Release) -> Release:
        git = self.repository.git
        gone = _reverted(git, now.id)
        commits = [commit for commit in _named(git, now.id, self._from_tip(now.id)) if commit not in gone]
        with self.repository.checked_out(now.id) as there:
            for commit in commits:
                _take_back(there, commit)
            self._commit = there("rev-parse", "HEAD").strip()
            tree = artifact(there("rev-parse", "HEAD^{tree}").strip())
        if tree == now.artifact:
            return now
        without = ", ".join(commit[:7] for commit in commits)
        return Release(f"{now} without {without}", tree, datetime.now(UTC), None, good=True, title=f"Revert {without}")


def revert(provider: GitReverts, options: Options, run: Run) -> Result:
    """Take back what is not reverted yet: a commit for each, pushed together."""
    result = rollback.roll_back(provider, {**options, "release": provider.made().id}, run)
    return {**result, "why": f"without {provider.wanted}" if result["changed"] else f"{provider.wanted} is reverted already"}


def _named(git: Git, tip: str, wanted: str) -> list[str]:
    """The commits that C(wanted) names, newest first: one, or those after A up to B in C(A..B)."""
    first, dots, last = wanted.partition("..")
    if dots:
        since, until = _commit(git, tip, first), _commit(git, tip, last or tip)  # A.. is up to the tip, as Git has it
        commits = git("rev-list", "--first-parent", f"{since}..{until}", "--").split()
        if not commits:
            raise errors.Refused(f"there is no commit in {wanted}", "Write older..newer; the older one itself is not reverted.")
        return commits
    return [_commit(git, tip, wanted)]


def _commit(git: Git, tip: str, name: str) -> str:
    found = git.tried("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").stdout.strip()
    if not found or not git.holds_true("merge-base", "--is-ancestor", found, tip):
        raise errors.UnknownRelease(f"no commit of the branch is called {name}", "Give the commit's hash, as git log shows it.")
    return found


def _reverted(git: Git, tip: str) -> set[str]:
    """Commits that a later commit says it reverts, unless that one was reverted itself."""
    found: set[str] = set()
    for row in git("log", "-z", "--max-count=500", "--format=%H %B", tip, "--").split("\0"):
        commit, _space, message = row.partition(" ")
        if commit not in found:
            found.update(re.findall(r"^This reverts commit ([0-9a-f]{40,64})", message, re.MULTILINE))
    return found


def _take_back(git: Git, commit: str) -> None:
    tried = git.tried("revert", "--no-edit", "--no-gpg-sign", "--mainline", "1", commit)
    if tried.returncode == 0:
        return
    files = git("diff", "--name-only", "--diff-filter=U").splitlines()
    if files:
        shown = ", ".join(files[:5]) + (f" and {len(files) - 5} more" if len(files) > 5 else "")
        raise errors.Refused(f"{commit[:7]} cannot be reverted alone, later commits changed the same lines: {shown}", _BY_HAND)
    if git("status", "--porcelain", "--untracked-files=no").strip():
        raise git.error(errors.Refused, "revert", tried.stderr)
    git.tried("revert", "--skip")  # what it brought is gone already
