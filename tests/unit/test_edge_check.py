"""Whether every address of an edge serves what it should: asked of servers on loopback addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.edge.addresses import Address, addresses_of
from ansible_collections.lastgood.recovery.plugins.module_utils.edge.check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.modules import edge_check

from sandbox.testing import free_ports
from tests.contract.bench import printed_by
from tests.unit.fake_edge import Headers, Pop, certificate, serving

GOOD: Headers = {"x-edge-version": "headers:7"}
STALE: Headers = {"x-edge-version": "headers:8"}
URL = "http://shop.rachelfoods.test/assets/app.js?v=1"
PROBE = {"name": "header function", "url": URL, "expect": {"header": {"x-edge-version": "^headers:7$"}}}


class Edge:
    def __init__(self, stack: ExitStack) -> None:
        self.stack, self.pops = stack, list[Pop]()

    def pop(self, name: str, *answers: Headers) -> Pop:
        self.pops.append(self.stack.enter_context(serving(Pop(name, list(answers)))))
        return self.pops[-1]

    def check(self, **options: Any) -> dict[str, Any]:
        given = {"probes": [PROBE], "addresses": [pop.address for pop in self.pops], "timeout": 0, "poll": 0.01, **options}
        result = printed_by(edge_check.main, **given)
        assert not result["changed"]
        return result


@pytest.fixture
def edge() -> Iterator[Edge]:
    with ExitStack() as stack:
        yield Edge(stack)


def test_every_address_shows_it_several_times_in_a_row_by_the_name_of_the_site(edge: Edge) -> None:
    for name in ("FRA1", "IAD2", "SIN3"):
        edge.pop(name, GOOD)
    result = edge.check(pops=3, in_a_row=4)
    assert (result["verdict"], result["passed"], result["total"], result["pops"]) == ("OK", 1, 1, ["FRA1", "IAD2", "SIN3"]), result
    assert all(pop.hosts == ["shop.rachelfoods.test"] * 4 for pop in edge.pops)
    assert [(one["point_of_presence"], one["verdict"], one["in_a_row"], one["asked"]) for one in result["addresses"]] == [
        ("FRA1", "OK", 4, 4),
        ("IAD2", "OK", 4, 4),
        ("SIN3", "OK", 4, 4),
    ]


def test_one_point_of_presence_that_lags_is_bad_and_named(edge: Edge) -> None:
    edge.pop("FRA1", GOOD)
    late = edge.pop("IAD2", STALE)
    result = edge.check()
    assert result["verdict"] == "BAD"
    assert f"expected header x-edge-version matching ^headers:7$, got headers:8 at {late.address} (IAD2) of 2" in result["summary"]
    assert [one["verdict"] for one in result["addresses"]] == ["OK", "BAD"]
    failed = edge.check(fail=True)
    assert failed["failed"]
    assert failed["msg"] == failed["summary"]


def test_one_that_lags_is_waited_for_and_the_row_begins_again(edge: Edge) -> None:
    edge.pop("FRA1", GOOD)
    late = edge.pop("IAD2", STALE, GOOD, STALE, GOOD)
    result = edge.check(timeout=60)
    assert result["verdict"] == "OK"
    assert len(late.hosts) == 6
    assert len(edge.pops[0].hosts) == 3


def test_what_was_cached_before_the_invalidation_does_not_count(edge: Edge) -> None:
    invalidated = (datetime.now(UTC) - timedelta(seconds=100)).isoformat()
    edge.pop("FRA1", {**GOOD, "age": "60", "x-cache": "Hit from cloudfront"})
    assert edge.check(invalidated_at=invalidated)["verdict"] == "OK"
    edge.pop("IAD2", {**GOOD, "x-cache": "Miss from cloudfront"})
    assert edge.check(invalidated_at=invalidated)["verdict"] == "OK"
    edge.pop("SIN3", {**GOOD, "age": "3600"})
    assert edge.check()["verdict"] == "OK"
    stale = edge.check(invalidated_at=invalidated)
    assert stale["verdict"] == "BAD"
    assert "since the invalidation, got 1 h 0 min at" in stale["summary"]


def test_an_address_that_does_not_answer_is_unknown_and_never_green(edge: Edge) -> None:
    fine = edge.pop("FRA1", GOOD)
    nobody = f"127.0.0.1:{free_ports()}"
    result = edge.check(addresses=[fine.address, nobody])
    assert result["verdict"] == "UNKNOWN"
    assert f"got a refused connection at {nobody} of 2" in result["summary"]
    edge.pop("IAD2", STALE)
    assert edge.check(addresses=[pop.address for pop in edge.pops] + [nobody])["verdict"] == "BAD"


def test_too_few_points_of_presence_is_unknown(edge: Edge) -> None:
    edge.pop("FRA1", GOOD)
    edge.pop("FRA1", GOOD)
    assert edge.check(pops=1)["verdict"] == "OK"
    few = edge.check(pops=2)
    assert few["verdict"] == "UNKNOWN"
    assert "expected 2 points of presence, got only FRA1" in few["summary"]
    assert edge.check(pops=2, pop_header="x-none")["verdict"] == "OK"


def test_a_name_that_leads_nowhere_is_unknown() -> None:
    lost = printed_by(edge_check.main, probes=[PROBE], timeout=0)
    assert lost["verdict"] == "UNKNOWN"
    assert "a name that cannot be resolved here" in lost["summary"]


def test_the_name_of_the_site_leads_to_all_its_addresses(edge: Edge) -> None:
    pop = edge.pop("FRA1", GOOD)
    probe = PROBE | {"url": f"http://localhost:{pop.port}/"}
    result = printed_by(edge_check.main, probes=[probe], timeout=0, poll=0.01)
    told = {one["address"]: one["verdict"] for one in result["addresses"]}
    assert told.pop(pop.address) == "OK"
    assert set(told) <= {f"[::1]:{pop.port}"}  # it depends on the machine whether localhost is that as well
    assert pop.hosts[0] == f"localhost:{pop.port}"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.7", Address("192.0.2.7", 443)),
        ("192.0.2.7:8443", Address("192.0.2.7", 8443)),
        ("2001:db8::7", Address("2001:db8::7", 443)),
        ("[2001:db8::7]:8443", Address("2001:db8::7", 8443)),
    ],
)
def test_how_an_address_may_be_written(written: str, address: Address) -> None:
    assert addresses_of("https://shop.rachelfoods.test/", [written]) == [address]


@pytest.mark.parametrize("written", ["", "https://192.0.2.7", "192.0.2.7:port", "192.0.2.7/24"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="is not an address"):
        addresses_of("https://shop.rachelfoods.test/", [written])


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        ({"url": "shop.rachelfoods.test"}, "is not an address"),
        ({"url": "https://me:hush-hush@shop.rachelfoods.test/"}, "must not hold a password"),
        ({"expect": {"header": {"x": "("}}}, "not a regular expression"),
    ],
)
def test_what_cannot_be_meant_is_refused(probe: dict[str, Any], words: str) -> None:
    refused = printed_by(edge_check.main, probes=[PROBE | probe])
    assert refused["failed"]
    assert words in refused["msg"]
    assert printed_by(edge_check.main, probes=[PROBE, PROBE])["error"] == "Refused"


def test_the_certificate_is_the_site_s_and_that_of_another_is_not_trusted(
    edge: Edge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate("shop.rachelfoods.test", tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    pop = edge.stack.enter_context(serving(Pop("FRA1", [GOOD]), context))
    probe = PROBE | {"url": "https://shop.rachelfoods.test/"}
    assert edge.check(probes=[probe], addresses=[pop.address])["verdict"] == "OK"
    assert set(pop.hosts) == {"shop.rachelfoods.test"}
    other = edge.check(probes=[probe | {"url": "https://other.rachelfoods.test/"}], addresses=[pop.address])
    assert other["verdict"] == "UNKNOWN"
    assert "a TLS connection that cannot be trusted" in other["summary"]


def test_what_is_secret_is_not_shown_and_the_journal_has_what_was_seen(edge: Edge) -> None:
    edge.pop("FRA1", {"x-edge-version": "hush-hush"})
    probe = PROBE | {"headers": {"Authorization": "Bearer hush-hush"}}
    assert "hush-hush" not in str(edge.check(probes=[probe]))
    recorded: list[dict[str, Any]] = []
    told: list[str] = []
    options = {name: option.get("default") for name, option in CHECK.arguments.items()}
    empty = dict.fromkeys(("status", "header", "json", "contains", "absent", "max_seconds"))
    options |= {"probes": [{"timeout": 5, "headers": {}, **PROBE, "expect": empty}], "addresses": [edge.pops[0].address], "poll": 0}
    run = Run(tell=told.append, record=lambda event, **fields: recorded.append({"event": event, **fields}))
    assert outcome(CHECK, {**options, "phase": "after"}, run)["verdict"] == "OK"
    (event,) = recorded
    assert (event["event"], event["phase"], event["verdict"], len(event["addresses"])) == ("checked", "after", "OK", 1)
    assert told[0].startswith("asking the edge: all show it, looking again")
