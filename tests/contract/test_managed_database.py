"""A managed database goes back beside the one that serves, is proved on a real server, and what served is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport

from sandbox.testing import ROOT, Box
from tests.contract.bench import printed_by
from tests.contract.databases import DATABASES, Database
from tests.postgres.clusters import PLACES, Cluster, Missing, running
from tests.vendor_proxy import LOST, Exchange, Proxy, afterwards, answering

pytestmark = pytest.mark.once
GOOD, LATER = 5, 3
TABLE = f"""
CREATE TABLE orders (id int PRIMARY KEY, written_at timestamptz NOT NULL);
INSERT INTO orders SELECT n, now() - interval '1 hour' FROM generate_series(1, {GOOD}) n;
INSERT INTO orders SELECT n, now() - interval '1 minute' FROM generate_series({GOOD} + 1, {GOOD + LATER}) n"""
ORDERS = {"name": "orders", "min_rows": GOOD, "max_rows": GOOD, "newest": "written_at", "no_older_than": 7200}


@dataclass
class Bench:
    """One vendor's database, asked through the real module and looked at as applications do."""

    database: Database
    box: Box
    server: Cluster

    def run(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return printed_by(self.database.module.main, check, **self.given(**options))

    def given(self, **options: Any) -> dict[str, Any]:
        return {"poll": 0.05, "timeout": 10, "health_timeout": 1, **self.database.options(self.box), **options}

    def rows(self) -> int:
        """How many orders applications see."""
        with psycopg.connect(self.database.serves(self.box)) as client:
            row = client.execute("SELECT count(*) FROM orders").fetchone()
        return row[0] if row else 0

    def frozen(self) -> Any:
        """All that the vendor remembers, without the steps it takes by itself."""
        return self.box.state()[self.database.name]


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    try:
        yield from running(max(major for major, place in PLACES.items() if (place / "postgres").exists()))
    except (Missing, ValueError) as reason:
        pytest.skip(f"no PostgreSQL here: {reason}")


@pytest.fixture(params=DATABASES, ids=str)
def bench(request: pytest.FixtureRequest, box: Box, server: Cluster) -> Bench:
    """As it is after a bad hour: the last few orders were written by the release that broke them."""
    database: Database = request.param
    server.clear()
    server.run(f'CREATE DATABASE "{database.real}"')
    server.run(TABLE, database.real)
    box.control("databases", server=server.url())
    database.arrange(box)
    return Bench(database, box, server)


def ago(**past: float) -> str:
    return (datetime.now(UTC) - timedelta(**past)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_back_to_a_moment_and_once_only(bench: Bench) -> None:
    then = ago(minutes=20)
    assert bench.rows() == GOOD + LATER

    done = bench.run(good_at=then, expectations=[ORDERS], checks=["indexes"])

    assert (done.get("changed"), done.get("failed")) == (True, None), done
    assert bench.rows() == GOOD
    assert done["serves"]["holds"] == then.replace("Z", ".000Z")
    assert done["kept"]["name"] in done["summary"]
    assert 1190 < done["loss"]["seconds"] < 1260
    assert {one["verdict"] for one in done["checks"]} == {"OK"}
    before = bench.frozen()
    again = bench.run(good_at=then, expectations=[ORDERS])
    assert (again["changed"], "already" in again["summary"]) == (False, True), again
    assert bench.frozen() == before


def test_check_mode_predicts_and_changes_nothing(bench: Bench) -> None:
    then, before = ago(minutes=20), bench.frozen()

    predicted = bench.run(check=True, good_at=then)

    assert bench.frozen() == before
    done = bench.run(good_at=then)
    assert (predicted["changed"], predicted["diff"]) == (True, done["diff"])
    assert predicted["loss"]["since"] == done["loss"]["since"]
    assert predicted["summary"].startswith("would serve ")


def test_what_was_kept_serves_again_and_the_moment_after_that(bench: Bench) -> None:
    then = ago(minutes=20)
    bench.run(good_at=then)

    undone, again = bench.run(undo=True), bench.run(undo=True)

    assert (undone["changed"], again["changed"]) == (True, False), (undone, again)
    assert bench.rows() == GOOD + LATER
    assert bench.run(good_at=then)["changed"]
    assert bench.rows() == GOOD
    assert bench.run(undo=True)["changed"]
    assert bench.rows() == GOOD + LATER


def test_nothing_is_kept_from_before(bench: Bench) -> None:
    result = bench.run(undo=True)

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Refused", True)


def test_outside_the_window(bench: Bench) -> None:
    before = bench.frozen()

    early, late = bench.run(good_at=bench.database.too_early), bench.run(good_at=ago(days=-1))

    assert (early["error"], late["error"]) == ("NotRestorable", "Refused")
    assert "too long ago" in early["msg"]
    assert "nothing was changed" in early["msg"]
    assert bench.frozen() == before


def test_more_would_be_lost_than_is_allowed(bench: Bench) -> None:
    before = bench.frozen()

    result = bench.run(good_at=ago(minutes=20), max_loss=60)

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Refused", True)
    assert result["loss"]["seconds"] > 1190
    assert bench.frozen() == before


def test_what_is_prepared_serves_only_when_it_is_asked_to(bench: Bench) -> None:
    then = ago(minutes=20)

    first, second = bench.run(good_at=then, serve=False), bench.run(good_at=then, serve=False)

    assert (first["changed"], second["changed"]) == (True, False), (first, second)
    assert bench.rows() == GOOD + LATER
    made = bench.server.databases()
    assert bench.run(good_at=then)["changed"]
    assert bench.rows() == GOOD
    assert len(bench.server.databases()) <= len(made) + 1  # Neon keeps what was in a branch of its own


def test_what_is_not_as_expected_never_serves(bench: Bench) -> None:
    wrong = bench.run(good_at=ago(minutes=20), expectations=[{**ORDERS, "min_rows": 1000, "max_rows": None}])
    unwell = bench.run(good_at=ago(minutes=20), health_query="SELECT count(*) > 1000 FROM orders")

    assert (wrong["error"], unwell["error"]) == ("Incomplete", "Incomplete")
    assert f"orders: rows: {GOOD} rows" in wrong["msg"]
    assert bench.rows() == GOOD + LATER


def test_what_is_not_well_once_it_serves_goes_back(bench: Bench) -> None:
    """The query is content with every database but the one that applications get, once the later orders are gone from it."""
    name = bench.database.serves(bench.box).rpartition("/")[2]
    seen = f"SELECT (SELECT count(*) FROM orders) > {GOOD} OR current_database() <> '{name}'"
    if bench.database.name != "neon":
        pytest.skip("what was prepared is what serves: it was asked the same question before")

    result = bench.run(good_at=ago(minutes=20), health_query=seen)

    assert result["error"] == "ActivationFailed"
    assert "serves again as it did" in result["msg"]
    assert bench.rows() == GOOD + LATER


def test_the_vendor_gives_up_preparing(bench: Bench) -> None:
    bench.box.control("fail", target=bench.database.target)

    failed = bench.run(good_at=ago(minutes=20))

    assert failed["error"] == "ActivationFailed"
    assert "is removed" in failed["msg"] or "nothing was made" in failed["msg"]
    assert bench.rows() == GOOD + LATER
    assert bench.run(good_at=ago(minutes=20))["changed"]
    assert bench.rows() == GOOD


def test_the_vendor_gives_up_when_it_should_serve(bench: Bench) -> None:
    then = ago(minutes=20)
    bench.run(good_at=then, serve=False)
    bench.box.control("fail", target=bench.database.switched or bench.database.target, times=bench.database.fails)

    failed = bench.run(good_at=then)

    assert failed["error"] == "ActivationFailed", failed
    assert bench.rows() == GOOD + LATER
    assert bench.run(good_at=then)["changed"]
    assert bench.rows() == GOOD


def test_two_at_once(bench: Bench) -> None:
    """One of them does it, or both stop; never do both of them."""
    then = ago(minutes=20)
    bench.run(good_at=then, serve=False)
    bench.box.set_latency(**{bench.database.name: 0.3})
    processes = [_started([bench.database.name, bench.given(good_at=then)]) for _ in range(2)]

    results = [json.loads(_ended(process)) for process in processes]

    bench.box.set_latency(vendors=0)
    assert sum(result["changed"] and not result.get("failed") for result in results) <= 1, results
    assert not bench.run(good_at=then).get("failed")
    assert bench.rows() == GOOD
    bench.run(undo=True)
    assert bench.rows() == GOOD + LATER


def test_a_vendor_that_never_finishes(bench: Bench) -> None:
    then = ago(minutes=20)
    bench.box.control("stuck", target=bench.database.target)
    assert bench.run(good_at=then, timeout=0.3)["error"] == "TimedOut"
    bench.box.control("stuck", target=bench.database.target, on=False)

    assert bench.run(good_at=then)["changed"]

    assert bench.rows() == GOOD


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_run_that_was_killed_is_run_again(bench: Bench, number: int) -> None:
    """After each of the calls that change something."""
    then = ago(minutes=20)
    changes: list[Exchange] = []

    def last(exchange: Exchange) -> bool:
        changes.extend([exchange] if exchange.changes else [])
        return exchange.changes and len(changes) == number

    with Proxy(_vendor(bench), afterwards(last, lambda: process.kill())) as proxy:
        given = {**bench.given(good_at=then), **_through(bench, proxy)}
        process = _started([bench.database.name, given])
        _ended(process)
    assert process.returncode == -signal.SIGKILL

    again = bench.run(good_at=then)

    assert not again.get("failed"), again
    assert bench.rows() == GOOD
    assert not bench.run(good_at=then)["changed"]
    assert bench.run(undo=True)["changed"]
    assert bench.rows() == GOOD + LATER, "what was written in between is still there: nothing was taken back twice"


def _started(given: list[Any]) -> subprocess.Popen[str]:
    """The module in a process of its own, which can be killed."""
    script = "import sys, json; from tests.contract.test_managed_database import as_process; as_process(*json.loads(sys.argv[1]))"
    command = [sys.executable, "-c", script, json.dumps(given)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


def _ended(process: subprocess.Popen[str]) -> str:
    """What it printed; nothing when it was killed."""
    with process:
        try:
            return process.communicate(timeout=60)[0]
        finally:
            process.kill()


def as_process(name: str, options: dict[str, Any]) -> None:
    print(json.dumps(printed_by(next(one for one in DATABASES if one.name == name).module.main, **options)))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_lost_answer_is_looked_for(bench: Bench, number: int) -> None:
    changes: list[Exchange] = []

    def nth(exchange: Exchange) -> bool:
        changes.extend([exchange] if exchange.changes else [])
        return exchange.changes and len(changes) == number

    with Proxy(_vendor(bench), answering(LOST, to=nth, times=1, heard=True)) as proxy:
        result = bench.run(good_at=ago(minutes=20), **_through(bench, proxy))

    assert not result.get("failed"), result
    assert bench.rows() == GOOD
    asked = [(exchange.method, exchange.path, exchange.body) for exchange in changes]
    assert len(asked) == len(set(asked)), "nothing that was done is asked for again"


def test_a_bad_token_and_a_target_out_of_reach(bench: Bench) -> None:
    before = bench.frozen()
    wrong: dict[str, Any] = {bench.database.secret: "planted-secret"}

    refused, away = bench.run(good_at=ago(minutes=20), **wrong), bench.run(good_at=ago(minutes=20), reach={})

    assert (refused["error"], away["error"]) == ("NotAuthorised", "OutOfReach")
    assert all("nothing was changed" in result["msg"] for result in (refused, away))
    assert "planted-secret" not in str(refused)
    assert bench.frozen() == before


def test_no_password_in_any_result(bench: Bench) -> None:
    with bench.server.connect() as connection:
        connection.execute("CREATE ROLE planted SUPERUSER LOGIN PASSWORD 'planted-password'")
    bench.box.control("databases", server=bench.server.url(user="planted", password="planted-password"))

    results = [bench.run(good_at=ago(minutes=20)), bench.run(undo=True), bench.run(good_at=ago(minutes=20), health_query="SELECT oops")]

    assert [result.get("error") for result in results] == [None, None, "Incomplete"], results
    assert "planted-password" not in str(results)


def test_a_vendor_that_is_down(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01, 0.01))
    bench.box.control("outage", vendor=bench.database.name)

    result = bench.run(good_at=ago(minutes=20))

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Unavailable", True)


def test_something_has_to_be_asked_for(bench: Bench) -> None:
    assert "one of the following is required" in bench.run()["msg"]
    assert "mutually exclusive" in bench.run(good_at="02:37", undo=True)["msg"]


def _vendor(bench: Bench) -> str:
    return bench.box.vendor_url(bench.database.name)


def _through(bench: Bench, proxy: Proxy) -> dict[str, Any]:
    """Every address of the vendor leads to the proxy."""
    given = {name: value for name, value in bench.given().items() if isinstance(value, str)}
    return {name: value.replace(_vendor(bench), proxy.url) for name, value in given.items() if value.startswith("http")}
