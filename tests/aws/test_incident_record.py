"""The record of all incidents, and the status, where the store is a bucket that several machines share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.readiness import ARGUMENTS as READINESS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.readiness import ASSESS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.writing import RECORD
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.status import STATUS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import write
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome

from tests.aws.stores import TroubledS3, World, world_of
from tests.aws.test_incident_store import opened
from tests.browser.crafted import journal

pytestmark = pytest.mark.once


@pytest.fixture(params=["file", "s3"])
def world(request: pytest.FixtureRequest, troubled: TroubledS3, nobody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    troubled.empty()
    return world_of(request.param, troubled, tmp_path, monkeypatch)


def record(world: World, machine: str, check: bool = False, **options: Any) -> dict[str, Any]:
    world.store(machine)
    given = {"store": world.place, "incident": None, "objectives": {}, "drill_environments": [], **options}
    return outcome(RECORD, given, Run(check=check))


def test_another_machine_has_nothing_to_add(world: World) -> None:
    incident = opened(world.store("one"), state="started")
    for event in journal():
        incident.journal.append(**{key: value for key, value in event.items() if key not in ("at", "run")})
    incident.update(state="rolled_back", verdict="RESTORED")
    name = incident.directory.name

    foreseen = record(world, "two", check=True, incident=name)
    done = record(world, "three", incident=name)
    assert foreseen["changed"]
    assert done["changed"]
    assert [Path(path).name for path in foreseen["written"]] == [Path(path).name for path in done["written"]]
    assert {"index.html", "rollback-log.csv", "lessons.md", "report.html"} <= {Path(path).name for path in done["written"]}

    if world.s3:
        found = world.store("four").mirror
        page = found.read(Path("index.html")) if found else None
        assert page
        assert f'href="../incidents/{name}/report.html"' in page.decode()

    again = record(world, "four", incident=name)
    assert (again["changed"], again["written"]) == (False, [])
    lessons = world.store("five").find(name).directory / "lessons.md"
    write(lessons, lessons.read_text() + "\n## Root Cause\n\nA typo.\n")
    assert "1 without a root cause" in " ".join(again["screen"])
    told = record(world, "six")
    assert told["changed"]
    assert lessons.name not in {Path(path).name for path in told["written"]}


def test_the_status_is_that_of_the_bucket_and_writes_nothing(world: World) -> None:
    opened(world.store("one"), state="started").journal.append("opened", by="maria")
    world.store("two")
    before = world.s3.writes if world.s3 else 0
    options: dict[str, Any] = {"store": world.place, "environment_name": "production", "environment_title": None, "file": None}
    options |= {"contacts": {}, "escalation": []}
    result = outcome(STATUS, options | {"readings": {}}, Run())
    assert result["exit_code"] == 0, result
    assert [incident["id"] for incident in result["status"]["incidents"]] == ["2026-11-22-checkout"]
    assert (world.s3.writes if world.s3 else 0) == before


def test_what_was_found_each_night_is_kept_there_too(world: World) -> None:
    world.store("one")
    limits = dict.fromkeys(("backup_within", "point_within", "kept_for"), 60.0)
    given = {**{name: option.get("default") for name, option in READINESS.items()}, "environment_name": "production", "limits": limits}
    result = outcome(ASSESS, given | {"store": world.place}, Run())
    assert {check["name"]: check["verdict"] for check in result["checks"]} == {
        "lock": "OK",
        "recovery point": "BAD",
        "incident store": "OK",
    }
    store = world.store("one")
    assert len(list((store.root / "readiness").glob("*-production.json"))) == 1
    if store.mirror:
        assert [key.rpartition("-")[2] for key in store.mirror.bucket.listed("readiness/")] == ["production.json"]
    assert world.store("two").names() == []
