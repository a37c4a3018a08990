"""Accepted is not live: what a module believes, waits for, and gives up on."""

from __future__ import annotations

import pytest

from tests.contract.bench import Bench, now


def test_check_mode_predicts_the_diff_and_changes_nothing(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    moment, before = now(), bench.frozen()

    predicted = bench.run(check=True, bad_at=moment)
    assert bench.frozen() == before

    done = bench.run(bad_at=moment)
    for key in ("changed", "from", "to", "why", "held", "held_before", "diff"):
        assert predicted[key] == done[key], key
    assert done["changed"]


def test_a_slow_activation_is_waited_for(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    bench.box.set_latency(vendors=0.6)

    result = bench.run(bad_at=now(), version_urls=[bench.version_url])

    assert result["waited"] >= 0.5
    assert bench.served() == good


def test_a_slow_activation_times_out(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    bench.box.set_latency(vendors=30)

    result = bench.run(bad_at=now(), timeout=0.5)

    assert result["error"] == "TimedOut"
    assert "nothing was changed" not in result["msg"]
    assert "POST" in result["msg"]
    assert "run the same command again" in result["hint"]


def test_accepted_but_never_live_fails(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    moment = now()
    bench.box.control("fail", target=bench.vendor.target)

    result = bench.run(bad_at=moment)

    assert result["error"] == "ActivationFailed"
    assert "nothing was changed" not in result["msg"]
    assert bench.run(bad_at=moment)["changed"], "the next run tries again"
    assert bench.served() == good


def test_a_run_that_was_cut_off_is_taken_up_without_asking_twice(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    moment = now()
    bench.box.set_latency(vendors=1.5)
    assert bench.run(bad_at=moment, timeout=0.3)["error"] == "TimedOut"
    asked = bench.releases()

    result = bench.run(bad_at=moment, version_urls=[bench.version_url])

    assert not result.get("failed")
    assert bench.served() == good
    if bench.vendor.rolls_forward:
        assert bench.releases() == asked


def test_a_later_push_does_not_win(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    result = bench.run(bad_at=now())

    bench.ship("breaks-checkout")

    if bench.vendor.holds:
        assert bench.served() == good
    else:
        assert "cannot keep new pushes away: the next one goes live" in result["warnings"][0]


def test_a_push_that_is_building_already_does_not_win(bench: Bench) -> None:
    good = bench.served()
    bench.ship("breaks-checkout")
    moment = now()
    bench.box.set_latency(**{f"{bench.vendor.name}.build": 1})
    bench.ship("breaks-checkout")

    bench.run(bad_at=moment)
    bench.box.set_latency(vendors=0)

    assert bench.served() == good


@pytest.mark.parametrize("hold", [True, False])
def test_the_hold_is_read_back(bench: Bench, hold: bool) -> None:
    if not bench.vendor.holds:
        pytest.skip("this vendor cannot hold")
    bench.run(hold=not hold)
    serving = bench.served()

    result = bench.run(hold=hold)

    assert bench.served() == serving == result["to"]["artifact"]
    assert (result["changed"], result["held"], result["held_before"]) == (True, hold, not hold)
    assert bench.ship()["held"] is hold


def test_a_hold_that_cannot_be_is_refused(bench: Bench) -> None:
    if bench.vendor.holds:
        pytest.skip("this vendor can hold")
    bench.ship("breaks-checkout")
    bad = bench.served()

    result = bench.run(bad_at=now(), hold=True)

    assert result["error"] == "Refused"
    assert "nothing was changed" in result["msg"]
    assert "by hand" in result["hint"]
    assert bench.served() == bad


def test_production_itself_has_the_last_word(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    elsewhere = "payments" if bench.vendor.target == "api" else "api"
    urls = [bench.version_url, f"{bench.box.served_url(elsewhere)}/version"]

    result = bench.run(bad_at=now(), version_urls=urls, version_timeout=0.3)

    assert result["error"] == "NotLive"
    assert f"not on 1 of 2 addresses: {urls[1]} serves" in result["msg"]
