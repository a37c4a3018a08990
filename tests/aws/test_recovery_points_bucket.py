"""Recovery points in a bucket: captured on one machine, compared, gone back to and pruned on another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Recorded, Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.points import history
from ansible_collections.lastgood.recovery.plugins.module_utils.points.listing import INFO, PRUNE
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Points

from tests.aws.stores import TroubledS3, served
from tests.postgres.s3 import BUCKET, KEYS
from tests.unit.captured_points import NOW, RUN, captured_point, reading

pytestmark = pytest.mark.once
STORE = f"s3://{BUCKET}/shop"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[TroubledS3]:
    monkeypatch.setenv("AWS_REGION", KEYS["region"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS["secret_key"])
    with served() as made:
        made.empty()
        monkeypatch.setenv("AWS_URL", made.url)
        yield made


def keys(s3: TroubledS3, point: str = "") -> set[str]:
    rows = s3.client.list_objects_v2(Bucket=BUCKET, Prefix="shop/points/").get("Contents", [])
    return {row["Key"].removeprefix("shop/points/") for row in rows if point in row["Key"]}


def told(**options: Any) -> dict[str, Any]:
    return outcome(INFO, {"store": STORE, "environment_name": "production", "diff": None, **options}, Run())


def test_one_machine_captures_and_others_use_it(s3: TroubledS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def on(machine: str) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / machine))

    def variables(value: str) -> dict[str, Any]:
        return {"api": {"variables": {"LOG": f"print-{value}"}, "values": {"LOG": value}}}

    on("one")
    old = captured_point(STORE, {"api": reading("a")}, at=NOW - timedelta(days=9), variables=variables("old"))
    new = captured_point(STORE, {"api": reading("b")}, variables=variables("new"))
    assert keys(s3, old["id"]) == {f"{old['id']}/manifest.json", f"{old['id']}/variables/api.json"}

    on("two")
    assert [row["id"] for row in told()["points"]] == [old["id"], new["id"]]
    compared = told(diff=[old["id"], "newest"])["differs"]["api"]
    assert compared == {"release": {"from": "a", "to": "b"}, "variables": {"changed": ["LOG"]}}
    Store(STORE).names()  # what makes the mirror the same as the bucket's incidents leaves recovery points alone
    run = replace(RUN, points=Recorded(STORE, "production", "api"))
    when = NOW - timedelta(days=1)
    assert history.variables(run, "Vercel", when) == ({"LOG": "old"}, old["id"], old["captured_at"])

    s3.down = True
    assert history.variables(run, "Vercel", when) == ({"LOG": "old"}, old["id"], old["captured_at"]), "what is here is as good"
    s3.down = False

    given = {"store": STORE, "environment_name": "production", "keep": {"last": 1}}
    assert outcome(PRUNE, given, Run(check=True))["removed"] == [old["id"]]
    assert len(Points(STORE).all()) == 2
    assert outcome(PRUNE, given, Run())["removed"] == [old["id"]]
    assert keys(s3, old["id"]) == set()
    on("one")
    assert [row["id"] for row in told()["points"]] == [new["id"]]
