"""Each of the four verdicts is earned, and each has its exit code."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import checkout_works

NOBODY = {"name": "partner's portal", "url": "http://127.0.0.1:1/"}


def assert_verdict(ran: Ran, operator: Operator, word: str, code: int, reason: str) -> None:
    """The same word and reason on the screen, in the incident and in the report, and its exit code."""
    assert ran.code == code, ran.screen
    assert f" {word} in " in ran.words
    assert reason in ran.words
    assert operator.fields()["verdict"] == word
    assert word in (operator.incident() / "report.md").read_text()


def test_restored(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")

    assert_verdict(operator.run(), operator, "RESTORED", 0, "7 of 7 checks pass")


@pytest.mark.once
def test_partial_when_something_works_again_and_something_does_not(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    box.control("fail", target="api", times=9)

    ran = operator.run()

    assert_verdict(ran, operator, "PARTIAL", 10, "still failing: order and test payment; works again: checkout page")
    call = "Call on-call engineer: Maria Rossi, +1 555 0100, @maria; after 15 min engineering-lead: Ken Ito"
    assert f"→ {call}" in ran.words
    assert all(call in " ".join((operator.incident() / name).read_text().split()) for name in ("report.md", "report.html"))
    assert "over the RTO" not in ran.words


@pytest.mark.once
def test_partial_when_all_works_and_a_target_did_not_go_back(box: Box, operator: Operator) -> None:
    box.ship("backoffice", "good")
    box.ship("storefront", "good")
    box.ship("api", "breaks-checkout")
    box.control("stuck", target="storefront")

    ran = operator.run(roll_back_timeout=1, rto={"checkout": 0.1})

    assert_verdict(ran, operator, "PARTIAL", 10, "every check passes, but did not go back: storefront")
    assert ran.words.count("! over the RTO of 0.1 s. Call on-call engineer: Maria Rossi") == 1
    assert checkout_works(box)


@pytest.mark.once
def test_not_restored_when_every_release_before_was_bad_too(box: Box, operator: Operator) -> None:
    box.ship("api", "breaks-checkout")
    first_bad = datetime.now(UTC)
    box.ship("api", "breaks-checkout", message="Repair the orders")

    ran = operator.run(good_at=first_bad.isoformat())

    assert_verdict(ran, operator, "NOT RESTORED", 11, "still failing: order and test payment")


@pytest.mark.once
def test_not_restored_when_a_rollback_cannot_heal_it(box: Box, operator: Operator, still_broken: dict[str, object]) -> None:
    box.ship("storefront", "good")

    ran = operator.run(flows={"checkout": [still_broken]})

    assert_verdict(ran, operator, "NOT RESTORED", 11, "still failing: delivery slots")


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        pytest.param([], "there is nothing to check", id="no flows"),
        pytest.param([NOBODY], "no answer from: partner's portal", id="no answer"),
    ],
)
@pytest.mark.once
def test_could_not_verify(box: Box, operator: Operator, flows: list[dict[str, str]], reason: str) -> None:
    box.ship("storefront", "breaks-checkout")

    ran = operator.run(flows={"checkout": flows})

    assert_verdict(ran, operator, "COULD NOT VERIFY", 12, reason)
    assert checkout_works(box)


@pytest.fixture
def still_broken(box: Box) -> dict[str, object]:
    """A flow that no release has ever passed."""
    return {"name": "delivery slots", "url": f"{box.served_url('api')}/api/slots", "expect": {"status": 200}}
