"""The module for any database does at every vendor what that vendor's own module does, by the words of the inventory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import database

from tests.contract.bench import printed_by
from tests.contract.database_bench import GOOD, LATER, Bench, ago, bench

__all__ = ["bench"]
pytestmark = pytest.mark.once


def asked(bench: Bench, check: bool = False, **wish: Any) -> dict[str, Any]:
    where = {"provider": bench.database.name, "options": bench.database.options(bench.box), "poll": 0.05, "timeout": 10}
    return printed_by(database.main, check, **where, **wish)


def test_planned_saved_taken_back_and_undone(bench: Bench) -> None:
    then, before = ago(minutes=20), bench.frozen()

    planned, saved = asked(bench, check=True, good_at=then), asked(bench, save="emergency")

    assert (planned.get("goes_back"), planned.get("failed")) == (True, None), planned
    assert 1190 < planned["loss"]["seconds"] < 1260
    assert (saved.get("changed"), "no dump is taken" in saved.get("summary", "")) == (False, True), saved
    assert bench.frozen() == before

    done, again = asked(bench, good_at=then), asked(bench, good_at=then)
    assert (done.get("goes_back"), again.get("goes_back")) == (True, False), (done, again)
    assert (bench.rows(), done["holds"]) == (GOOD, then.replace("Z", ".000Z"))
    earlier = asked(bench, undo=True, undo_since=ago(minutes=-1))
    assert (earlier.get("changed"), "since" in earlier["summary"], bench.rows()) == (False, True, GOOD), earlier
    assert asked(bench, let_in=True)["changed"] is False
    undone = asked(bench, undo=True, undo_since=ago(minutes=5))
    assert (undone.get("changed"), bench.rows()) == (True, GOOD + LATER), undone
