# SPDX-License-Identifier: GPL-3.0-or-later
"""A branch of a repository, seen from the work tree of the person who runs this or from a private copy that is gone afterwards."""
from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git import access, history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.commands import Git
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

HISTORY = 500
"""Commits of the branch that are looked at, the newest."""


class Repository:
    """Nothing is read before it is asked for. The other side is asked again with every C(look)."""

    def __init__(self, options: Options, run: Run) -> None:
        access.check(options)
        self.options, self.run = options, run
        self.place = access.written(options["repository"])
        self.branch: str = options["branch"]
        self.pattern: str = options["tags"] or ""
        self.commits: list[history.Commit] = []

    @cached_property
    def git(self) -> Git:
        """Git, in the work tree or in the private copy."""
        return self._own if self.is_work_tree else self._copy()

    @cached_property
    def is_work_tree(self) -> bool:
        """Whether C(repository) is a folder that somebody works in."""
        if not os.path.isdir(self._folder):
            return False
        return self._own("rev-parse", "--is-inside-work-tree").strip() == "true"

    @property
    def remote(self) -> str:
        return self.options["remote"] if self.is_work_tree else "origin"

    def look(self) -> list[Release]:
        """The branch's releases as the other side has them now, newest first."""
        tip, tagged = self._asked()
        if self._known_tip() != tip or self._is_short:
            depth = [f"--depth={HISTORY}"] if self._is_short else []
            self.git.look(
                "fetch", "--no-tags", "--recurse-submodules=no", *depth, self.remote, f"+refs/heads/{self.branch}:{self._tracked}"
            )
            self._is_short = False
            tip = self._known_tip()
        return self.releases_of(tip, tagged if self.pattern else None)

    def releases_of(self, tip: str, tagged: dict[str, str] | None) -> list[Release]:
        """The releases up to a commit, newest first."""
        log = self.git("log", "-z", "--first-parent", f"--max-count={HISTORY}", f"--format={history.FORMAT}", tip, "--")
        self.commits = history.read(log)
        return history.releases(self.commits, tagged, self.pattern, datetime.now(UTC))

    def tip(self) -> str:
        """The commit that the other side's branch points at now."""
        return self._asked()[0]

    def tagged(self, name: str) -> str | None:
        """The commit that the other side's tag of this name points at."""
        found = self._refs(f"refs/tags/{name}", f"refs/tags/{name}^{{}}")
        return found.get(f"refs/tags/{name}^{{}}") or found.get(f"refs/tags/{name}")

    def head_of(self, branch: str) -> str | None:
        """The commit that another branch of the other side points at."""
        return self._refs(f"refs/heads/{branch}").get(f"refs/heads/{branch}")

    def has(self, branch: str, tip: str, commit: str) -> bool:
        """Whether that branch of the other side, whose tip this is, contains the commit."""
        self.git.look("fetch", "--no-tags", "--recurse-submodules=no", "--no-write-fetch-head", self.remote, f"refs/heads/{branch}")
        return self.git.holds_true("merge-base", "--is-ancestor", commit, tip)

    def push(self, commit: str, branch: str) -> None:
        """Only ever forward: what somebody else has pushed meanwhile is never lost."""
        self.git.send(f"{self.place} {branch}", "--no-follow-tags", "--recurse-submodules=no", self.remote, f"{commit}:refs/heads/{branch}")

    @contextmanager
    def checked_out(self, commit: str) -> Iterator[Git]:
        """Git in a work tree of its own at that commit, gone afterwards."""
        folder = tempfile.mkdtemp(prefix="lastgood-tree-")
        tree = os.path.join(folder, "tree")
        try:
            self.git("worktree", "add", "--quiet", "--detach", tree, commit)
            yield self.git.at(tree)
        finally:
            self.git.tried("worktree", "remove", "--force", tree)
            shutil.rmtree(folder, ignore_errors=True)
            self.git.tried("worktree", "prune")

    @property
    def _tracked(self) -> str:
        return f"refs/remotes/{self.remote}/{self.branch}"

    @property
    def _folder(self) -> str:
        return os.path.abspath(os.path.expanduser(self.options["repository"]))

    @cached_property
    def _own(self) -> Git:
        """Git in the folder that was named, with the token for wherever its remote is."""
        hide = access.hiding(self.options)
        plain = Git(self._folder, access.environment({**self.options, "token": None}, ""), self.run, hide)
        address = plain.tried("remote", "get-url", self.options["remote"]).stdout.strip()
        return Git(self._folder, access.environment(self.options, address), self.run, hide)

    def _copy(self) -> Git:
        """A bare repository without files: their contents are only fetched where they are needed."""
        folder = tempfile.mkdtemp(prefix="lastgood-git-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        address = self._folder if os.path.isdir(self._folder) else self.options["repository"]
        git = Git(folder, access.environment(self.options, address), self.run, access.hiding(self.options))
        git("init", "--quiet", "--bare", "--template=")
        git("remote", "add", "origin", address)
        git("config", "remote.origin.promisor", "true")
        git("config", "remote.origin.partialclonefilter", "blob:none")
        return git

    def _asked(self) -> tuple[str, dict[str, str]]:
        """The branch's commit, and the matching tags by the commit they point at."""
        tags = f"refs/tags/{self.pattern}"
        found = self._refs(f"refs/heads/{self.branch}", *((tags, f"{tags}^{{}}") if self.pattern else ()))
        tip = found.pop(f"refs/heads/{self.branch}", None)
        if tip is None:
            raise errors.NotFound(f"{self.place} has no branch {self.branch}", "Check repository and branch.")
        pointed = {name: commit for name, commit in found.items() if not name.endswith("^{}")}
        pointed.update({name.removesuffix("^{}"): commit for name, commit in found.items() if name.endswith("^{}")})
        return tip, {commit: name.removeprefix("refs/tags/") for name, commit in pointed.items()}

    def _refs(self, *patterns: str) -> dict[str, str]:
        """What the other side's names that match point at, an annotated tag's commit below C(name^{})."""
        rows = self.git.look("ls-remote", "--quiet", self.remote, *patterns).splitlines()
        return {name: commit for commit, _tab, name in (row.partition("\t") for row in rows)}

    def _known_tip(self) -> str:
        return self.git.tried("rev-parse", "--verify", "--quiet", self._tracked).stdout.strip()

    @cached_property
    def _is_short(self) -> bool:
        """Whether there may be older commits that have to be fetched."""
        if not self.is_work_tree:
            return True
        return self.git("rev-parse", "--is-shallow-repository").strip() == "true"
