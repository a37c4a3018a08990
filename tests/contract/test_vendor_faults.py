"""What a person is told when the vendor says no, or nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport

from tests.contract.bench import Bench, now

pytestmark = pytest.mark.once


def test_a_bad_token_says_so(bench: Bench) -> None:
    before = bench.frozen()

    options: dict[str, Any] = {"bad_at": now(), bench.vendor.secret: "planted-secret"}

    result = bench.run(**options)

    assert result["error"] == "NotAuthorised"
    assert "nothing was changed" in result["msg"]
    assert "_TOKEN" in result["hint"] or "_API_KEY" in result["hint"]
    assert "planted-secret" not in str(result)
    assert bench.frozen() == before


def test_a_place_that_does_not_exist(bench: Bench) -> None:
    options: dict[str, Any] = {"bad_at": now(), bench.vendor.place: "srv-nowhere"}

    result = bench.run(**options)

    assert result["error"] == "NotFound"
    assert "nothing was changed" in result["msg"]
    assert bench.vendor.place in result["hint"]


def test_a_vendor_that_is_down(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01, 0.01))
    bench.box.control("outage", vendor=bench.vendor.name)

    result = bench.run(bad_at=now())

    assert result["error"] == "Unavailable"
    assert "answered 503; nothing was changed" in result["msg"]
    assert "status page" in result["hint"]


def test_nobody_listens(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01,))

    result = bench.run(bad_at=now(), api_url="http://127.0.0.1:9")

    assert "the connection failed; nothing was changed" in result["msg"]


def test_a_rate_limit_is_waited_out(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    bench.limit_calls(2, seconds=1)
    started = time.monotonic()

    result = bench.run(bad_at=now(), timeout=60)

    assert not result.get("failed"), result
    assert bench.served() == good
    assert time.monotonic() - started > 1


def test_a_rate_limit_that_resets_too_late_is_not_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PATIENCE", 1)
    bench.ship("breaks-checkout")
    bench.limit_calls(0, seconds=3600)

    result = bench.run(bad_at=now())

    assert result["error"] == "RateLimited"
    assert ("min" if bench.vendor.tells_when_a_limit_ends else "still allows no calls after 1.0 s") in result["msg"]
    assert "nothing was changed" in result["msg"]


@pytest.mark.parametrize("reach", [{}, {"another": ["x"]}, "others"])
def test_a_target_out_of_reach_is_refused_before_any_call(bench: Bench, reach: Any) -> None:
    """The address answers nobody: a call would be another error."""
    if reach == "others":
        reach = {bench.vendor.name: ["somebody-else"]}

    result = bench.run(bad_at=now(), reach=reach, api_url="http://127.0.0.1:9")

    assert result["error"] == "OutOfReach"
    assert "nothing was changed" in result["msg"]
    assert f"reach.{bench.vendor.name}" in result["hint"]


def test_a_target_within_reach_is_served(bench: Bench) -> None:
    place = bench.vendor.options(bench.box)[bench.vendor.place]

    assert not bench.run(good_at=now(), reach={bench.vendor.name: [place]}).get("failed")
