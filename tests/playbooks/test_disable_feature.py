"""A feature that does harm is switched off where its flag is kept, and nothing else moves."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from sandbox.flags.launchdarkly import SDK_KEYS, SHOP_FEATURE
from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import checkout_works, everything

pytestmark = pytest.mark.once
PLAYBOOK = "playbooks/disable-feature.yml"


def switch_off(operator: Operator, *arguments: str, **variables: Any) -> Ran:
    return operator.run(*arguments, playbook=PLAYBOOK, **{"feature": SHOP_FEATURE, **variables})


def undo(operator: Operator) -> Ran:
    return operator.run(playbook="playbooks/undo.yml", scenario="feature", confirmed="UNDO SANDBOX feature")


def is_on(box: Box) -> bool:
    """As an application's SDK sees it."""
    url = f"{box.vendor_url('launchdarkly')}/sdk/latest-all"
    on: bool = requests.get(url, headers={"Authorization": SDK_KEYS["production"]}, timeout=5).json()["flags"][SHOP_FEATURE]["on"]
    return on


def test_off_and_on_again(box: Box, operator: Operator) -> None:
    box.control("break", what="feature")
    broken = everything(box)
    assert is_on(box)
    assert not checkout_works(box)

    predicted = switch_off(operator, "--check", "--diff")
    assert (predicted.code, everything(box)) == (0, broken), predicted.screen
    assert "flags delivery-slots on off" in predicted.words
    (name,) = {word.partition("=")[2] for word in predicted.words.split() if word.startswith("plan=")}

    done = switch_off(operator, "--diff", plan=name)
    assert (done.code, is_on(box), checkout_works(box)) == (0, False, True), done.screen
    assert done.diffs == predicted.diffs
    results = [event for event in operator.journal() if event["event"] == "result"]
    assert [(event["kind"], event["target"]) for event in results] == [("measure", SHOP_FEATURE), ("cache", SHOP_FEATURE)]
    assert (results[0]["from"]["id"], results[0]["to"]["id"]) == ("on", "off")
    directory = operator.incident()
    assert json.loads((directory / "measures" / f"{SHOP_FEATURE}.json").read_text()) == {"value": True}
    report = (directory / "report.md").read_text()
    assert "✓ changed" in report
    assert "`off`" in report

    off = everything(box)
    again = switch_off(operator)
    assert (again.code, again.totals[1:], everything(box)) == (0, (0, 0), off), again.screen

    undone = undo(operator)
    assert (undone.code, everything(box)) == (0, broken), undone.screen
    assert "is put back to on" in undone.words
    assert undo(operator).code == 2


def test_what_is_no_feature_is_refused_and_a_vendor_that_is_down_is_told(box: Box, operator: Operator) -> None:
    refused = switch_off(operator, feature="storefront")
    assert (refused.code, "There are: delivery-slots, cash-on-delivery." in refused.words) == (2, True), refused.screen
    assert not operator.incidents()

    box.control("break", what="feature")
    box.control("outage", vendor="launchdarkly")
    down = switch_off(operator)
    box.control("outage", vendor="launchdarkly", on=False)
    assert (down.code, "LaunchDarkly" in down.words, is_on(box)) == (2, True, True), down.screen

    box.control("stuck", target="launchdarkly")
    box.set_latency(**{"launchdarkly.deliver": 60})
    unseen = switch_off(operator, roll_back_timeout=1)
    assert unseen.code == 11, unseen.screen
    assert "an SDK still gets on" in unseen.words
