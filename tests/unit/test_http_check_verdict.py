"""OK, BAD or UNKNOWN: whose fault is it that no good answer came?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.http_check_call import http_check, one
from tests.unit.troubled_site import TroubledSite

NO_SUCH_NAME = "http://shop.invalid/"  # a name that never resolves, by RFC 6761


def test_every_flow_passes(site: TroubledSite) -> None:
    call = http_check({"name": "health", "url": "/health"}, {"name": "page", "url": "page"}, base_url=f"{site.url}/")
    assert call.result["verdict"] == "OK"
    assert (call.result["passed"], call.result["total"]) == (2, 2)
    assert call.result["summary"] == "2 of 2 flows pass"
    assert call.result["changed"] is False
    assert call.first["expected"] is call.first["got"] is call.first["step"] is call.first["body"] is None


def test_a_wrong_answer_is_bad_and_says_what_was_expected(site: TroubledSite) -> None:
    call = http_check(
        {"name": "page", "url": "/page"}, {"name": "checkout", "url": "/echo?q=1", "expect": {"status": 201}},
        base_url=site.url,
    )  # fmt: skip
    assert call.result["verdict"] == "BAD"
    assert call.result["summary"] == "1 of 2 flows pass; checkout: expected 201, got 500"
    assert call.result["checks"][1]["step"] == "GET /echo"
    assert "failed" not in call.result


@pytest.mark.parametrize(
    ("path", "got"),
    [
        ("/reset", "a connection that broke off"),
        ("/hang", "no answer within 0.3 s"),
        ("http", "a TLS connection that cannot be trusted"),
        ("refused", "a refused connection"),
    ],
)
def test_silence_is_unknown_alone_and_bad_when_anything_else_answers(site: TroubledSite, refusing: str, path: str, got: str) -> None:
    url = {"http": site.url.replace("http:", "https:"), "refused": refusing}.get(path, site.url + path)
    silent = {"name": "shop", "url": url, "timeout": 0.3}
    alone = http_check(silent)
    assert (alone.verdicts, alone.first["got"]) == ({"shop": "UNKNOWN"}, got)
    assert alone.result["verdict"] == "UNKNOWN"
    beside = http_check(silent, {"name": "elsewhere", "url": f"{site.url}/missing"})
    assert beside.verdicts == {"shop": "BAD", "elsewhere": "BAD"}
    assert beside.first["expected"] == "an answer"


def test_a_canary_that_answers_turns_silence_into_bad(site: TroubledSite, refusing: str) -> None:
    silent = {"name": "shop", "url": refusing}
    assert http_check(silent, reachable_url=f"{site.url}/echo").verdicts == {"shop": "BAD"}
    assert site.asked["GET /echo"] == 1
    assert http_check(silent, reachable_url=refusing).verdicts == {"shop": "UNKNOWN"}
    assert http_check(silent, reachable_url=f"{site.url}/reset").verdicts == {"shop": "UNKNOWN"}


def test_the_canary_is_left_alone_when_it_is_not_needed(site: TroubledSite) -> None:
    http_check({"name": "shop", "url": f"{site.url}/echo"}, reachable_url=f"{site.url}/health")
    http_check({"name": "shop", "url": NO_SUCH_NAME}, reachable_url=f"{site.url}/health")
    assert site.asked["GET /health"] == 0


def test_a_name_that_does_not_resolve_is_unknown_even_when_others_answer(site: TroubledSite) -> None:
    call = http_check({"name": "shop", "url": NO_SUCH_NAME}, {"name": "page", "url": f"{site.url}/page"})
    assert call.verdicts == {"shop": "UNKNOWN", "page": "OK"}
    assert call.first["got"] == "a name that cannot be resolved here"
    assert call.result["verdict"] == "UNKNOWN"


def test_bad_outweighs_unknown(site: TroubledSite) -> None:
    call = http_check({"name": "a", "url": NO_SUCH_NAME}, {"name": "b", "url": f"{site.url}/echo"})
    assert (call.verdicts, call.result["verdict"]) == ({"a": "UNKNOWN", "b": "BAD"}, "BAD")


def test_silence_after_an_answer_of_the_same_flow_is_bad(site: TroubledSite) -> None:
    call = http_check({"name": "shop", "steps": [{"url": f"{site.url}/page"}, {"url": f"{site.url}/reset"}]})
    assert (call.verdicts, call.first["step"]) == ({"shop": "BAD"}, "GET /reset")


@pytest.mark.parametrize(
    ("path", "got"), [("/half", "an answer that broke off"), ("/circle", "redirects in a circle"),
                      ("/trickle", "no complete answer within 0.3 s")],
)  # fmt: skip
def test_an_answer_that_never_ends_well_is_bad(site: TroubledSite, path: str, got: str) -> None:
    call = one(site.url + path, timeout=0.3, follow=True)
    assert (call.first["verdict"], call.first["got"]) == ("BAD", got)
    assert call.first["seconds"] < 2


def test_a_proxy_that_refuses_is_our_own_network(site: TroubledSite, refusing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", refusing)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    call = http_check({"name": "shop", "url": "http://shop.example/"}, {"name": "page", "url": f"{site.url}/page"})
    assert call.verdicts == {"shop": "UNKNOWN", "page": "OK"}
    assert call.first["got"] == "a proxy that did not let it through"


def test_flows_are_walked_at_the_same_time_and_told_in_the_order_given(site: TroubledSite) -> None:
    call = http_check(*({"name": name, "url": f"{site.url}/meet"} for name in "zax"))
    assert list(call.verdicts.items()) == [("z", "OK"), ("a", "OK"), ("x", "OK")]


def test_every_look_must_pass(site: TroubledSite) -> None:
    flows: list[dict[str, Any]] = [{"name": "page", "url": "/page"}, {"name": "flaky", "url": "/flaky"}]
    assert http_check(*flows, base_url=site.url).result["verdict"] == "OK"
    site.asked.clear()
    call = http_check(*flows, base_url=site.url, looks=2, pause=0.01)
    assert call.verdicts == {"page": "OK", "flaky": "BAD"}
    assert site.asked == {"GET /page": 2, "GET /flaky": 2}
    assert call.told == ["looking once more, waiting 0.0 s"]


def test_a_first_good_look_does_not_excuse_the_second_nor_the_reverse(site: TroubledSite) -> None:
    site.asked["GET /flaky"] = 1  # so that the first look is the bad one
    flows: list[dict[str, Any]] = [{"name": "page", "url": "/page"}, {"name": "flaky", "url": "/flaky"}]
    assert http_check(*flows, base_url=site.url, looks=2).verdicts == {"page": "OK", "flaky": "BAD"}


def test_no_further_look_when_nothing_passes(site: TroubledSite) -> None:
    one_look = http_check({"name": "echo", "url": f"{site.url}/echo"}, looks=5, pause=60)
    assert (one_look.result["verdict"], site.asked["GET /echo"]) == ("BAD", 1)


def test_nothing_to_check_is_not_green() -> None:
    assert http_check().result["verdict"] == "UNKNOWN"
    assert http_check(fail=True).result["failed"] is True


def test_fail_makes_a_bad_check_an_error(site: TroubledSite) -> None:
    assert "failed" not in http_check({"name": "page", "url": f"{site.url}/page"}, fail=True).result
    call = http_check({"name": "checkout", "url": f"{site.url}/echo"}, fail=True)
    assert call.result["failed"] is True
    assert call.result["msg"] == "0 of 1 flows pass; checkout: expected 2xx, got 500"
    assert call.first["verdict"] == "BAD"


def test_the_journal_learns_the_phase_and_every_check(site: TroubledSite) -> None:
    call = http_check({"name": "page", "url": f"{site.url}/page"}, phase="after frontend")
    seen = {"kind": "flows", "phase": "after frontend", "verdict": "OK", "checks": call.result["checks"]}
    assert call.recorded == [{"event": "checked", **seen}]


def test_check_mode_walks_only_what_reads_or_is_safe(site: TroubledSite) -> None:
    wish = {"method": "POST", "url": "/form", "form": {"a": "b"}}
    flows: list[dict[str, Any]] = [
        {"name": "page", "url": "/page"},
        {"name": "order", "steps": [{"url": "/page"}, wish]},
        {"name": "search", "safe": True, **wish},
        {"name": "head", "method": "HEAD", "url": "/page"},
    ]
    call = http_check(*flows, base_url=site.url, check_mode=True)
    assert call.verdicts == {"page": "OK", "order": "SKIPPED", "search": "OK", "head": "OK"}
    assert call.result["summary"] == "3 of 3 flows pass, 1 skipped"
    assert site.asked == {"GET /page": 1, "POST /form": 1, "HEAD /page": 1}
    only_skipped = http_check(flows[1], base_url=site.url, check_mode=True, fail=True)
    assert (only_skipped.result["verdict"], "failed" in only_skipped.result) == ("UNKNOWN", False)


def test_a_scenario_without_flows_is_refused_with_what_to_write() -> None:
    refused = http_check(flows=None, scenario="frontend").result
    assert refused["summary"] == "there are no flows for frontend in the inventory; nothing was changed"
    assert 'Write "frontend:" below "flows:" in group_vars/all/flows.yml, or "default:"' in refused["hint"]
