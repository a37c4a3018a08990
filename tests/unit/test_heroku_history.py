"""When a release of Heroku's went live, and what a rollback took out of service."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.builds import Build
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.history import release, translated

A, B, C = (Build("slug", name, name) for name in "abc")


def row(version: int, minute: int, *, phase: bool = True, took: int = 5, **other: Any) -> dict[str, Any]:
    """A release made at that minute whose last change was some seconds later."""
    return {
        "id": f"r{version}",
        "version": version,
        "status": "succeeded",
        "description": f"Deploy {version}",
        "created_at": f"2026-11-22T02:{minute:02}:00Z",
        "updated_at": f"2026-11-22T02:{minute:02}:{took:02}Z",
        "output_stream_url": "https://release-output.heroku.com/streams/1" if phase else None,
        **other,
    }


def test_it_is_live_when_its_release_phase_has_ended() -> None:
    assert release(row(1, 10), A).live_from == moment.parse("2026-11-22T02:10:05Z")


def test_without_a_release_phase_at_once() -> None:
    assert release(row(1, 10, phase=False), A).live_from == moment.parse("2026-11-22T02:10:00Z")


def test_what_was_updated_after_the_next_one_went_live_is_not_when_it_went_live() -> None:
    older = row(1, 10, updated_at="2026-11-22T02:30:00Z")

    assert translated([row(2, 20), older], [B, A])[1].live_from == moment.parse("2026-11-22T02:10:00Z")


@pytest.mark.parametrize("status", ["pending", "failed", "expired", "something new"])
def test_what_did_not_succeed_never_served(status: str) -> None:
    one = release(row(1, 10, status=status), A)

    assert (one.live_from, one.good, one.state) == (None, False, status)


@pytest.mark.parametrize(("told", "good"), [({}, True), ({"eligible_for_rollback": True}, True), ({"eligible_for_rollback": False}, False)])
def test_whether_it_can_be_gone_back_to_is_believed_where_it_is_told(told: dict[str, bool], good: bool) -> None:
    assert release(row(1, 10, **told), A).good is good


def test_a_deleted_slug_and_a_release_without_any_cannot_serve_again() -> None:
    deleted = release(row(1, 10), Build("slug", "a", "a", deleted=True))

    assert (deleted.good, deleted.state) == (False, "succeeded, its build is deleted")
    assert (release(row(1, 10), None).good, release(row(1, 10), None).state) == (False, "succeeded, without code")


def test_a_rollback_takes_out_what_came_after_the_release_it_goes_back_to() -> None:
    rows = [row(5, 50, description="Rollback to v2"), row(4, 40, status="failed"), row(3, 30), row(2, 20), row(1, 10)]

    found = {one.id: one.taken_out_at for one in translated(rows, [B, C, C, B, A])}

    assert found == {"r5": None, "r4": None, "r3": moment.parse("2026-11-22T02:50:05Z"), "r2": None, "r1": None}


def test_a_change_of_variables_of_the_same_code_is_not_taken_out() -> None:
    rows = [row(4, 40, description="Rollback to v1"), row(3, 30, description="Set A config vars"), row(2, 20), row(1, 10)]

    assert [one.taken_out_at is not None for one in translated(rows, [A, B, A, A])] == [False, True, False, False]


def test_a_rollback_that_failed_takes_nothing_out() -> None:
    rows = [row(3, 30, description="Rollback to v1", status="failed"), row(2, 20), row(1, 10)]

    assert not any(one.taken_out_at for one in translated(rows, [A, B, A]))
