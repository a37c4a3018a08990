"""What only Git does when a branch goes back to a release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.bench import now
from tests.contract.git_bench import GitBench, story
from tests.contract.repository import git, minute


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[GitBench]:
    yield from story(monkeypatch, tmp_path)


def test_it_is_one_commit_on_top_that_says_what_it_takes_back(bench: GitBench) -> None:
    good = bench.repository.head()
    bench.ship("breaks-checkout")
    bad = bench.repository.push("Another one on top", extra="file")

    result = bench.run(release=good)

    assert bench.repository("rev-parse", "main^") == bad
    assert bench.repository.tree() == bench.repository.tree(good)
    message = bench.repository("log", "-1", "--format=%B", "main")
    assert message.startswith(f"Roll back to {good[:7]}: Validate postcodes\n")
    assert f"- {bad[:7]} Another one on top\n" in message
    assert message.endswith(f"Rolled-back-to: {good}")
    assert result["serving"]["id"] == bench.repository.head()


def test_a_release_may_be_named_by_a_tag_or_its_first_digits(bench: GitBench) -> None:
    older, newer = bench.repository("rev-parse", "main~2"), bench.repository("rev-parse", "main~1")
    bench.repository.tag("v1.2.3-stable", older, annotated=True)

    assert bench.run(release="v1.2.3-stable")["to"]["id"] == older
    assert bench.run(release=newer[:8])["to"]["id"] == newer
    assert bench.repository.tree() == bench.repository.tree(newer)


@pytest.mark.parametrize("annotated", [False, True])
def test_with_a_pattern_only_tagged_releases_are_good(bench: GitBench, annotated: bool) -> None:
    stable = bench.repository("rev-parse", "main~2")
    bench.repository.tag("v1.2.3-stable", stable, annotated=annotated)
    bench.repository.tag("v1.2.4-rc1", bench.repository("rev-parse", "main~1"))

    result = bench.run(tags="*-stable", bad_at=minute(35))

    assert result["to"]["id"] == stable
    assert result["to"]["state"] == "v1.2.3-stable"
    assert not bench.run(tags="*-stable", bad_at=minute(35))["changed"]
    refused = bench.run(tags="*-stable", release=bench.repository("rev-parse", "main~2"))
    assert refused["error"] == "NotRestorable"
    assert "no tag *-stable" in refused["msg"]


def test_a_merge_is_one_release(bench: GitBench) -> None:
    good = bench.repository.head()
    bench.repository.merge("Merge the new form", form="new", style="new")

    result = bench.run(bad_at=now())

    assert result["to"]["id"] == good
    assert bench.repository.tree() == bench.repository.tree(good)


def test_what_a_colleague_rolled_back_is_not_gone_back_to(bench: GitBench) -> None:
    """Nothing but the history tells: there is no incident here."""
    good = bench.repository.head()
    bench.ship("breaks-checkout")
    bench.run(bad_at=now())
    bench.ship("crashing")

    assert bench.run(bad_at=now())["to"]["artifact"] == bench.repository.tree(good)
    before_good = bench.run(check=True, bad_at=now())["to"]
    assert before_good["title"] == "Orders carry a delivery slot", "neither of the two that were rolled back"


def test_an_undone_rollback_takes_nothing_out(bench: GitBench) -> None:
    bench.ship("good after all")
    shipped = bench.repository.head()
    bench.run(bad_at=now())
    bench.run(release=shipped)
    bench.ship("breaks-checkout")

    assert bench.run(check=True, bad_at=now())["to"]["artifact"] == bench.repository.tree(shipped)


def test_going_back_to_the_present_pushes_nothing(bench: GitBench) -> None:
    bench.repository.push("An empty commit that only deploys again", version="Validate postcodes")
    before = bench.frozen()

    assert not bench.run(release=bench.repository("rev-parse", "main~1"))["changed"]
    assert bench.frozen() == before


def test_somebody_pushes_between_the_look_and_the_push(bench: GitBench) -> None:
    bench.ship("breaks-checkout")
    first = bench.repository.head()
    _push_before_ours(bench)

    result = bench.run(bad_at=now())

    assert result["error"] == "Conflict", result
    assert "run the same command again" in result["hint"]
    assert first in bench.repository("rev-list", "main"), "nothing is lost"
    assert bench.run(release=bench.repository("rev-parse", f"{first}^"))["changed"]
    assert bench.served() == bench.repository.tree(f"{first}^")


def _push_before_ours(bench: GitBench) -> None:
    """The server's own hook moves the branch while our push is on its way, once."""
    other = bench.repository("commit-tree", "main^{tree}", "-p", "main", "-m", "A push in between")
    hook = bench.repository.path / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\nrm $0\nenv -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {other}\n")
    hook.chmod(0o755)


