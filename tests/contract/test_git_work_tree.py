"""Where somebody works in the repository: nothing of theirs is lost or hidden."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.bench import now
from tests.contract.git_bench import GitBench, story
from tests.contract.repository import git

pytestmark = pytest.mark.once


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[GitBench]:
    for bench in story(monkeypatch, tmp_path):
        bench.ship("breaks-checkout")
        git(tmp_path, "clone", "--quiet", str(bench.repository.path), "mine")
        yield bench


@pytest.fixture
def mine(bench: GitBench, tmp_path: Path) -> Path:
    """The work tree of whoever is on call, on the branch and up to date."""
    return tmp_path / "mine"


def test_it_follows_the_branch(bench: GitBench, mine: Path) -> None:
    result = bench.run(repository=str(mine), bad_at=now())

    assert result["changed"], result
    assert git(mine, "rev-parse", "HEAD") == bench.repository.head() == result["serving"]["id"]
    assert git(mine, "status", "--porcelain") == ""
    assert git(mine, "symbolic-ref", "HEAD") == "refs/heads/main"


def test_one_that_is_behind_follows_too(bench: GitBench, mine: Path) -> None:
    bench.ship("breaks-checkout")

    assert bench.run(repository=str(mine), bad_at=now())["changed"]
    assert git(mine, "rev-parse", "HEAD") == bench.repository.head()


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("check", [False, True])
def test_uncommitted_changes_are_refused(bench: GitBench, mine: Path, staged: bool, check: bool) -> None:
    before = bench.frozen()
    (mine / "version").write_text("half a repair\n")
    if staged:
        git(mine, "add", "version")

    result = bench.run(check=check, repository=str(mine), bad_at=now())

    assert f"{mine} has changes that are not committed: version; nothing was changed" in result["msg"]
    assert "stash" in result["hint"]
    assert (mine / "version").read_text() == "half a repair\n"
    assert bench.frozen() == before


def test_commits_that_nobody_has_pushed_are_refused(bench: GitBench, mine: Path) -> None:
    git(mine, "commit", "--quiet", "--allow-empty", "--message", "Not pushed")
    bench.ship("breaks-checkout")

    result = bench.run(repository=str(mine), bad_at=now())

    assert "has 1 commits that origin does not have, and lacks 1 it has; nothing was changed" in result["msg"]


def test_something_unfinished_is_refused(bench: GitBench, mine: Path) -> None:
    git(mine, "update-ref", "CHERRY_PICK_HEAD", "HEAD")

    result = bench.run(repository=str(mine), bad_at=now())

    assert "in the middle of something (CHERRY_PICK_HEAD)" in result["msg"]


def test_files_that_git_does_not_know_are_no_reason_to_refuse(bench: GitBench, mine: Path) -> None:
    (mine / "notes.txt").write_text("02:38 orders fail\n")

    assert bench.run(repository=str(mine), bad_at=now())["changed"]
    assert (mine / "notes.txt").read_text() == "02:38 orders fail\n"


def test_a_file_in_the_way_keeps_only_the_work_tree_back(bench: GitBench, mine: Path) -> None:
    git(mine, "rm", "--quiet", "version")
    git(mine, "commit", "--quiet", "--message", "Remove it")
    git(mine, "push", "--quiet")
    (mine / "version").write_text("mine\n")

    assert bench.run(repository=str(mine), bad_at=now())["changed"]
    assert (mine / "version").read_text() == "mine\n"


def test_on_another_branch_the_work_tree_stays_as_it_is(bench: GitBench, mine: Path) -> None:
    git(mine, "checkout", "--quiet", "-b", "repair")
    before = git(mine, "rev-parse", "HEAD", "refs/heads/main")

    assert bench.run(repository=str(mine), bad_at=now())["changed"]
    assert git(mine, "rev-parse", "HEAD", "refs/heads/main") == before


def test_a_clone_with_only_the_newest_commit_gets_those_it_needs(bench: GitBench, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", bench.repository.url, "short")

    assert bench.run(repository=str(tmp_path / "short"), bad_at=now())["changed"]


def test_hooks_of_the_work_tree_are_not_run(bench: GitBench, mine: Path) -> None:
    hook = mine / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    assert bench.run(repository=str(mine), bad_at=now())["changed"]


def test_a_revert_leaves_no_work_tree_behind(bench: GitBench, mine: Path) -> None:
    assert bench.run(repository=str(mine), revert="HEAD")["changed"]
    assert len(git(mine, "worktree", "list").splitlines()) == 1
    assert git(mine, "rev-parse", "HEAD") == bench.repository.head()


def test_a_folder_that_is_no_repository(bench: GitBench, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    result = bench.run(repository=str(tmp_path / "empty"), bad_at=now())

    assert result["error"] == "NotFound"
