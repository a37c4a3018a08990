"""What the journal's callback writes of results that the report needs."""
from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.callback.journal import CallbackModule
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal

LOSS = {"seconds": 1623.2, "since": "2026-11-22T02:14:00.000Z", "tables": {"public.orders": {"written": 312}}}


def written(path: Path, values: dict[str, Any], check_mode: bool = False) -> list[dict[str, Any]]:
    """The events that a database module's result leaves."""
    task = SimpleNamespace(_uuid="1", check_mode=check_mode, resolved_action="lastgood.recovery.postgres_restore",
                           action="postgres_restore", get_name=lambda: "Restore the database")
    callback = CallbackModule()
    callback.journal = Journal(path / "journal.jsonl", "r1")
    callback.v2_runner_on_ok(SimpleNamespace(result=values, task=task, host=SimpleNamespace(get_name=lambda: "shop-db")))
    return callback.journal.events()


def test_what_a_restore_lost_is_kept(tmp_path: Path) -> None:
    event, = written(tmp_path, {"changed": True, "loss": LOSS})
    assert (event["event"], event["target"], event["loss"]) == ("loss", "shop-db", json.loads(json.dumps(LOSS)))


@pytest.mark.parametrize(("values", "check_mode"), [
    ({"changed": False, "loss": LOSS}, False), ({"changed": True, "loss": None}, False), ({"changed": True}, False),
    ({"changed": True, "loss": LOSS}, True),
])
def test_what_lost_nothing_leaves_nothing(tmp_path: Path, values: dict[str, Any], check_mode: bool) -> None:
    assert written(tmp_path, values, check_mode) == []
