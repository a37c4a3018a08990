# SPDX-License-Identifier: GPL-3.0-or-later
"""The work tree of the person who runs this: never changed in a way that loses or hides work."""
from __future__ import annotations

import os

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.repository import Repository

_ELSE = "or give the address of the repository, and this folder is left alone."
_UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG")


def refuse_unclean(repository: Repository, tip: str) -> None:
    """Refused when it has changes that are not committed, something unfinished, or commits that the other side does not have."""
    git, branch = repository.git, repository.branch
    changed = git("status", "--porcelain", "--untracked-files=no").splitlines()
    if changed:
        files = ", ".join(row[3:] for row in changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        raise errors.Refused(f"{repository.place} has changes that are not committed: {files}", f"Commit or stash them, {_ELSE}")
    for name in _UNFINISHED:
        if os.path.exists(os.path.join(git.directory, git("rev-parse", "--git-path", name).strip())):
            raise errors.Refused(f"{repository.place} is in the middle of something ({name})", f"Finish or abort it, {_ELSE}")
    if git.holds_true("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"):
        ahead = int(git("rev-list", "--count", f"{tip}..refs/heads/{branch}", "--"))
        if ahead:
            behind = int(git("rev-list", "--count", f"refs/heads/{branch}..{tip}", "--"))
            raise errors.Refused(
                f"{branch} in {repository.place} has {ahead} commits that {repository.remote} does not have, and lacks {behind} it has",
                f"Push them or put them on another branch, {_ELSE}",
            )


def follow(repository: Repository, commit: str) -> None:
    """Bring the work tree forward to a commit that was pushed, if it is on that branch; what is in the way stays, and that is said."""
    git = repository.git
    if git.tried("symbolic-ref", "--quiet", "HEAD").stdout.strip() != f"refs/heads/{repository.branch}":
        return
    if not git.holds_true("merge", "--quiet", "--ff-only", commit):
        repository.run.tell(f"pushed, but {repository.place} could not follow: git pull there when its files are out of the way")
