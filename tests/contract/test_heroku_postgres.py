"""What only Heroku's databases do: backups into an empty add-on, names that others gave, plans without a rollback."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.testing import Box
from tests.contract.database_bench import GOOD, LATER, TABLE, Bench, ago
from tests.contract.databases import DATABASES, HEROKU_SEEDED
from tests.postgres.clusters import Cluster

pytestmark = pytest.mark.once


@pytest.fixture
def bench(box: Box, server: Cluster) -> Bench:
    server.clear()
    server.run(f'CREATE DATABASE "{HEROKU_SEEDED}"')
    server.run(TABLE, HEROKU_SEEDED)
    box.control("databases", server=server.url())
    return Bench(next(one for one in DATABASES if one.name == "heroku"), box, server)


def data(bench: Bench, method: str, path: str, body: Any = None) -> Any:
    """As a person would ask Heroku."""
    headers = {"Authorization": "Bearer sandbox-heroku-token", "Accept": "application/vnd.heroku+json; version=3"}
    answer = requests.request(method, bench.box.vendor_url("heroku") + path, json=body, headers=headers, timeout=10)
    answer.raise_for_status()
    return answer.json()


def captured(bench: Bench) -> None:
    """A backup of now, and one more order after it."""
    data(bench, "POST", f"/client/v11/databases/{HEROKU_SEEDED}/backups")
    data(bench, "GET", "/client/v11/apps/accounts/transfers")
    bench.server.run("INSERT INTO orders VALUES (99, now())", HEROKU_SEEDED)


def test_back_to_a_backup(bench: Bench) -> None:
    captured(bench)
    assert bench.rows() == GOOD + LATER + 1

    done, again = bench.run(backup="b001"), bench.run(backup="b001")

    assert (done["changed"], again["changed"]) == (True, False), (done, again)
    assert bench.rows() == GOOD + LATER
    assert bench.run(undo=True)["changed"]
    assert bench.rows() == GOOD + LATER + 1


def test_a_backup_that_could_not_be_restored_never_serves(bench: Bench) -> None:
    captured(bench)
    assert bench.run(backup="b007")["error"] == "NotRestorable"
    bench.box.set_latency(**{"heroku.transfer": 0.3})
    made = data(bench, "POST", "/apps/accounts/addons", {"plan": "heroku-postgresql:standard-0", "name": f"{HEROKU_SEEDED}-of-b001"})

    result = bench.run(backup="b001")  # an add-on by its name, and nothing in it: as after a run that was cut off

    assert result["changed"], result
    assert result["serves"]["id"] != made["id"]
    assert bench.rows() == GOOD + LATER


def test_a_plan_without_a_rollback_goes_back_to_the_newest_backup_before(bench: Bench) -> None:
    for addon in bench.frozen()["addons"].values():
        assert addon["plan"].endswith("standard-0")
    bench.box.control("plan", target="accounts", plan="hobby")
    bench.box.set_latency(**{"heroku.rounding": 1})  # whole seconds, as the vendor shows them, and as a moment is asked for
    try:
        captured(bench)
        early, result = bench.run(good_at=ago(minutes=20)), bench.run(good_at=ago())
    finally:
        bench.box.set_latency(**{"heroku.rounding": 0})

    assert (early["error"], "backups only" in early["msg"]) == ("NotRestorable", True), early
    assert result["changed"], result
    assert result["serves"]["name"].endswith("-of-b001")
    assert result["window"] == [None, None]


def test_a_name_that_somebody_gave_is_no_place_to_go_back_to(bench: Bench) -> None:
    data(bench, "POST", "/apps/accounts/addons", {"plan": "heroku-postgresql:standard-0", "name": "reporting-db"})
    data(bench, "POST", "/addon-attachments", {"app": "accounts", "addon": "reporting-db", "name": "REPORTING"})

    assert "nothing is kept" in bench.run(undo=True)["msg"]
    assert bench.run(place="nowhere")["error"] == "Refused"
    assert bench.run(check=True, place="reporting-db")["changed"]


def test_what_is_kept_gets_the_name_that_was_given(bench: Bench) -> None:
    bench.run(good_at=ago(minutes=20), keep_as="accounts-before")

    names = {row["name"] for row in bench.frozen()["attachments"].values()}

    assert "ACCOUNTS_BEFORE" in names
    assert bench.run(place=HEROKU_SEEDED)["changed"]
    assert bench.rows() == GOOD + LATER
