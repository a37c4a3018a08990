"""Whether what was rolled back still serves what it went back to, and holds what was held."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.tripwire import hold_again, trip
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

pytestmark = pytest.mark.once
WHEN = datetime(2026, 11, 21, tzinfo=UTC)
GOOD, BAD, NEW = "c0ffe" * 8, "badf0" * 8, "4be11" * 8


def release(commit: str, id: str = "dpl_1") -> dict[str, Any]:
    return Release(id, commit, WHEN, WHEN, True).as_dict()


def step(target: str = "shop", status: str = "changed", run: str = "r", held: bool = True, commit: str = GOOD) -> dict[str, Any]:
    return {"event": "result", "kind": "release", "target": target, "status": status, "run": run, "held": held, "to": release(commit)}


def reading(commit: str = GOOD, held: bool = True, id: str = "dpl_1") -> dict[str, Any]:
    return {"serving": release(commit, id), "held": held, "holds": True, "failed": False}


def tripped(seen: Any, *more: dict[str, Any], events: tuple[dict[str, Any], ...] = (step(),)) -> dict[str, tuple[str, Any]]:
    checks = trip([*events, *more], {"shop": seen}, {"shop": {BAD: "2026-11-22T03:00:00.000Z"}})
    return {check["name"].split(" of ")[0]: (check["verdict"], check["got"]) for check in checks}


@pytest.mark.parametrize(("seen", "serves", "hold"), [
    (reading(), ("OK", None), ("OK", None)),
    (reading(id="dpl_9"), ("OK", None), ("OK", None)),
    (reading(held=False), ("OK", None), ("BAD", "somebody has let them go live again")),
    (reading(BAD), ("BAD", "serves badf0ba, which a rollback took out of service"), ("OK", None)),
    (reading(NEW, False), ("BAD", "serves 4be114b"), ("BAD", "somebody has let them go live again")),
    (reading() | {"serving": None}, ("BAD", "nothing is serving"), ("OK", None)),
    ({"failed": False, "msg": "wrong token; nothing was changed"}, ("UNKNOWN", "wrong token"), ("UNKNOWN", "wrong token")),
    ({"unreachable": True}, ("UNKNOWN", "it gave no answer"), ("UNKNOWN", "it gave no answer")),
    (None, ("UNKNOWN", "it gave no answer"), ("UNKNOWN", "it gave no answer")),
])
def test_what_trips_it(seen: Any, serves: tuple[str, Any], hold: tuple[str, Any]) -> None:
    assert tripped(seen) == {"release": serves, "hold": hold}


def test_what_was_never_held_is_not_missed() -> None:
    assert tripped(reading(held=False), events=(step(held=False),)) == {"release": ("OK", None)}


def test_what_did_not_go_back_has_nothing_to_keep() -> None:
    assert tripped(reading(BAD), events=(step(status="failed"),)) == {}
    assert tripped(reading(BAD), events=(step(status="skipped"),)) == {}


def test_a_hold_that_a_watch_put_back_does_not_say_what_should_serve() -> None:
    """Somebody's push went live between the look and the hold: what serves since is still not what it went back to."""
    begun = {"event": "watch_begun", "run": "w"}
    assert tripped(reading(NEW), begun, step(run="w", commit=NEW))["release"] == ("BAD", "serves 4be114b")


@pytest.mark.parametrize(("seen", "again"), [
    (reading(), []), (reading(held=False), ["shop"]), (reading(NEW, False), []), ({"failed": True}, []),
])
def test_only_what_still_serves_the_good_release_is_held_again(seen: Any, again: list[str]) -> None:
    assert hold_again(trip([step()], {"shop": seen}, {})) == again
