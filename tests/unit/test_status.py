"""What is said of an environment: nothing that could not be read is passed over."""
from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.status import STATUS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

pytestmark = pytest.mark.once
NOW = datetime.now(UTC)
LONG = "a-name-nobody-would-choose-" * 4


def opened(store: Store, state: str, **fields: Any) -> Incident:
    given = {"environment": "production", "scenario": "checkout", "severity": "P1", "reason": "orders fail",
             "opened_at": moment.iso(NOW - timedelta(minutes=5)), "inventory": "inventories/production", "state": state}
    incident = store.create(NOW, fields.get("scenario", "checkout"), given | fields)
    incident.journal.append("opened", by="maria")
    return incident


def reading(commit: str = "c0ffe", **more: Any) -> dict[str, Any]:
    release = Release("dpl_1", commit * 8, NOW - timedelta(days=2), NOW - timedelta(days=1), True, title="New form")
    return {"serving": release.as_dict(), "releases": [], "held": True, "holds": True, "vendor": "Vercel", "failed": False, **more}


def look(store: Path, readings: dict[str, Any] | None = None, check: bool = False, **options: Any) -> tuple[dict[str, Any], str]:
    """The result, and the screen on one line."""
    given = {"store": str(store), "environment_name": "production", "environment_title": None, "file": None,
             "contacts": {}, "escalation": [],
             "readings": {"shop": reading()} if readings is None else readings, **options}
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    result = outcome(STATUS, given, Run(check=check))
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file() and str(path) != options.get("file")} == before
    assert result["changed"] is False
    return result, " ".join("\n".join(result["screen"]).split())


def test_nothing_is_going_on(tmp_path: Path) -> None:
    result, screen = look(tmp_path / "none")
    assert result["exit_code"] == 0
    assert f"shop c0ffec0 {moment.short(NOW - timedelta(days=1))} held No incident is going on. Nobody holds the lock." in screen
    assert not (tmp_path / "none").exists()


def test_what_a_target_serves(tmp_path: Path) -> None:
    incident = opened(Store(tmp_path), "committed", condemned={"shop": {"c0ffe" * 8: moment.iso(NOW)}}, verdict="RESTORED")
    incident.journal.append("verdict", verdict="RESTORED")
    readings = {"shop": reading(held=False), "api": reading("4be11", holds=False), "new": reading(serving=None)}
    readings["uploads"] = {"skipped": True}
    result, screen = look(tmp_path, readings)
    assert result["exit_code"] == 0
    for words in ("! shop c0ffec0", "go live condemned", "cannot be held", "new nothing — held", "without releases: uploads",
                  "The last: RESTORED, ", ", committed, "):
        assert words in screen
    told = {target["target"]: target for target in result["status"]["targets"]}
    assert (told["shop"]["held"], told["api"]["held"], told["uploads"]["read"]) == (False, None, None)
    assert told["shop"]["condemned_at"]
    assert not told["api"]["condemned_at"]


@pytest.mark.parametrize("bad", [
    {"failed": False, "msg": "no; nothing was changed. Use another.", "summary": "the token was refused; nothing was changed"},
    {"unreachable": True, "msg": "the token was refused"}, {}, None, {"msg": LONG * 3},
])
def test_a_target_that_cannot_be_read_is_named_and_the_exit_code_says_so(tmp_path: Path, bad: Any) -> None:
    result, screen = look(tmp_path, {"shop": bad, "api": reading()})
    assert (result["exit_code"], result["unread"]) == (12, ["shop"])
    assert "? shop cannot be read: " in screen
    assert "nothing was changed" not in screen
    assert result["summary"] == "1 of 2 targets read, not shop"


@pytest.mark.parametrize(("state", "next_steps"), [
    ("started", ["playbooks/rollback-edge.yml", "playbooks/undo.yml -e scenario=edge"]),
    ("rolled_back", ["playbooks/commit.yml -e scenario=edge", "playbooks/undo.yml -e scenario=edge"]),
    ("awaiting_approval", ["edge", "playbooks/rollback-edge.yml"]),
])
def test_an_incident_that_is_going_on_and_what_to_type(tmp_path: Path, state: str, next_steps: list[str]) -> None:
    incident = opened(Store(tmp_path), state, scenario="edge", approve_until=moment.iso(NOW + timedelta(minutes=30)))
    incident.journal.append("approval_missing", missing={"cto": 1})
    result, screen = look(tmp_path)
    (told,) = result["status"]["incidents"]
    assert 300 <= told["age"] <= 301 + (datetime.now(UTC) - NOW).total_seconds()
    assert [step["command"].endswith(end) for step, end in zip(told["next"], next_steps, strict=True)] == [True, True]
    assert all(step["command"] in screen for step in told["next"])
    assert (f"awaits 1 cto until {NOW + timedelta(minutes=30):%H:%M} UTC" in screen) is (state == "awaiting_approval")
    people = {"people": [{"role": "cto", "phone": "+1 555 0102"}, {"role": "lead", "slack": "@ken"}], "on_call": "https://pager.test"}
    _result, screen = look(tmp_path, contacts=people, escalation=[{"after": 0, "to": "lead"}])
    called = "Call cto: +1 555 0102" if state == "awaiting_approval" else "Call lead: @ken (who is on call: https://pager.test)"
    assert called in screen
    assert "On call: https://pager.test" in screen
    assert look(tmp_path, environment_name="staging")[0]["status"]["incidents"] == []


def test_who_holds_the_lock(tmp_path: Path) -> None:
    lock = Lock(tmp_path, "production")
    lock.take({"by": "maria", "environment": "production", "incident": "2026-11-22-checkout", "reason": ""}, os.getpid())
    _result, screen = look(tmp_path)
    assert f"maria holds the lock for 2026-11-22-checkout (process {os.getpid()} on " in screen
    lock.path.write_text("{")
    result, screen = look(tmp_path)
    assert result["exit_code"] == 12
    assert "? the lock " in screen


def test_an_incident_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "2026-11-22-checkout").mkdir()
    result, screen = look(tmp_path)
    assert result["exit_code"] == 12
    assert "? 2026-11-22-checkout: it has no incident.yml" in screen


def test_the_screen_is_short_and_narrow(tmp_path: Path) -> None:
    opened(Store(tmp_path), "started", reason=LONG.replace("-", " "))
    opened(Store(tmp_path), "rolled_back", scenario="edge", verdict="NOT RESTORED")
    readings = {f"{LONG}{number}": reading() for number in range(5)} | {"api": {"failed": False, "msg": "the token was refused"}}
    result, _screen = look(tmp_path, readings)
    lines = "\n".join(result["screen"]).split("\n")
    assert len(lines) <= 20
    assert [line for line in lines if len(line) > 80 and not line.startswith("    ansible-playbook ")] == []


def test_the_same_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    look(tmp_path, file=str(file), check=True)
    assert not file.exists()
    result, _screen = look(tmp_path, file=str(file))
    assert json.loads(file.read_text()) == result["status"]


def test_a_store_that_is_out_of_reach_does_not_hide_what_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    bucket = "s3://incidents/team?region=eu-west-1&endpoint_url=http://127.0.0.1:9"
    nothing: dict[str, Any] = {"environment_title": None, "file": None, "contacts": {}, "escalation": []}
    given = {"store": bucket, "environment_name": "production", **nothing, "readings": {"shop": reading()}}
    result = outcome(STATUS, given, Run())
    assert result["exit_code"] == 12
    screen = " ".join("\n".join(result["screen"]).split())
    assert "shop c0ffec0" in screen
    assert "? the incident store: " in screen
