"""One commit or a range taken back in the middle of the history, and branches for repairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.bench import now
from tests.contract.git_bench import GitBench, story
from tests.contract.repository import minute

pytestmark = pytest.mark.once


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[GitBench]:
    yield from story(monkeypatch, tmp_path)


def test_one_commit_is_reverted_and_later_ones_stay(bench: GitBench) -> None:
    bad = bench.repository.push("The bad one", form="broken")
    bench.repository.push("A good one", footer="new")

    predicted = bench.run(check=True, revert=bad)
    first, second = bench.run(revert=bad), bench.run(revert=bad)

    assert (predicted["changed"], first["changed"], second["changed"]) == (True, True, False), first
    for key in ("from", "why", "diff", "held"):
        assert predicted[key] == first[key], key
    assert predicted["to"]["artifact"] == first["serving"]["artifact"] == bench.repository.tree()
    assert bench.repository.log()[:2] == ['Revert "The bad one"', "A good one"]
    assert bench.repository.show("footer") == "new"
    assert f"This reverts commit {bad}." in bench.repository("log", "-1", "--format=%B", "main")
    assert second["why"] == f"{bad} is reverted already"


def test_a_range_is_reverted_newest_first_and_pushed_together(bench: GitBench) -> None:
    start = bench.repository.head()
    bench.repository.push("One", form="1")
    bench.repository.push("Two", form="2")
    end = bench.repository.push("Three", style="3")
    bench.repository.push("A good one", footer="new")

    result = bench.run(revert=f"{start[:8]}..{end[:8]}")

    assert result["changed"], result
    assert bench.repository.log()[:4] == ['Revert "One"', 'Revert "Two"', 'Revert "Three"', "A good one"]
    assert not bench.run(revert=f"{start}..{end}")["changed"]


@pytest.mark.parametrize("wanted", ["HEAD", "main", "main~1..", "HEAD^..HEAD", "@~1..@"])
def test_the_branch_s_head_is_that_of_the_other_side(bench: GitBench, wanted: str) -> None:
    bench.repository.push("The bad one", form="broken")

    assert bench.run(revert=wanted)["changed"]
    assert bench.repository.log()[:2] == ['Revert "The bad one"', "The bad one"]


def test_what_was_reverted_by_hand_is_left_out(bench: GitBench) -> None:
    start = bench.repository.head()
    first = bench.repository.push("One", form="1")
    end = bench.repository.push("Two", style="2")
    bench.run(revert=end)

    assert bench.run(revert=f"{start}..{end}")["changed"]
    assert bench.repository.log()[:2] == ['Revert "One"', 'Revert "Two"']
    assert not bench.run(revert=first)["changed"]


def test_a_revert_that_was_reverted_counts_for_nothing(bench: GitBench) -> None:
    bad = bench.repository.push("The bad one", form="broken")
    reverted = bench.run(revert=bad)["serving"]["id"]
    bench.run(revert=reverted)
    assert bench.repository.show("form") == "broken"

    assert bench.run(revert=bad)["changed"]
    assert "form" not in bench.repository("ls-tree", "--name-only", "main")


def test_a_merge_is_taken_back_as_a_whole(bench: GitBench) -> None:
    merge = bench.repository.merge("Merge the new form", form="new", style="new")
    bench.repository.push("A good one", footer="new")

    assert bench.run(revert=merge)["changed"]
    assert bench.repository("ls-tree", "--name-only", "main").split() == ["footer", "version"]


def test_a_conflict_is_refused_with_the_files(bench: GitBench) -> None:
    bad = bench.repository.push("The bad one", form="broken", style="bold")
    bench.repository.push("Built upon it", form="broken and more")
    before = bench.frozen()

    for check in (True, False):
        result = bench.run(check=check, revert=bad)
        assert f"{bad[:7]} cannot be reverted alone, later commits changed the same lines: form; nothing was changed" in result["msg"]
        assert "go back to a whole release" in result["hint"]
    assert bench.frozen() == before


@pytest.mark.parametrize("wanted", ["made-up", "0123456789", "main..main", "--all", f"{'a' * 40}"])
def test_a_commit_that_is_none_is_refused(bench: GitBench, wanted: str) -> None:
    result = bench.run(revert=wanted)

    assert result["error"] in ("UnknownRelease", "Refused"), result
    assert "nothing was changed" in result["msg"]


def test_a_commit_of_another_branch_is_refused(bench: GitBench) -> None:
    bench.run(hotfix="hotfix/checkout", release=bench.repository.head())
    elsewhere = bench.repository("commit-tree", "main^{tree}", "-p", "main", "-m", "Not on the branch")

    assert bench.run(revert=elsewhere)["error"] == "UnknownRelease"


def test_a_branch_for_a_hotfix_starts_at_the_good_release(bench: GitBench) -> None:
    good = bench.repository.head()
    bad = bench.repository.push("The bad one")

    predicted = bench.run(check=True, hotfix="hotfix/checkout", bad_at=minute(45))
    assert not bench.repository.head("hotfix/checkout")
    first, second = (bench.run(hotfix="hotfix/checkout", bad_at=minute(45)) for _ in range(2))

    assert (first["changed"], second["changed"]) == (True, False)
    assert predicted["diff"] == first["diff"]
    assert first["to"] == second["to"]
    assert bench.repository.head("hotfix/checkout") == first["to"]["id"] == good
    assert bench.repository.head() == bad, "the branch itself stays"


def test_a_hotfix_that_somebody_works_on_already_is_left_alone(bench: GitBench) -> None:
    good = bench.repository.head()
    bench.run(hotfix="hotfix/checkout", release=good)
    work = bench.repository("commit-tree", "main^{tree}", "-p", good, "-m", "Half a repair")
    bench.repository("update-ref", "refs/heads/hotfix/checkout", work)

    assert not bench.run(hotfix="hotfix/checkout", release=good)["changed"]
    assert bench.repository.head("hotfix/checkout") == work


def test_a_hotfix_that_starts_elsewhere_is_refused(bench: GitBench) -> None:
    bench.run(hotfix="hotfix/checkout", release=bench.repository("rev-parse", "main~1"))

    result = bench.run(hotfix="hotfix/checkout", good_at=now())

    assert "is there already, and does not start at" in result["msg"]
    assert "nothing was changed" in result["msg"]


@pytest.mark.parametrize("name", ["main", "not a name", "-x", "a..b"])
def test_a_name_that_no_branch_can_have_is_refused(bench: GitBench, name: str) -> None:
    before = bench.frozen()

    assert bench.run(hotfix=name, good_at=now())["error"] == "Refused"
    assert bench.frozen() == before
