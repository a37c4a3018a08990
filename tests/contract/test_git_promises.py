"""What every vendor promises, for Git; only those promises are left out that are about an API, an emulator or a hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.bench import now
from tests.contract.git_bench import GitBench, story
from tests.contract.repository import minute
from tests.contract.test_activation import test_check_mode_predicts_the_diff_and_changes_nothing
from tests.contract.test_choosing import (
    test_a_redeploy_of_the_bad_artifact_is_not_gone_back_to,
    test_a_release_looks_the_same_alone_and_in_a_list,
    test_a_second_incident_does_not_go_one_too_far_back,
    test_a_time_that_is_none_is_a_clear_error,
    test_an_unknown_release_fails_and_names_those_that_could_be_had,
    test_no_good_release_fails,
    test_one_wish_is_needed_and_not_two,
)

__all__ = [
    "test_a_redeploy_of_the_bad_artifact_is_not_gone_back_to",
    "test_a_release_looks_the_same_alone_and_in_a_list",
    "test_a_second_incident_does_not_go_one_too_far_back",
    "test_a_time_that_is_none_is_a_clear_error",
    "test_an_unknown_release_fails_and_names_those_that_could_be_had",
    "test_check_mode_predicts_the_diff_and_changes_nothing",
    "test_no_good_release_fails",
    "test_one_wish_is_needed_and_not_two",
]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[GitBench]:
    yield from story(monkeypatch, tmp_path)


@pytest.mark.parametrize("wish", ["release", "good_at", "bad_at"])
def test_asked_twice_it_changes_once(bench: GitBench, wish: str) -> None:
    """Git's clock has whole seconds, so these times are the story's own."""
    good, release = bench.served(), bench.repository.head()
    bad = bench.ship("breaks-checkout")
    asked: dict[str, Any] = {wish: {"release": release, "good_at": minute(35), "bad_at": minute(45)}[wish]}

    first, second = bench.run(**asked), bench.run(**asked)

    assert (first["changed"], second["changed"]) == (True, False), first
    assert bench.served() == good != bad["commit"]
    assert first["from"]["artifact"] == bad["commit"]
    assert first["to"]["id"] == second["to"]["id"] == release
    assert first["serving"]["id"] == second["serving"]["id"] == bench.repository.head() != release


def test_a_hold_is_refused(bench: GitBench) -> None:
    before = bench.frozen()

    result = bench.run(bad_at=now(), hold=True)

    assert "Git cannot keep new pushes away" in result["msg"]
    assert bench.frozen() == before
    assert any("the next one goes live" in warning for warning in bench.run(bad_at=now())["warnings"])


@pytest.mark.parametrize("reach", [{}, {"git": ["https://github.com/somebody/else.git"]}])
def test_a_repository_out_of_reach_is_refused_before_any_call(bench: GitBench, reach: dict[str, list[str]]) -> None:
    result = bench.run(bad_at=now(), reach=reach, repository="https://somebody:planted-secret@127.0.0.1:9/shop.git")

    assert result["error"] == "OutOfReach"
    assert "https://127.0.0.1:9/shop.git at git is not within the reach" in result["msg"]


def test_a_repository_within_reach_is_served(bench: GitBench) -> None:
    assert not bench.run(good_at=now(), reach={"git": [bench.repository.url]}).get("failed")
