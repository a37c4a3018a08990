"""After the rollback somebody decides: keep it, or go forward again."""

from __future__ import annotations

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import everything, pushes_go_live, served, state_hash, world
from tests.playbooks.scenarios import SCENARIOS, Broken


def test_undo_is_predicted_and_leaves_everything_as_it_was(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    before = everything(box)
    assert operator.run().code == 0
    assert everything(box) != before
    state, fields = box.state(), operator.fields()

    predicted = operator.undo("--check", "--diff")

    assert predicted.code == 0, predicted.screen
    assert (box.state(), operator.fields()) == (state, fields)
    undone = operator.undo("--diff")
    assert undone.code == 0, undone.screen
    assert (predicted.totals, predicted.diffs) == (undone.totals, undone.diffs)
    assert undone.diffs
    assert state_hash(everything(box)) == state_hash(before)
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
def test_a_rollback_that_went_halfway_is_undone_or_kept_as_it_is(box: Box, operator: Operator) -> None:
    """A commit does not finish what the rollback could not, and an undo is of what went back."""
    broken = Broken(SCENARIOS[1], box, operator).break_it()
    before = everything(box)
    box.control("fail", target="api", times=9)
    assert broken.roll_back().code == 10
    box.control("fail", target="api", times=0)
    left = served(box)
    broken.remember("halfway")

    assert broken.undo().code == 0
    assert everything(box) == before

    broken.recall("halfway")
    assert broken.commit().code == 0
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
