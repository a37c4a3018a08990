"""A managed database that is taken back while something goes wrong: what serves stays, or the same command sees it through.

By default a run is killed after the second call that changes something; LASTGOOD_EVERY_CRASH=1 kills it after each of them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport

from sandbox.testing import ROOT
from tests.contract.bench import printed_by
from tests.contract.database_bench import GOOD, LATER, Bench, ago, bench
from tests.contract.databases import DATABASES
from tests.vendor_proxy import LOST, Exchange, Proxy, afterwards, answering

__all__ = ["bench"]
pytestmark = pytest.mark.once
EVERY = os.environ.get("LASTGOOD_EVERY_CRASH")


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
    done = [result for result in results if result["changed"] and not result.get("failed") and result["prepared"]]
    assert len(done) <= 1, results
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


@pytest.mark.parametrize("number", [1, 2, 3] if EVERY else [2])
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
    script = "import sys, json; from tests.contract.test_managed_database_faults import as_process; as_process(*json.loads(sys.argv[1]))"
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


@pytest.mark.parametrize("number", [1, 2, 3] if EVERY else [1, 2])
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


def _vendor(bench: Bench) -> str:
    return bench.box.vendor_url(bench.database.name)


def _through(bench: Bench, proxy: Proxy) -> dict[str, Any]:
    """Every address of the vendor leads to the proxy."""
    given = {name: value for name, value in bench.given().items() if isinstance(value, str)}
    return {name: value.replace(_vendor(bench), proxy.url) for name, value in given.items() if value.startswith("http")}
