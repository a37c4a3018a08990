"""Nothing starts that nobody agreed to."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import checkout_works, remembered

PHRASE = "ROLLBACK SANDBOX checkout"


@pytest.fixture(autouse=True)
def broken(box: Box) -> None:
    box.ship("storefront", "breaks-checkout")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        pytest.param({}, f"nobody is there to confirm it; nothing was changed → Add -e confirmed='{PHRASE}'", id="nobody there"),
        pytest.param({"confirmed": "yes"}, f"'yes' does not confirm it; nothing was changed → The words are: {PHRASE}", id="other words"),
    ],
)
def test_without_the_words_nothing_is_changed(box: Box, operator: Operator, variables: dict[str, Any], told: str) -> None:
    state = remembered(box)

    ran = operator.run(severity="P1", **variables)

    assert ran.code == 2, ran.screen
    assert told in ran.words.replace("checkout ✘ ", "").replace("checkout → ", "→ ")
    assert remembered(box) == state
    assert "lock_taken" not in [event["event"] for event in operator.journal()]


@pytest.mark.once
def test_the_words_can_be_given_beforehand(box: Box, operator: Operator) -> None:
    ran = operator.run(severity=None, confirmed=PHRASE)

    assert ran.code == 0, ran.screen
    assert checkout_works(box)
    (confirmed,) = [event for event in operator.journal() if event["event"] == "confirmed"]
    assert (confirmed["how"], confirmed["phrase"]) == ("extra variable", PHRASE)


def test_the_words_can_be_typed(box: Box, operator: Operator) -> None:
    ran = operator.at_a_terminal(severity="P1", answer=PHRASE)

    assert ran.code == 0, ran.screen
    assert checkout_works(box)
    assert [event["how"] for event in operator.journal() if event["event"] == "confirmed"] == ["typed"]


@pytest.mark.parametrize(
    ("answer", "seconds", "told"),
    [("ROLLBACK", 60, "'ROLLBACK' does not confirm it"), ("", 60, "'' does not confirm it"), (None, 1, "nobody is there to confirm it")],
    ids=["other words", "nothing", "nobody answers in time"],
)
@pytest.mark.once
def test_what_is_typed_must_be_the_words(box: Box, operator: Operator, answer: str | None, seconds: int, told: str) -> None:
    state = remembered(box)

    ran = operator.at_a_terminal(severity="P1", answer=answer, confirm_seconds=seconds)

    assert ran.code == 2, ran.screen
    assert told in ran.words
    assert remembered(box) == state


@pytest.mark.once
def test_p0_asks_nobody(operator: Operator) -> None:
    ran = operator.at_a_terminal(severity="P0")

    assert ran.code == 0, ran.screen
    assert "Type " not in ran.screen
    assert [event["how"] for event in operator.journal() if event["event"] == "confirmed"] == ["P0"]


@pytest.mark.once
def test_an_incident_can_become_a_p0(box: Box, operator: Operator) -> None:
    box.ship("api", "breaks-checkout")
    first = operator.run("--limit", "storefront", severity="P1", confirmed=PHRASE)
    assert first.code == 10, first.screen

    second = operator.run(severity="P0")

    assert second.code == 0, second.screen
    assert checkout_works(box)
    assert operator.fields()["severity"] == "P0"
