"""After the rollback somebody decides: keep it, or go forward again."""

from __future__ import annotations

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import pushes_go_live, served, world


def test_undo_leaves_everything_as_it_was(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    before = world(box)
    assert operator.run().code == 0
    assert world(box) != before

    undone = operator.undo()

    assert undone.code == 0, undone.screen
    assert world(box) == before
    assert operator.fields()["state"] == "undone"


@pytest.mark.once
def test_undo_asks_even_for_a_p0(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    assert operator.run().code == 0
    rolled_back = world(box)

    asked = operator.run(playbook="playbooks/undo.yml")

    assert asked.code == 2, asked.screen
    assert "nobody is there to confirm it; nothing was changed" in asked.words
    assert "-e confirmed='UNDO SANDBOX checkout'." in asked.words
    assert world(box) == rolled_back


def test_commit_keeps_what_serves_and_lets_pushes_go_live(box: Box, operator: Operator) -> None:
    pushes = pushes_go_live(box)
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    assert operator.run().code == 0
    good = served(box)
    held = box.ship("storefront", "good")
    assert served(box) == good, "the hold did not hold"

    committed = operator.commit()

    assert committed.code == 0, committed.screen
    assert served(box) == good
    assert pushes_go_live(box) == pushes
    next_push = box.ship("storefront", "good")
    assert served(box)["shop.rachelfoods.test"] == next_push["commit"] != held["commit"]


@pytest.mark.once
def test_commit_does_not_finish_what_the_rollback_could_not(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    box.control("fail", target="api", times=9)
    assert operator.run().code == 10
    left = served(box)
    box.control("fail", target="api", times=0)

    assert operator.commit().code == 0

    assert served(box) == left


@pytest.mark.once
@pytest.mark.parametrize("how", ["commit", "undo"])
def test_pushes_that_were_held_in_vain_go_live_again(box: Box, operator: Operator, how: str) -> None:
    """Nothing went back, but pushes were held: that has to be ended too."""
    box.ship("api", "breaks-checkout")
    before = world(box)
    box.control("fail", target="api", times=9)
    assert operator.run().code == 11
    assert world(box) != before

    ended = getattr(operator, how)()

    assert ended.code == 0, ended.screen
    assert world(box) == before


def test_check_mode_predicts_an_undo(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    assert operator.run().code == 0
    state, fields = box.state(), operator.fields()

    predicted = operator.undo("--check", "--diff")

    assert predicted.code == 0, predicted.screen
    assert (box.state(), operator.fields()) == (state, fields)
    done = operator.undo("--diff")
    assert (predicted.totals, predicted.diffs) == (done.totals, done.diffs)
    assert done.diffs


@pytest.mark.once
@pytest.mark.parametrize(("how", "other"), [("undo", "commit"), ("commit", "undo")])
def test_an_incident_ends_once(box: Box, operator: Operator, how: str, other: str) -> None:
    box.ship("storefront", "breaks-checkout")
    assert operator.run().code == 0
    assert getattr(operator, how)().code == 0
    after = world(box)

    for again in (how, other):
        ran = getattr(operator, again)()
        assert ran.code == 2, ran.screen
        assert "no checkout incident is going on in sandbox; nothing was changed" in ran.words
    assert world(box) == after


@pytest.mark.once
@pytest.mark.parametrize("target", ["storefront", "api"])
def test_a_condemned_release_is_never_gone_back_to(box: Box, operator: Operator, target: str) -> None:
    good = served(box)
    condemned = box.ship(target, "breaks-checkout")
    assert operator.run().code == 0
    assert operator.commit().code == 0
    box.ship(target, "breaks-checkout", message="Try again")

    again = operator.run()

    assert again.code == 0, again.screen
    assert served(box) == good
    assert condemned["commit"] not in served(box).values()
    assert len(operator.incidents()) == 2


@pytest.mark.once
def test_after_an_undo_the_same_release_can_be_rolled_back_again(box: Box, operator: Operator) -> None:
    good = served(box)
    box.ship("storefront", "breaks-checkout")
    assert operator.run().code == 0
    assert operator.undo().code == 0

    again = operator.run()

    assert again.code == 0, again.screen
    assert served(box) == good
