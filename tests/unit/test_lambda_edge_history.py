"""When versions at the edge served, as far as anybody knows, and what that means for going back."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import choice
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.lambda_edge.history import Named, served
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release


def at(hour: float) -> datetime:
    return datetime(2026, 11, 22, int(hour), round(hour % 1 * 60), tzinfo=UTC)


def version(number: int, published: float, artifact: str = "") -> Release:
    return Release(f"headers:{number}", artifact or f"code {number}", at(published), at(published), good=True, state="Active")


def named(number: int, since: float, until: float, artifact: str = "") -> Named:
    return at(since), at(until), f"headers:{number}", artifact


ALL = [version(1, 1), version(2, 2), version(3, 3), version(4, 4)]


def times(releases: list[Release]) -> dict[str, datetime | None]:
    return {one.id: one.live_from for one in releases}


def test_without_history_a_version_counts_from_when_it_was_published() -> None:
    assert times(served(ALL, ALL[3], at(5), None)) == times(ALL)


def test_without_history_what_was_published_after_the_last_change_cannot_have_served() -> None:
    found = served(ALL, ALL[2], at(3.5), None)
    assert found[3].live_from is None
    assert choice.good_at(found, at(6)).release.id == "headers:3"


def test_after_a_rollback_the_later_ones_were_taken_out_by_then() -> None:
    found = served(ALL, ALL[2], at(5), None)
    assert choice.bad_at(found, at(4.5)).release.id == "headers:3"
    assert choice.good_at(found, at(6)).release.id == "headers:3"


def test_what_was_never_named_is_not_gone_back_to() -> None:
    found = served(ALL, ALL[3], at(4), [named(2, 2, 3.5), named(4, 4, 5)])
    assert choice.bad_at(found, at(4.5)).release.id == "headers:2"


def test_a_bad_version_counts_from_the_first_moment_that_it_can_have_served() -> None:
    """Captured at 3:30 with version 3, and later, after another change at 5:00, with version 4, published at 4:00."""
    found = served(ALL, ALL[3], at(5), [named(3, 3, 3.5), named(4, 5, 6)])
    assert found[3].live_from == at(4)
    assert choice.bad_at(found, at(4.5)).release.id == "headers:3"


def test_of_a_version_that_is_gone_one_with_the_same_artifact_takes_the_place() -> None:
    again = version(4, 4, artifact="code 2")
    seen = [named(1, 1, 1.5, "code 1"), named(2, 2, 2.5, "code 2"), named(3, 3, 5, "code 3")]
    found = served([ALL[0], ALL[2], again], ALL[2], at(3), seen)
    assert choice.bad_at(found, at(3.5)).release.id == "headers:4"


def test_going_back_takes_out_what_came_between() -> None:
    found = served(ALL, ALL[1], at(5), [named(2, 2, 3), named(3, 3, 4), named(4, 4, 5), named(2, 5, 6)])
    assert choice.good_at(found, at(6)).release.id == "headers:2"
    assert choice.serving_at(found, at(4.5)) == found[3]
    assert choice.bad_at(found, at(3.5)).release.id == "headers:2"


def test_what_was_taken_out_and_deployed_again_serves_again() -> None:
    found = served(ALL, ALL[2], at(6), [named(2, 2, 3), named(3, 3, 4), named(2, 5, 5.5), named(3, 6, 7)])
    assert choice.good_at(found, at(7)).release.id == "headers:3"
