"""Recovery points listed, compared, pruned, and gone back to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Recorded, Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.points import history, retention
from ansible_collections.lastgood.recovery.plugins.module_utils.points.listing import INFO, PRUNE
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Points
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.captured_points import NOW, RUN, captured_point, reading

pytestmark = pytest.mark.once


def look(store: Path, **options: Any) -> dict[str, Any]:
    return outcome(INFO, {"store": str(store), "environment_name": "production", "diff": None, **options}, Run())


def prune(store: Path, check: bool = False, **keep: int) -> dict[str, Any]:
    return outcome(PRUNE, {"store": str(store), "environment_name": "production", "keep": keep}, Run(check=check))


def variables(**values: str) -> dict[str, Any]:
    return {"api": {"variables": {name: f"print-{value}" for name, value in values.items()}, "values": values}}


def migrations(*names: str) -> dict[str, Any]:
    return {"api": {"verdict": "IN STEP", "migrations": [{"name": name, "state": "applied"} for name in names]}}


def backup(folder: Path, **rows: int) -> dict[str, Any]:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"tables": {name: {"rows": count} for name, count in rows.items()}}))
    return {"db": {"backup": {"path": str(folder), "rows": sum(rows.values())}}}


def flag(on: bool) -> dict[str, Any]:
    """As the module returns it that has only looked."""
    return {"new-checkout": {"vendor": "LaunchDarkly", "before": on, "after": on}}


def test_two_points_are_compared_by_names_and_counts(tmp_path: Path) -> None:
    store = tmp_path / "incidents"
    one = captured_point(store, {"api": reading("a"), "old": reading("a")}, variables=variables(LOG="1", CUR="2", GONE="3"),
                         migrations=migrations("1"), database=backup(tmp_path / "x", orders=4, users=1), flags=flag(True))
    two = captured_point(store, {"api": reading("b")}, variables=variables(LOG="9", CUR="2", NEW="planted"),
                         migrations=migrations("1", "2"), database=backup(tmp_path / "y", orders=7, users=1), flags=flag(False))
    result = look(store, diff=[one["id"], "newest"])
    assert result["differs"] == {
        "api": {
            "release": {"from": "a", "to": "b"},
            "variables": {"added": ["NEW"], "removed": ["GONE"], "changed": ["LOG"]},
            "migrations": {"added": ["2"]},
        },
        "db": {"counts": {"orders": {"from": 4, "to": 7}}},
        "new-checkout": {"flag": {"from": "on", "to": "off"}},
        "old": {"target": "removed"},
    }
    assert look(store, diff=[two["id"], "newest"])["differs"] == {}
    assert all(len(line) <= 84 for lines in result["screen"] for line in lines.split("\n"))


def test_points_are_found_by_how_they_begin(tmp_path: Path) -> None:
    one, two = captured_point(tmp_path), captured_point(tmp_path)
    found = look(tmp_path)
    assert [row["id"] for row in found["points"]] == sorted([one["id"], two["id"]], key=[one["id"], two["id"]].index)
    assert "several recovery points" in look(tmp_path, diff=["2", "newest"])["msg"]
    assert "there is no recovery point 1999" in look(tmp_path, diff=["1999", "newest"])["msg"]
    assert "two recovery points are compared" in look(tmp_path, diff=["newest"])["msg"]
    assert look(tmp_path, environment_name="staging")["points"] == []


def point(hours: float, **targets: Any) -> dict[str, Any]:
    at = moment.iso(NOW - timedelta(hours=hours))
    return {"id": f"{hours}", "captured_at": at, "targets": targets or {"api": {"release": {"id": "a"}}}}


def test_rules_only_add_up() -> None:
    points = [point(hours) for hours in range(2400, -1, -6)]
    keep = retention.policy({"last": 3, "days": 2, "daily": 10, "weekly": 8})
    found = retention.kept(points, keep, [], NOW)
    young = {each["id"] for each in points if NOW - moment.parse(each["captured_at"]) <= timedelta(days=2)}
    assert young <= set(found)
    days = {moment.parse(each["captured_at"]).date() for each in points if each["id"] in found}
    assert len(days) >= 10
    assert len(found) < 3 + 9 + 10 + 8
    assert found["0"] == "the newest"


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=40, unique=True), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5000))
def test_the_newest_and_what_an_incident_goes_back_to_are_never_pruned(hours: list[int], last: int, weekly: int, opened: int) -> None:
    points = [point(each) for each in sorted(hours, reverse=True)]
    when = NOW - timedelta(hours=opened)
    found = retention.kept(points, retention.policy({"last": last, "weekly": weekly}), [when], NOW)
    assert points[-1]["id"] in found
    earlier = [each for each in points if moment.parse(each["captured_at"]) <= when]
    assert not earlier or earlier[-1]["id"] in found


def test_an_incident_keeps_the_newest_point_of_each_part() -> None:
    both = {"api": {"release": {"id": "a"}, "variables": {"names": {}}}}
    points = [point(9, **both), point(8, **both), point(7), point(1)]
    found = retention.kept(points, retention.policy({"last": 1}), [NOW - timedelta(hours=5)], NOW)
    assert set(found) == {"8", "7", "1"}


@pytest.mark.parametrize("keep", [{}, {"lasts": 3}, {"last": -1}, {"last": "3"}, {"last": True}])
def test_a_policy_that_makes_no_sense_is_refused(keep: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        retention.policy(keep)


def test_pruned_as_predicted_but_not_what_an_open_incident_may_use(tmp_path: Path) -> None:
    made = [captured_point(tmp_path, at=NOW - timedelta(days=each)) for each in (9, 8, 7, 6)]
    times = dict.fromkeys(("opened_at", "bad_at", "good_at"), moment.iso(NOW - timedelta(days=7.5)))
    incident = Store(tmp_path).create(NOW, "edge", {"environment": "production", "scenario": "edge", "state": "started", **times})
    would = prune(tmp_path, check=True, last=1)
    assert would["removed"] == [made[0]["id"]]
    assert len(Points(tmp_path).all()) == 4
    assert prune(tmp_path, last=1)["removed"] == would["removed"]
    incident.update(state="committed")
    assert prune(tmp_path, last=1)["removed"] == [made[1]["id"], made[2]["id"]]
    again = prune(tmp_path, last=1)
    assert (again["changed"], again["removed"]) == (False, [])
    assert [path.name for path in (tmp_path / "points").iterdir()] == [made[3]["id"]]


def test_variables_as_they_were_in_the_newest_point_by_then(tmp_path: Path) -> None:
    ages = {9: "nine", 5: "five", 1: "one"}
    made = {age: captured_point(tmp_path, at=NOW - timedelta(hours=age), variables=variables(LOG=value)) for age, value in ages.items()}
    run = replace(RUN, points=Recorded(str(tmp_path), "production", "api"))
    found = history.variables(run, "Vercel", NOW - timedelta(hours=4))
    assert found == ({"LOG": "five"}, made[5]["id"], made[5]["captured_at"])
    assert history.variables(run, "Vercel", NOW - timedelta(hours=10)) is None
    assert history.variables(run, "Render", NOW) is None, "the target has moved to another vendor since"
    elsewhere = replace(RUN, points=Recorded(str(tmp_path), "staging", "api"))
    assert history.variables(elsewhere, "Vercel", NOW) is None
    path = tmp_path / "points" / made[5]["id"] / "variables" / "api.json"
    path.write_text(json.dumps({"variables": {"LOG": "changed by somebody"}}))
    with pytest.raises(Refused, match="is not what was captured"):
        history.variables(run, "Vercel", NOW - timedelta(hours=4))


def test_a_capture_that_is_gone_is_told_of(tmp_path: Path) -> None:
    for etag in ("E1", "E1", "E2"):
        row = {"distribution": "D", "etag": etag, "modified": "2026-11-22T02:30:00Z", "functions": {}, "config": {"Comment": etag}}
        captured_point(tmp_path, configuration={"cdn": row})
    run = replace(RUN, points=Recorded(str(tmp_path), "production", "cdn"))
    with pytest.raises(Refused, match="is missing"):
        list(history.configurations(run, "D"))
    assert list(history.configurations(run, "other")) == []
    assert list(history.configurations(RUN, "D")) == [], "nobody knows of recovery points"
