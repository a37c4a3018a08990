"""What a person sees at 3 a.m.: narrow lines, a sign of life at least every ten seconds, colours only where they are wanted."""

from __future__ import annotations

import itertools
import re

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator

ESCAPE = "\x1b["
SLOW = 12
"""Seconds that the vendor takes to move the domains: one heartbeat and some."""


@pytest.fixture(autouse=True)
def broken(box: Box) -> None:
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")


@pytest.mark.once
def test_no_line_is_wider_than_the_screen(box: Box, operator: Operator) -> None:
    screens = [ran.screen for ran in (operator.check(), operator.run(reason="orders fail " * 9), operator.undo())]

    wide = [line for screen in screens for line in screen.splitlines() if len(line) > 80 and str(operator.store) not in line]
    assert wide == []
    assert "report.html" in screens[1]


@pytest.mark.once
def test_every_step_has_its_time(operator: Operator) -> None:
    screen = operator.run().screen

    steps = [line for line in screen.splitlines() if re.match(r"\d\d:\d\d:\d\d  ", line)]
    assert len(steps) > 8
    assert [line for line in steps if not re.search(r"  (\d+\.\d s|RTO \d\d:\d\d)$", line)] == []


def test_a_sign_of_life_every_ten_seconds(box: Box, operator: Operator) -> None:
    box.set_latency(**{"vercel.settle": SLOW})

    ran = operator.at_a_terminal("--limit", "storefront")

    gaps = [later - earlier for earlier, later in itertools.pairwise(ran.arrivals)]
    assert max(gaps) <= 10.9, ran.screen
    assert len(re.findall(r"accepted, waiting until it is live … +RTO \d\d:\d\d$", ran.screen, re.MULTILINE)) == SLOW // 10, ran.screen


def test_colours_on_a_terminal(operator: Operator) -> None:
    screen = operator.at_a_terminal().screen

    assert re.search(r"\x1b\[0;32m✔ RESTORED", screen), screen


@pytest.mark.once
def test_no_colours_when_they_are_not_wanted(operator: Operator) -> None:
    screen = operator.at_a_terminal(environment={"NO_COLOR": "1"}).screen

    assert "✔ RESTORED" in screen
    assert ESCAPE not in screen


@pytest.mark.once
def test_no_colours_in_a_file(operator: Operator) -> None:
    assert ESCAPE not in operator.run().screen


@pytest.mark.once
def test_the_verdicts_differ_in_word_and_colour(box: Box, operator: Operator) -> None:
    box.control("fail", target="api", times=9)

    screen = operator.at_a_terminal().screen

    assert re.search(r"\x1b\[0;33m◐ PARTIAL", screen), screen
