"""Real repositories: the one that production follows, and what people do to it at times that the test chooses."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


def minute(number: int) -> str:
    """A time that is that many minutes into the tests' story, which began yesterday."""
    return (YESTERDAY + timedelta(minutes=number)).isoformat()


class Repository:
    """A bare repository, and somebody's clone of it to push from."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "shop.git"
        self.clone = folder / "somebody"
        self.minute = 0
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.path))
        self("config", "uploadpack.allowFilter", "true")
        git(folder, "clone", "--quiet", str(self.path), str(self.clone))

    def __call__(self, *arguments: str) -> str:
        """Git in the bare repository."""
        return git(self.path, *arguments)

    @property
    def url(self) -> str:
        return f"file://{self.path}"

    def push(self, title: str, **files: str) -> str:
        """Somebody pushes one commit, ten minutes after the last; the commit."""
        git(self.clone, "fetch", "--quiet", "origin")
        if self.head():
            git(self.clone, "reset", "--quiet", "--hard", "origin/main")
        for name, content in (files or {"version": title}).items():
            (self.clone / name).write_text(content + "\n")
        self.minute += 10
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--allow-empty", "--message", title, at=self.minute)
        git(self.clone, "push", "--quiet", "origin", "HEAD:refs/heads/main")
        return self.head()

    def merge(self, title: str, **files: str) -> str:
        """Somebody merges a branch with one commit for each file; the merge commit."""
        git(self.clone, "fetch", "--quiet", "origin")
        git(self.clone, "checkout", "--quiet", "-B", "topic", "origin/main")
        for name, content in files.items():
            (self.clone / name).write_text(content + "\n")
            git(self.clone, "add", "--all")
            git(self.clone, "commit", "--quiet", "--message", f"{title}: {name}", at=self.minute + 1)
        git(self.clone, "checkout", "--quiet", "-B", "main", "origin/main")
        self.minute += 10
        git(self.clone, "merge", "--quiet", "--no-ff", "--message", title, "topic", at=self.minute)
        git(self.clone, "push", "--quiet", "origin", "HEAD:refs/heads/main")
        return self.head()

    def tag(self, name: str, commit: str, *, annotated: bool = False) -> None:
        self("tag", *(["--annotate", "--message", name] if annotated else []), name, commit)

    def head(self, branch: str = "main") -> str:
        return git(self.path, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")

    def tree(self, commit: str = "main") -> str:
        """The files of a commit, as the module writes an artifact."""
        return f"tree:{self('rev-parse', f'{commit}^{{tree}}')}"

    def log(self) -> list[str]:
        """The titles of the branch's commits, newest first."""
        return self("log", "--first-parent", "--format=%s", "main").splitlines()

    def show(self, name: str) -> str:
        """A file as the branch has it."""
        return self("show", f"main:{name}")


def git(folder: Path, *arguments: str, at: int | None = None) -> str:
    """What Git prints; dates are the story's minute."""
    dates = {"GIT_AUTHOR_DATE": minute(at), "GIT_COMMITTER_DATE": minute(at)} if at is not None else {}
    done = subprocess.run(["git", "-C", str(folder), *arguments], env={**os.environ, **dates}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()
