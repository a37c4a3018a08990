"""Which release a module goes back to, and that asking again changes nothing."""

from __future__ import annotations

import pytest

from tests.contract.bench import Bench, now


@pytest.mark.parametrize("wish", ["release", "good_at", "bad_at"])
def test_asked_twice_it_changes_once(bench: Bench, wish: str) -> None:
    good, before = bench.served(), now()
    serving = bench.run(check=True, good_at=now())["from"]["id"]
    bad = bench.ship("breaks-checkout")
    asked = {wish: {"release": serving, "good_at": before, "bad_at": now()}[wish]}

    first, second = bench.run(**asked), bench.run(**asked)

    assert bench.served() == good != bad["commit"]
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["from"]["artifact"] == bad["commit"]
    assert first["to"]["artifact"] == second["to"]["artifact"] == second["serving"]["artifact"] == good


def test_a_second_incident_does_not_go_one_too_far_back(bench: Bench) -> None:
    good = bench.served()
    first_bad = bench.ship("breaks-checkout")
    bench.run(bad_at=now())
    bench.run(release=bench.run(check=True, good_at=now())["from"]["id"], hold=False)
    bench.ship("crashing" if bench.vendor.serves_what_crashes else "breaks-checkout")

    result = bench.run(bad_at=now(), condemned={first_bad["commit"]: now()})

    assert bench.served() == result["to"]["artifact"] == good


def test_failed_builds_are_skipped(bench: Bench) -> None:
    good = bench.served()
    bench.ship("failing-build")
    bench.ship("breaks-checkout")

    assert bench.run(bad_at=now())["to"]["artifact"] == good


def test_a_redeploy_of_the_bad_artifact_is_not_gone_back_to(bench: Bench) -> None:
    condemned = bench.served()
    bench.ship("breaks-checkout")

    result = bench.run(bad_at=now(), condemned={condemned: now()})

    assert result["to"]["artifact"] not in (condemned, result["from"]["artifact"])


def test_a_release_looks_the_same_alone_and_in_a_list(bench: Bench) -> None:
    result = bench.run(good_at=now())

    assert result["from"] == result["to"]


def test_an_unknown_release_fails_and_names_those_that_could_be_had(bench: Bench) -> None:
    before = bench.frozen()

    result = bench.run(release="made-up")

    assert result["failed"]
    assert result["error"] == "UnknownRelease"
    assert "made-up" in result["msg"]
    assert "nothing was changed" in result["msg"]
    assert "Good releases:" in result["hint"]
    assert bench.frozen() == before


def test_no_good_release_fails(bench: Bench) -> None:
    result = bench.run(bad_at="2001-01-01T00:00:00Z")

    assert result["error"] == "NoGoodRelease"
    assert "nothing was changed" in result["msg"]


def test_a_release_that_retention_deleted_is_refused(bench: Bench) -> None:
    before = now()
    good = bench.run(check=True, good_at=before)["from"]["id"]
    bad = bench.ship("breaks-checkout")
    bench.box.control("retention", target=bench.vendor.target, release=good)

    for wish in ({"release": good}, {"good_at": before}):
        result = bench.run(**wish)

        assert result["error"] == "NotRestorable"
        assert result["hint"]
        assert bench.served() == bad["commit"]


def test_one_wish_is_needed_and_not_two(bench: Bench) -> None:
    assert "one of the following is required: release, good_at, bad_at, hold" in bench.run()["msg"]
    assert "mutually exclusive" in bench.run(good_at=now(), bad_at=now())["msg"]


def test_a_time_that_is_none_is_a_clear_error(bench: Bench) -> None:
    result = bench.run(bad_at="yesterday-ish")

    assert "'yesterday-ish' is not a time; nothing was changed" in result["msg"]
