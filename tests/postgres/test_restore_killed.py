"""The module is killed with kill -9 at a step of a restore within one database: what was serves on, and the same command converges."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster
from tests.postgres.test_restore import backed_up
from tests.postgres.test_restore_faults import until
from tests.postgres.test_restore_schemas import NAMES, other, other_18, serving

__all__ = ["other", "other_18"]
STEPS = [("in_place", 4), ("schema", 6)]
if os.environ.get("LASTGOOD_EVERY_CRASH"):
    STEPS = [(mode, step) for mode, last in (("in_place", 4), ("schema", 8)) for step in range(1, last + 1)]
ALONE = """
import json, os, signal, sys
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from tests.postgres import shop
calls = []
def record(event, **fields):
    calls.append(event)
    if calls.count("call") == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
print(outcome(RESTORE, shop.validated(RESTORE, json.loads(sys.argv[1])), Run(record=record)))
"""
OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lastgood%'"


@pytest.mark.parametrize(("mode", "step"), STEPS)
def test_the_same_command_converges(newest: Cluster, other: Cluster, tmp_path: Path, mode: str, step: int) -> None:
    _backup, seen = backed_up(newest, tmp_path)
    wrecked = shop.seen(newest)
    seen["objects"] = sorted(set(seen["objects"]))
    given: dict[str, Any] = {"url": newest.url("shop"), "destination": str(tmp_path), "mode": mode}
    given |= {"emergency_backup": str(tmp_path / "saved")} if mode == "in_place" else {"scratch_url": other.url("postgres")}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", ALONE, json.dumps(given), str(step)], capture_output=True, env=environment, check=False)
    assert killed.returncode == -9, killed
    until(lambda: not newest.rows(OURS)[0][0] + other.rows(OURS)[0][0], "its sessions end")
    now = shop.seen(newest)
    assert [table for table, rows in wrecked.items() if table != "objects" and now[table] != rows] == []
    done = shop.done(RESTORE, **given)
    assert serving(newest) == seen, done
    left = [row[0] for row in newest.rows(NAMES, "shop") if "restoring" in row[0]]
    assert (left, newest.databases()) == ([], ["shop"])
