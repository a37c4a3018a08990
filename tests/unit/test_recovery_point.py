"""A recovery point is one moment or none, says what it lacks, and is written with its manifest last."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Points

from tests.unit.captured_points import NOW, RUN, begun, captured_point, kept, reading, release

SCHEMA = Path(__file__).parents[2] / "collections/ansible_collections/lastgood/recovery/schemas/recovery_point.schema.json"
pytestmark = pytest.mark.once
BACKUP = {"backup": {"path": "/nowhere/shop/1", "database": "shop", "taken_at": "2026-11-22T02:30:00Z", "tables": 6, "rows": 400}}
NOT_OFFERED = {"error": "NotOffered", "summary": "git has no variables that could be changed; nothing was changed"}
BROKEN = {"error": "NotAuthorised", "summary": "Render knows no such token; nothing was changed", "failed": False}


def points(store: Path) -> list[str]:
    return sorted(path.name for path in (store / "points").glob("*") if path.is_dir())


def test_every_file_is_in_the_manifest(tmp_path: Path) -> None:
    manifest = captured_point(tmp_path, variables={"api": {"variables": {"LOG": "12"}, "values": {"LOG": "x"}}})
    directory = tmp_path / "points" / manifest["id"]
    files = {path.relative_to(directory).as_posix() for path in directory.rglob("*.json")} - {"manifest.json"}
    assert {row["file"] for row in manifest["files"]} == files == {"variables/api.json"}
    assert all(row["sha256"] == hashlib.sha256((directory / row["file"]).read_bytes()).hexdigest() for row in manifest["files"])
    assert '"x"' not in json.dumps(manifest)


def test_without_a_vault_or_while_a_rollback_goes_on_nothing_begins(tmp_path: Path) -> None:
    refused = begun(tmp_path, {}, Run())
    assert (refused["error"], "nothing to encrypt" in refused["msg"]) == ("Refused", True)
    incident = Store(tmp_path).create(NOW, "checkout", {"environment": "production", "opened_at": "2026-11-22T02:38:00Z"})
    lock = Lock(tmp_path, "production")
    lock.take({"by": "maria", "environment": "production", "incident": incident.directory.name, "reason": ""}, 1)
    refused = begun(tmp_path, {})
    assert "maria holds the lock" in refused["msg"]
    assert points(tmp_path) == []
    assert not begun(tmp_path, {}, environment_name="staging").get("failed")


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (reading("b"), "api served a first and b then"),
        (reading("a", held=True), "api new pushes were not held first and held then"),
        (reading("a", release("b", 0.1, good=False, state="BUILDING")), "api b is being deployed (BUILDING)"),
        (reading("a", release("b", 0.1, good=False, state="ERROR")), "api b was made meanwhile"),
    ],
)
def test_what_is_not_one_moment_is_read_again_and_then_refused(tmp_path: Path, last: dict[str, Any], words: str) -> None:
    first = {"api": reading("a")}
    again = kept(tmp_path, begun(tmp_path, first), first, releases={"api": last}, final=False)
    assert (again["again"], again["changed"]) == (True, False)
    assert words in again["summary"]
    refused = kept(tmp_path, begun(tmp_path, first), first, releases={"api": last})
    assert (refused["error"], words in refused["msg"]) == ("Refused", True)
    assert points(tmp_path) == []


def test_a_build_that_everybody_has_forgotten_or_that_failed_stops_nothing(tmp_path: Path) -> None:
    there = reading("a", release("b", 7, good=False, state="QUEUED"), release("c", 1, good=False, state="ERROR"))
    assert captured_point(tmp_path, {"api": there})["complete"]


def test_a_target_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    readings = {"api": reading("a"), "web": BROKEN}
    refused = kept(tmp_path, begun(tmp_path, readings), readings)
    assert "web cannot be read: Render knows no such token; no recovery point was written" in refused["msg"]
    assert points(tmp_path) == []


def test_what_the_vendor_cannot_is_told_apart_from_what_failed(tmp_path: Path) -> None:
    readings = {"api": reading("a"), "site": reading("b")}
    result = kept(tmp_path, begun(tmp_path, readings), readings, variables={"api": BROKEN, "site": NOT_OFFERED})
    assert (result["exit_code"], result["complete"]) == (12, False)
    assert {row["target"]: row["cannot"] for row in result["missing"]} == {"api": False, "site": True}
    assert any("! api: no variables: Render knows no such token" in line for line in result["screen"])
    result = kept(tmp_path, begun(tmp_path, readings), readings, flags={"new-checkout": BROKEN})
    assert (result["exit_code"], [row["what"] for row in result["missing"]]) == (12, ["flags"])
    result = kept(tmp_path, begun(tmp_path, readings), readings, variables={"site": NOT_OFFERED})
    assert (result["exit_code"], result["complete"]) == (0, True)


def test_an_unchanged_world_says_so_and_is_a_point_all_the_same(tmp_path: Path) -> None:
    first = captured_point(tmp_path)
    second = captured_point(tmp_path)
    third = captured_point(tmp_path)
    assert [point["unchanged_since"] for point in (first, second, third)] == [None, first["id"], first["id"]]
    assert captured_point(tmp_path, {"api": reading("b")})["unchanged_since"] is None
    assert captured_point(tmp_path)["unchanged_since"] is None


def test_a_backup_is_taken_when_it_is_due(tmp_path: Path) -> None:
    there = {"api": reading("a")}
    assert begun(tmp_path, there, database="when_changed")["point"]["backup"]
    assert not begun(tmp_path, there, database="never")["point"]["backup"]
    with_backup = captured_point(tmp_path, there, database={"db": BACKUP})
    captured_point(tmp_path, there)
    rests = begun(tmp_path, there, database="when_changed")["point"]
    assert (rests["backup"], with_backup["id"] in rests["backup_why"]) == (False, True)
    assert begun(tmp_path, {"api": reading("b")}, database="when_changed")["point"]["backup"]
    assert begun(tmp_path, there, database="always")["point"]["backup"]
    migrated = {"api": {"verdict": "IN STEP", "migrations": [{"name": "1", "state": "applied"}]}}
    assert begun(tmp_path, there, database="when_changed", migrations=migrated)["point"]["backup"]


def test_a_database_of_ones_own_without_a_place_for_backups_is_missing(tmp_path: Path) -> None:
    there = {"api": reading("a")}
    result = kept(tmp_path, begun(tmp_path, there), there, managed={"db": {"provider": "postgres", "options": {}}})
    assert result["missing"] == [
        {"target": "db", "what": "database", "why": "the inventory has no database.backups.destination", "cannot": False}
    ]


def test_the_manifest_follows_its_schema(tmp_path: Path) -> None:
    row = {"distribution": "D", "etag": "E1", "modified": "2026-11-22T02:30:00.000Z", "functions": {"arn:1": "x"}, "config": {}}
    migrations = {"api": {"verdict": "IN STEP", "migrations": [{"name": "1", "state": "applied"}]}}
    variables = {"api": {"variables": {"LOG": "12"}, "values": {"LOG": "x"}, "unreadable": ["KEY"]}, "site": NOT_OFFERED}
    manifest = captured_point(tmp_path, configuration={"cdn": row}, migrations=migrations, variables=variables, database={"db": BACKUP},
                              objects={"up": {"bucket": "b"}}, managed={"other": {"provider": "neon"}}, label="before c0ffee",
                              flags={"new-checkout": {"vendor": "Unleash", "before": True, "after": True}})
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(manifest)
    assert manifest["targets"].keys() == {"api", "cdn", "db", "new-checkout", "other", "site", "up"}


def test_time_marks_for_what_the_vendor_keeps(tmp_path: Path) -> None:
    managed = {"db": {"provider": "neon", "retention": {"days": 7}}}
    row = captured_point(tmp_path, objects={"up": {"bucket": "b", "region": "r"}}, managed=managed)
    at = row["captured_at"]
    assert row["targets"]["up"]["objects"] == {"bucket": "b", "prefix": "", "region": "r", "at": at}
    assert row["targets"]["db"]["database"] == {"kind": "time mark", "provider": "neon", "at": at, "retention": {"days": 7}}


def test_check_mode_predicts_and_writes_nothing(tmp_path: Path) -> None:
    store, there = tmp_path / "incidents", {"api": reading("a")}
    check = Run(check=True, save=RUN.save)
    result = kept(store, begun(store, there, check), there, check)
    assert (result["changed"], result["point"], store.exists()) == (True, None, False)


def test_a_capture_that_was_cut_off_is_no_point_and_swept_away_after_a_day(tmp_path: Path) -> None:
    left = Path(begun(tmp_path, {})["point"]["directory"])
    assert Points(tmp_path).all() == []
    begun(tmp_path, {})
    assert left.exists()
    old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(left, (old, old))
    begun(tmp_path, {})
    assert not left.exists()


def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    point = captured_point(tmp_path)
    (tmp_path / "points" / point["id"] / "manifest.json").write_text("{")
    newer = captured_point(tmp_path)
    path = tmp_path / "points" / newer["id"] / "manifest.json"
    path.write_text(json.dumps({**newer, "version": 2}))
    found = Points(tmp_path)
    assert found.all() == []
    assert set(found.unreadable) == {point["id"], newer["id"]}
