"""A branch's history as releases: since when each was live, and which a rollback took out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git import history
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.history import Commit
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def commit(number: int, tree: str = "", minutes: float = 0, back_to: int | None = None) -> Commit:
    name = f"{number:040x}"
    return Commit(name, tree or name, NOW - timedelta(minutes=minutes), "" if back_to is None else f"{back_to:040x}", f"number {number}")


def releases(*oldest_first: Commit, tagged: dict[str, str] | None = None) -> list[Release]:
    return history.releases(oldest_first[::-1], tagged, "*-stable", NOW)[::-1]


@given(st.lists(st.floats(min_value=-600, max_value=600), min_size=1, max_size=20))
def test_whatever_the_clocks_said_each_went_live_after_the_one_before(minutes: list[float]) -> None:
    found = releases(*(commit(number, minutes=ago) for number, ago in enumerate(minutes)))

    times = [release.live_from for release in found if release.live_from]
    assert len(times) == len(minutes)
    assert all(earlier < later for earlier, later in pairwise(times))
    assert times[0] <= NOW
    assert times[-1] < NOW + timedelta(milliseconds=len(minutes))


def test_a_commit_with_the_tree_of_a_tagged_one_is_as_good() -> None:
    found = releases(commit(1, "a"), commit(2, "b"), commit(3, "a"), tagged={commit(1).id: "v1-stable"})

    assert [release.good for release in found] == [True, False, True]
    assert [release.state for release in found] == ["v1-stable", "no tag *-stable", ""]


def test_what_a_rollback_took_back_is_marked_until_it_is_undone() -> None:
    story = [commit(1, "a", 50), commit(2, "b", 40), commit(3, "c", 30), commit(4, "a", 20, back_to=1)]

    assert [bool(release.taken_out_at) for release in releases(*story)] == [False, True, True, False]
    undone = releases(*story, commit(5, "c", 10, back_to=3))
    assert [bool(release.taken_out_at) for release in undone] == [False, True, False, False, False]


def test_a_rollback_to_a_commit_that_is_not_known_marks_nothing() -> None:
    assert not any(release.taken_out_at for release in releases(commit(1), commit(2, back_to=9)))


def test_titles_may_hold_anything() -> None:
    log = f"{'1' * 40} {'2' * 40} 1795316400 \x1fa title, with \x1f and 100 %\0{'3' * 40} {'4' * 40} 1795316300 not a commit\x1fb\0"

    assert [(c.title, c.back_to) for c in history.read(log)] == [("a title, with \x1f and 100 %", ""), ("b", "")]
