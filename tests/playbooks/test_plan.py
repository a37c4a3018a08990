"""A plan is applied as it was shown, or refused with the difference; what does not fit is refused, unless somebody answers for it."""

from __future__ import annotations

import re

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, read_journal
from tests.playbooks.looking import checkout_works, world
from tests.playbooks.scenarios import killed

pytestmark = pytest.mark.once
SHOWN = r"-e plan=([0-9a-f]{8})"


def test_a_plan_that_was_shown_is_applied_or_refused_with_the_difference(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    first = re.search(SHOWN, operator.check().words)
    assert first
    box.ship("api", "breaks-checkout")
    before = world(box)

    refused = operator.run(plan=first[1])

    assert refused.code == 2, refused.screen
    assert f"the plan has changed since it was shown as {first[1]}: api serves dep-" in refused.words
    assert world(box) == before
    second = re.search(SHOWN, refused.words)
    assert second
    killed(lambda **more: operator.run(plan=second[1], plan_fresh=0, **more), "storefront", DIES_ON="call", DIES_ALONE="yes")
    taken_up = re.search(SHOWN, operator.check().words)
    assert taken_up
    ran = operator.run(plan=taken_up[1], plan_fresh=0)
    assert ran.code == 0, ran.screen
    assert "still so at 4 targets" in ran.words
    assert checkout_works(box)


def test_what_does_not_fit_together_is_refused_unless_somebody_answers_for_it(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    before = world(box)

    refused = operator.run(depends_on=["storefront"])

    assert refused.code == 2, refused.screen
    assert "api would be newer than storefront: its " in refused.words
    assert "nothing was changed" in refused.words
    assert "--limit api." in refused.words
    assert world(box) == before
    name = re.search(r"override=(coherence-[0-9a-f]{8})", refused.words)
    assert name
    ran = operator.run(depends_on=["storefront"], override=name[1], override_reason="nobody can buy anything")
    assert ran.code == 0, ran.screen
    assert f"! Goes on against {name[1]}: api would be newer than storefront" in ran.words
    assert checkout_works(box)
    (event,) = [event for event in read_journal(operator.incidents()[-1]) if event["event"] == "overridden"]
    assert (event["id"], event["reason"]) == (name[1], "nobody can buy anything")
    assert "api would be newer than storefront" in event["refusal"]
