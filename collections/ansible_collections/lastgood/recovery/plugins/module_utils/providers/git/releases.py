# SPDX-License-Identifier: GPL-3.0-or-later
"""Git: a rollback is one new commit with an old tree, pushed on top; history is never rewritten, and nothing holds pushes."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git import work_tree
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.history import Commit
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.repository import Repository
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release

_WHO = "Give author_name and author_email, or set them in Git's configuration."
LISTED = 20
"""Commits that the message of a rollback names, at most."""


class GitReleases(Provider):
    """What a branch points at counts as served: whatever deploys it is asked by C(version_urls) only."""

    name = "Git"
    pins = False
    holds = False
    comes_back = ("everything in the repository",)
    stays = ("variables", "database", "whatever is not in the repository")

    def __init__(self, options: Options, run: Run) -> None:
        self.repository = Repository(options, run)
        self._seen: list[Release] = []

    def releases(self) -> list[Release]:
        return self._seen or self._look()

    def current(self) -> Release | None:
        return self._look()[0]

    def ready_for(self, release: Release) -> None:
        """Refused when this work tree or this user cannot make the commit."""
        if self.repository.is_work_tree:
            work_tree.refuse_unclean(self.repository, self.releases()[0].id)
        if not self.repository.git.holds_true("var", "GIT_COMMITTER_IDENT"):
            raise errors.Refused("Git does not know who makes the commit", _WHO)

    def underway(self, release: Release) -> Release | None:
        return None

    def activate(self, release: Release) -> Release:
        self.ready_for(release)
        now = self._look()[0]
        if now.artifact == release.artifact:
            return now
        tree = release.artifact.removeprefix("tree:")
        message = _message(release, self.repository.commits)
        commit = self.repository.git("commit-tree", tree, "-p", now.id, "-F", "-", text=message).strip()
        return self.publish(commit)

    def publish(self, commit: str) -> Release:
        """Push a commit made on top of the branch. When somebody else was quicker, Conflict, unless it was with the same tree."""
        pushed = self.repository.releases_of(commit, None)[0]
        try:
            self.repository.push(commit, self.repository.branch)
        except errors.Conflict:
            now = self._look()[0]
            if now.artifact != pushed.artifact:
                raise
            pushed = now
        if self.repository.is_work_tree:
            work_tree.follow(self.repository, pushed.id)
        return pushed

    def settled(self, release: Release) -> bool:
        if self.repository.tip() == release.id:
            return True
        now = self._look()[0]
        if now.artifact == release.artifact:
            return True
        raise errors.ActivationFailed(
            f"{now} ({now.title}) was pushed after the rollback, and is what {self.repository.branch} has now",
            "Stop whoever pushes, then run the same command again.",
        )

    def held(self) -> bool:
        return False

    def hold(self) -> None:
        """Git has nothing of the kind; C(holds) says so."""

    def release_hold(self, trigger: str = "") -> None:
        """Git has nothing of the kind; C(holds) says so."""

    def _look(self) -> list[Release]:
        self._seen = self.repository.look()
        return self._seen


def _message(release: Release, commits: list[Commit]) -> str:
    """What the rollback is, and what it takes back, for those who read the history later."""
    taken_back = []
    for commit in commits:
        if commit.id == release.id:
            break
        taken_back.append(f"- {commit.id[:7]} {commit.title}")
    more = [f"- and {len(taken_back) - LISTED} more"] if len(taken_back) > LISTED else []
    return "\n".join(
        [
            f"Roll back to {release.id[:7]}: {release.title}",
            "",
            "This makes the files again what they were then, and takes back:",
            *taken_back[:LISTED],
            *more,
            "",
            f"Rolled-back-to: {release.id}",
            "",
        ]
    )
