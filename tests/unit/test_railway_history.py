"""When a deployment of Railway served, from what the vendor says about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import iso
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import history
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CREATED, BUILT, LIVE, DRAINED = (iso(START + timedelta(minutes=minute)) for minute in (0, 3, 5, 6))
Row = dict[str, Any]


def step(name: str, start: str, end: str | None, error: str | None = None) -> Row:
    return {"step": name, "createdAt": start, "completedAt": end, "payload": {"error": error} if error else None}


BUILD, HEALTHY = step("BUILD_IMAGE", CREATED, BUILT), step("HEALTHCHECK", BUILT, LIVE)
UNHEALTHY, DRAIN = step("HEALTHCHECK", CREATED, BUILT, "never became healthy"), step("DRAIN_INSTANCES", LIVE, DRAINED)


def row(status: str, **fields: Any) -> Row:
    return {"id": "d1", "status": status, "createdAt": CREATED, "statusUpdatedAt": DRAINED, "canRollback": False, "meta": {}, **fields}


@pytest.mark.parametrize(
    ("deployment", "events", "expected"),
    [
        (row("REMOVED"), [BUILD, HEALTHY, DRAIN], LIVE),
        (row("SUCCESS"), [BUILD, HEALTHY], LIVE),
        (row("SUCCESS"), [], DRAINED),
        (row("CRASHED"), [BUILD, step("CREATE_CONTAINER", BUILT, LIVE)], LIVE),
        (row("REMOVED"), [BUILD, UNHEALTHY, HEALTHY], LIVE),
        (row("REMOVED"), [BUILD, UNHEALTHY], None),
        (row("REMOVED"), [BUILD, step("HEALTHCHECK", BUILT, None)], None),
        (row("REMOVED"), [BUILD], None),
        (row("REMOVED"), [], None),
        (row("REMOVED", canRollback=True), [], CREATED),
        (row("FAILED"), [BUILD, HEALTHY], None),
        (row("CANCELLED"), [], None),
        (row("SOMETHING_NEW"), [BUILD, HEALTHY], None),
    ],
    ids=str,
)
def test_when_it_went_live(deployment: Row, events: list[Row], expected: str | None) -> None:
    went_live = history.went_live(deployment, events)

    assert (iso(went_live) if went_live else None) == expected


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"commitHash": "c0ffee", "imageDigest": "sha256:1"}, "c0ffee"),
        ({"imageDigest": "sha256:1", "image": "stock:latest"}, "sha256:1"),
        ({"image": "stock:latest"}, "snapshot"),
        (None, "snapshot"),
        ("no object", "snapshot"),
    ],
)
def test_what_runs_is_never_a_tag(meta: Any, expected: str) -> None:
    assert history.release(row("SUCCESS", meta=meta, snapshotId="snapshot"), [], active=True).artifact == expected


def test_what_serves_is_good_though_it_is_not_offered_for_a_rollback() -> None:
    serving = row("SUCCESS")

    assert history.release(serving, [BUILD, HEALTHY], active=True).good
    assert not history.release(serving, [BUILD, HEALTHY], active=False).good
    stopped = history.release({**serving, "deploymentStopped": True}, [BUILD, HEALTHY], active=True)
    assert (stopped.good, stopped.state) == (False, "SUCCESS, stopped")


def served(*artifacts: str) -> list[Release]:
    times = [START + timedelta(hours=number) for number, _artifact in enumerate(artifacts)]
    return [Release(f"{number}", artifact, times[number], times[number], good=True) for number, artifact in enumerate(artifacts)]


@pytest.mark.parametrize(
    ("artifacts", "taken_out"),
    [
        ("abc", {}),
        ("aba", {"1": 2}),
        ("abcab", {"1": 3, "2": 3, "3": 4}),
        ("aabb", {}),
        ("abab", {"1": 2, "2": 3}),
    ],
)
def test_what_was_left_for_something_older_was_rolled_back(artifacts: str, taken_out: dict[str, int]) -> None:
    marked = history.after_rollbacks(served(*artifacts))

    expected = {id: START + timedelta(hours=hour) for id, hour in taken_out.items()}
    assert {r.id: r.taken_out_at for r in marked if r.taken_out_at} == expected
