"""Netlify's variables when answers get lost or a run dies, at every call that changes something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport

from tests.contract.bench import Bench
from tests.contract.test_netlify_variable_traps import address, lock, published, put, values
from tests.contract.vendors import VENDORS
from tests.vendor_proxy import Answer, Exchange, Forward, Proxy

pytestmark = [
    pytest.mark.once,
    pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "netlify"], indirect=True, ids=str),
]
WANTED = {"LOG_LEVEL": None, "CURRENCY": "planted-secret", "NEW_SEARCH": "another-planted-secret"}
CALLS = {True: 10, False: 8}
"""That change something, by whether the site is locked: one value set, one variable created, four copied and one removed, a build;
then publishing, and the lock."""


@pytest.fixture
def proxy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01,))
    with Proxy(address(bench)) as proxy:
        yield proxy


class Trouble:
    """From the Nth change on: its answer is lost, and after that nothing passes any more if the run C(dies)."""

    def __init__(self, number: int, heard: bool, dies: bool) -> None:
        self.left, self.heard, self.dies, self.dead = number, heard, dies, False

    def __call__(self, exchange: Exchange, forward: Forward) -> Answer:
        if self.dead:
            return Answer(502)
        if exchange.changes:
            self.left -= 1
            if self.left == 0:
                self.dead = self.dies
                if self.heard:
                    forward()
                return Answer(502)
        return forward()


def run(bench: Bench, proxy: Proxy, trouble: Trouble | None = None) -> dict[str, Any]:
    proxy.begin(trouble)
    result = put(bench, variables=WANTED, api_url=proxy.url)
    assert "planted-secret" not in str(result)
    return result


def changes(proxy: Proxy) -> list[str]:
    return [f"{exchange.method} {exchange.path} {exchange.body.decode()}" for exchange in proxy.changes]


def as_wanted(bench: Bench, code: str) -> None:
    env = published(bench)["env"]
    assert (env.get("LOG_LEVEL"), env["CURRENCY"], env["NEW_SEARCH"]) == (None, "planted-secret", "another-planted-secret")
    assert values(bench, "CURRENCY")["deploy-preview"] == "XTS"
    assert values(bench, "LOG_LEVEL") == dict.fromkeys(("dev", "dev-server", "branch-deploy", "deploy-preview"), "info")
    assert bench.served() == code


@pytest.mark.parametrize("locked", [True, False])
def test_how_many_calls_there_are(bench: Bench, proxy: Proxy, locked: bool) -> None:
    if locked:
        lock(bench)

    run(bench, proxy)

    assert len(changes(proxy)) == CALLS[locked], changes(proxy)


@pytest.mark.parametrize("heard", [True, False], ids=["heard", "lost on the way"])
@pytest.mark.parametrize("number", range(1, CALLS[True] + 1))
def test_a_lost_answer_is_read_back_and_nothing_is_done_twice(bench: Bench, proxy: Proxy, number: int, heard: bool) -> None:
    code = lock(bench)["commit"]
    before = len(bench.releases())

    result = run(bench, proxy, Trouble(number, heard, dies=False))

    assert not result.get("failed"), result
    as_wanted(bench, code)
    assert published(bench)["locked"]
    assert len(bench.releases()) == before + 1
    if heard:
        assert len(changes(proxy)) == len(set(changes(proxy))) == CALLS[True]


@pytest.mark.parametrize("heard", [True, False], ids=["after", "before"])
@pytest.mark.parametrize(("locked", "number"), [(locked, number) for locked, calls in CALLS.items() for number in range(1, calls + 1)])
def test_a_run_that_died_is_made_up_for_by_the_next(bench: Bench, proxy: Proxy, number: int, heard: bool, locked: bool) -> None:
    if locked:
        lock(bench)
    code, before = bench.served(), len(bench.releases())

    died = run(bench, proxy, Trouble(number, heard, dies=True))
    assert died["failed"]
    result = run(bench, proxy)

    assert not result.get("failed"), result
    as_wanted(bench, code)
    assert len(bench.releases()) == before + 1
    again = run(bench, proxy)
    assert (again["changed"], changes(proxy)) == (False, [])
