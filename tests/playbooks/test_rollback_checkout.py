"""A deployment broke checkout; one command puts it right, and the same command again changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, calls
from tests.playbooks.looking import checkout_works, pushes_go_live, remembered, served, world


def results(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By target, the newest result of a step that was not skipped."""
    return {event["target"]: event for event in events if event["event"] == "result" and event["status"] != "skipped"}


def test_a_broken_storefront_goes_back_on_every_domain_and_leaves_a_report(box: Box, operator: Operator) -> None:
    before = served(box)
    bad = box.ship("storefront", "breaks-checkout")
    assert not checkout_works(box)

    ran = operator.run(reason="orders fail since the last deployment")

    assert ran.code == 0, ran.screen
    assert "RESTORED" in ran.screen
    assert served(box) == before
    assert checkout_works(box)
    assert pushes_go_live(box) == {"storefront": False, "backoffice": False, "api": True, "payments": True}
    assert {target for target, _method, _path in calls(operator.journal())} == {"storefront", "backoffice"}
    told = ("RESTORED", bad["commit"][:7], before["shop.rachelfoods.test"][:7], "orders fail since the last deployment")
    for name in ("report.md", "report.html", "postmortem.md"):
        report = (operator.incident() / name).read_text()
        assert [text for text in told if text not in report] == [], name


def test_the_second_run_changes_nothing_and_says_so(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    first = operator.run()
    assert first.code == 0, first.screen
    asked, state = calls(operator.journal()), remembered(box)

    second = operator.run()

    assert second.code == 0, second.screen
    assert second.totals == (4, 0, 0)
    assert "nothing had to be changed" in second.screen
    assert calls(operator.journal()) == asked
    assert remembered(box) == state


def test_check_mode_predicts_the_run_and_changes_nothing(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    state = remembered(box)

    predicted = operator.check()

    assert predicted.code == 0, predicted.screen
    assert remembered(box) == state
    assert not operator.store.exists()
    done = operator.run("--diff")
    assert done.code == 0, done.screen
    assert predicted.totals == done.totals
    assert predicted.diffs == done.diffs != []
    row = next(row for event in operator.journal() if event["event"] == "plan" for row in event["targets"] if row["changes"])
    move = results(operator.journal())["storefront"]
    assert (row["target"], row["from"], row["to"]) == ("storefront", move["from"], move["to"])
    for release in (row["from"], row["to"]):
        assert release["artifact"][:7] in predicted.screen


@pytest.mark.once
def test_check_mode_predicts_the_backends_when_no_frontend_could_heal_it(box: Box, operator: Operator) -> None:
    box.ship("api", "breaks-checkout")

    predicted = operator.check()

    done = operator.run("--diff")
    assert done.code == 0, done.screen
    assert predicted.totals == done.totals
    assert predicted.diffs == done.diffs != []


def test_a_broken_api_goes_back_after_the_frontends_did_not_help(box: Box, operator: Operator) -> None:
    before = served(box)
    box.ship("api", "breaks-checkout")

    ran = operator.run()

    assert ran.code == 0, ran.screen
    assert "RESTORED" in ran.screen
    assert served(box) == before
    assert checkout_works(box)
    events = operator.journal()
    listed = [event for event in events if event["event"] in ("intent", "checked") and event.get("kind") != "versions"]
    steps = [event.get("phase") or event["target"] for event in listed]
    assert set(steps[1:3]) == {"storefront", "backoffice"}
    assert set(steps[4:6]) == {"api", "payments"}
    assert [steps[0], steps[3], *steps[6:]] == ["before", "after frontend", "after backend"]
    frontends = [n for n, event in enumerate(events) if event.get("target") in ("storefront", "backoffice") and event["event"] == "result"]
    backends = [n for n, event in enumerate(events) if event.get("target") in ("api", "payments") and event["event"] == "call"]
    assert max(frontends) < min(backends)


@pytest.mark.once
def test_what_was_shipped_together_goes_back_to_the_same_moment(box: Box, operator: Operator) -> None:
    before = served(box)
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")

    ran = operator.run()

    assert ran.code == 0, ran.screen
    assert served(box) == before
    assert checkout_works(box)
    done, good_at = results(operator.journal()), operator.fields()["good_at"]
    for target, address in (("storefront", "shop.rachelfoods.test"), ("api", "api")):
        assert done[target]["to"]["artifact"] == before[address]
        assert done[target]["to"]["live_from"] <= good_at < done[target]["from"]["live_from"]


@pytest.mark.once
def test_nothing_is_rolled_back_while_everything_works(box: Box, operator: Operator) -> None:
    state = remembered(box)

    ran = operator.run()

    assert ran.code == 2, ran.screen
    assert "nothing looks broken; nothing was changed" in ran.words
    assert "-e bad_at=" in ran.words
    assert remembered(box) == state


@pytest.mark.once
def test_a_time_goes_on_although_everything_works(box: Box, operator: Operator) -> None:
    before = served(box)
    shipped = box.ship("storefront", "good")

    ran = operator.run(bad_at=datetime.fromtimestamp(shipped["at"] / 1000, UTC).isoformat(timespec="milliseconds"))

    assert ran.code == 0, ran.screen
    assert served(box) == before


def test_limit_touches_nothing_else(box: Box, operator: Operator) -> None:
    before = world(box)
    box.ship("storefront", "breaks-checkout")

    ran = operator.run("--limit", "storefront")

    assert ran.code == 0, ran.screen
    assert ran.totals == (1, 1, 0)
    assert world(box) == {"served": before["served"], "pushes go live": before["pushes go live"] | {"storefront": False}}


@pytest.mark.once
def test_a_target_that_was_left_out_at_first_is_part_of_the_incident_later(box: Box, operator: Operator) -> None:
    before = world(box)
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    bad = world(box)

    assert operator.run("--limit", "storefront").code == 10
    assert operator.run().code == 0

    assert world(box)["served"] == before["served"]
    undone = operator.undo()
    assert undone.code == 0, undone.screen
    assert world(box) == bad


@pytest.mark.once
def test_a_target_that_fails_does_not_stop_the_others(box: Box, operator: Operator) -> None:
    before = served(box)
    box.ship("backoffice", "good")
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    box.control("fail", target="backoffice", times=9)

    ran = operator.run()

    assert ran.code == 10, ran.screen
    assert "did not go back: backoffice" in ran.words
    assert {address for address, commit in served(box).items() if commit != before[address]} == {"backoffice.rachelfoods.test"}
    assert checkout_works(box)
    assert set(pushes_go_live(box).items()) >= {("storefront", False), ("api", False), ("payments", False)}
    assert ran.totals[0] == 4