def test_two_operators_at_once_converge(bench: GitBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's rollback arrives first; it is the same, so there is nothing left to do."""
    good = bench.repository.head()
    bench.ship("breaks-checkout")
    ours = bench.repository("commit-tree", f"{good}^{{tree}}", "-p", "main", "-m", f"Roll back\n\nRolled-back-to: {good}")
    hook = bench.repository.path / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\nrm $0\nenv -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {ours}\n")
    hook.chmod(0o755)

    result = bench.run(release=good)

    assert not result.get("failed"), result
    assert result["serving"]["id"] == ours == bench.repository.head()


def test_a_push_on_top_of_the_rollback_is_no_success(bench: GitBench) -> None:
    good = bench.repository.head()
    bench.ship("breaks-checkout")
    hook = bench.repository.path / "hooks" / "post-receive"
    hook.write_text("#!/bin/sh\nrm $0\ngit update-ref refs/heads/main $(git commit-tree main~1^{tree} -p main -m 'Once more')\n")
    hook.chmod(0o755)

    result = bench.run(release=good)

    assert result["error"] == "ActivationFailed"
    assert "(Once more) was pushed after the rollback" in result["msg"]
    assert bench.run(release=good)["changed"]
    assert bench.served() == bench.repository.tree(good)


def test_a_protected_branch_is_said(bench: GitBench) -> None:
    bench.ship("breaks-checkout")
    hook = bench.repository.path / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed for refs/heads/main.' >&2\nexit 1\n")
    hook.chmod(0o755)

    result = bench.run(bad_at=now())

    assert result["error"] == "ApprovalNeeded"
    assert "pull request" in result["hint"]


def test_a_commit_without_an_author_is_refused_before_anything_happens(bench: GitBench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.ship("breaks-checkout")
    (Path(bench.repository.path.parent) / "gitconfig").write_text("[user]\nuseConfigOnly = true\n")

    for check in (True, False):
        result = bench.run(check=check, bad_at=now())
        assert "nothing was changed" in result["msg"]
        assert "author_name" in result["hint"]
    done = bench.run(bad_at=now(), author_name="On call", author_email="oncall@rachelfoods.test")
    assert done["changed"], done
    assert bench.repository("log", "-1", "--format=%an %ce", "main") == "On call oncall@rachelfoods.test"


def test_an_empty_repository_and_a_missing_branch(bench: GitBench, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")

    url = f"file://{tmp_path}"
    for repository, branch in ((f"{url}/empty.git", "main"), (bench.repository.url, "nowhere"), (f"{url}/none.git", "main")):
        result = bench.run(bad_at=now(), repository=repository, branch=branch)
        assert result["error"] == "NotFound", result
        assert "Check repository and branch" in result["hint"]


def test_nothing_stays_behind(bench: GitBench, tmp_path: Path) -> None:
    bench.ship("breaks-checkout")
    bench.run(bad_at=now())
    bench.run(revert="main~1^")

    assert not list(tmp_path.glob("lastgood-*"))
