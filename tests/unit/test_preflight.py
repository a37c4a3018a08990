"""What stands in the way of a deployment is named with what to do about it; what cannot be known is not green."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Points
from ansible_collections.lastgood.recovery.plugins.module_utils.preflight import commands, saved, standing
from ansible_collections.lastgood.recovery.plugins.module_utils.preflight.gate import GATE
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = 3600.0


def command(run: str, **more: Any) -> dict[str, Any]:
    return {"name": "tests", "run": run, "directory": None, "timeout": 10, **more}


def performed(run: str, hide: Redaction | None = None, **more: Any) -> dict[str, Any]:
    return commands.perform(command(run, **more), hide or Redaction(), lambda text: None)


def test_an_incident_or_a_lock_stands_in_the_way(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert [standing.incidents(store, "test")["verdict"], standing.lock(store, "test")["verdict"]] == ["OK", "OK"]
    fields = {"environment": "test", "scenario": "edge", "opened_at": moment.iso(NOW), "state": "rolled_back"}
    incident = store.create(NOW, "edge", fields)
    Lock(tmp_path, "test").take({"by": "maria", "incident": "x", "reason": "y", "environment": "test"}, os.getppid())

    going, held = standing.incidents(store, "test"), standing.lock(store, "test")

    assert (going["verdict"], "2026-11-22-edge (rolled back)" in going["got"]) == ("BAD", True)
    assert "playbooks/commit.yml -e scenario=edge" in going["todo"]
    assert (held["verdict"], "maria holds it since" in held["got"]) == ("BAD", True)
    assert standing.incidents(store, "elsewhere")["verdict"] == "OK"
    incident.update(state="committed")
    assert standing.incidents(store, "test")["verdict"] == "OK"
    (incident.directory / "incident.yml").write_text("{")
    assert standing.incidents(store, "test")["verdict"] == "UNKNOWN"


def test_pushes_that_are_held_and_targets_that_do_not_answer() -> None:
    readings = {
        "open": {"serving": {}, "holds": True, "held": False},
        "held": {"serving": {}, "holds": True, "held": True},
        "cannot hold": {"serving": {}, "holds": False, "held": None},
        "silent": {"msg": "the token is wrong"},
        "no releases": {"skipped": True},
    }
    rows = {row["name"]: row["verdict"] for row in standing.pushes(readings)}
    assert rows == {"pushes to open": "OK", "pushes to held": "BAD", "pushes to cannot hold": "OK", "pushes to silent": "UNKNOWN"}


@pytest.mark.parametrize(("since", "until", "verdict"), [(-1, 1, "BAD"), (1, 2, "OK"), (-2, -1, "OK"), (-1, 0, "OK")])
def test_a_freeze_is_on_from_its_beginning_until_its_end(since: int, until: int, verdict: str) -> None:
    at = {name: moment.iso(NOW + timedelta(hours=hours)) for name, hours in (("from", since), ("to", until))}
    row = standing.freeze([{**at, "reason": "Black Friday"}], NOW)
    assert (row["verdict"], "Black Friday" in row["got"]) == (verdict, verdict == "BAD")


def test_a_freeze_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(Refused):
        standing.freeze([{"from": "2026-11-30", "to": "2026-11-27"}], NOW)
    with pytest.raises(Refused):
        standing.freeze([{"from": "Friday", "to": "2026-11-27"}], NOW)


def test_a_recovery_point_is_fresh_whole_and_what_was_captured(tmp_path: Path) -> None:
    points = Points(tmp_path)

    def verdict() -> str:
        return str(saved.point(points, "test", HOUR, NOW)["verdict"])

    def captured(name: str, hours: float, complete: bool = True) -> None:
        (points.root / name).mkdir(parents=True)
        (points.root / name / "variables.json").write_text("{}")
        missing = [] if complete else [{"target": "api", "what": "variables", "why": "no"}]
        at = moment.iso(NOW - timedelta(hours=hours))
        points.keep(name, {"environment": "test", "captured_at": at, "complete": complete, "missing": missing, "targets": {}})

    assert verdict() == "BAD"
    captured("20261122T100000Z-a", 2)
    assert verdict() == "BAD"
    captured("20261122T112000Z-b", 0.7, complete=False)
    assert verdict() == "UNKNOWN"
    captured("20261122T113000Z-c", 0.5)
    assert verdict() == "OK"
    (points.root / "20261122T113000Z-c" / "variables.json").write_text("{1}")
    assert verdict() == "BAD"


def test_backups_by_the_age_of_the_newest() -> None:
    results = {
        "fresh": {"newest": {"taken_at": moment.iso(NOW - timedelta(minutes=5))}},
        "old": {"newest": {"taken_at": moment.iso(NOW - timedelta(hours=5))}},
        "none": {"newest": None},
        "unread": {"msg": "no such bucket"},
        "managed": {"skipped": True},
    }
    rows = {row["name"].split()[-1]: row["verdict"] for row in saved.backups(results, HOUR, NOW)}
    assert rows == {"fresh": "OK", "old": "BAD", "none": "BAD", "unread": "UNKNOWN"}


def test_commands_pass_fail_hang_and_cannot_be_run(tmp_path: Path) -> None:
    assert performed("true")["verdict"] == "OK"
    failed = performed("seq 40; exit 3")
    assert (failed["verdict"], failed["got"], failed["body"].split()) == ("BAD", "exit code 3", [str(n) for n in range(26, 41)])
    assert performed("no-such-program")["verdict"] == "UNKNOWN"
    assert performed("true", directory=str(tmp_path / "nowhere"))["verdict"] == "UNKNOWN"
    mark = tmp_path / "mark"
    hung = performed(f"(trap '' TERM; sleep 60; touch {mark}) & sleep 60", timeout=0.3)
    assert (hung["verdict"], "not done after 0.3 s" in hung["got"], hung["seconds"] < 30) == ("UNKNOWN", True, True)


def test_what_a_command_says_is_shown_without_secrets() -> None:
    hide = Redaction()
    hide.learn_named({"VERCEL_TOKEN": "very-secret-token", "HOME": "/root"})
    assert performed("echo very-secret-token in /root; false", hide)["body"] == "*** in /root"


def test_the_gate_has_the_worst_of_all_and_check_mode_runs_no_command(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    options: dict[str, Any] = {
        **{name: {} for name in ("readings", "backups", "secrets")},
        **{name: [] for name in ("freezes", "staging")},
        "store": str(tmp_path / "store"),
        "environment_name": "test",
        "commit": None,
        "point_within": "1 h",
        "backup_within": "24 h",
        "commands": [command(f"touch {mark}")],
    }
    result = GATE.perform(options, Run(check=True))
    assert (result["exit_code"], result["verdict"], mark.exists()) == (11, "BAD", False)
    assert [check["name"] for check in result["checks"] if check["verdict"] == "BAD"] == ["recovery point"]
    assert all(check.get("todo") for check in result["checks"] if check["verdict"] in ("BAD", "UNKNOWN"))
    assert "capture.yml" in "\n".join(result["screen"])
    assert GATE.perform(options, Run())["exit_code"] == 11
    assert mark.exists()
    unnamed = GATE.perform({**options, "staging": ["http://127.0.0.1:9/"]}, Run(check=True))
    assert "UNKNOWN" in {check["verdict"] for check in unnamed["checks"]}
    with pytest.raises(Refused, match="point_within"):
        GATE.perform({**options, "point_within": "soon"}, Run())
