"""The timeline picture keeps its shape from one second to forty minutes, and from one target to twenty."""
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_axis import Axis
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.timeline import draw_timeline
from hypothesis import given
from hypothesis import strategies as st

from tests.browser.crafted import BAD_SHOP, GOOD_SHOP, NOW, at, began, checked, ended, incident, journal, planned


def fleet(size: int, seconds: float) -> list[dict[str, Any]]:
    """The journal of so many targets that each take so long, one failing."""
    names = [f"service-{number:02}" for number in range(size)]
    step = "Roll the frontends back"
    events: list[dict[str, Any]] = [
        {"at": at(0), "event": "opened"},
        {"at": at(0), "event": "plan", "targets": [planned(name, "frontend", BAD_SHOP, GOOD_SHOP) for name in names]},
    ]
    events += [began(0.1, name, step, "r1") for name in names]
    events += [ended(0.1 + seconds, name, step, "r1", "changed" if name != names[-1] else "failed", seconds, to=GOOD_SHOP)
               for name in names]
    return [*events, checked(seconds + 0.9, "after frontend", "OK"),
            {"at": at(seconds + 1), "event": "verdict", "verdict": "PARTIAL", "reason": ""}]


def picture(events: list[dict[str, Any]], **fields: Any) -> Element:
    svg = fromstring(draw_timeline(read_report(incident(**fields), events, NOW)))
    for shape in svg.iter():
        for place in ("x", "x1", "x2", "width"):
            match = re.fullmatch(r"([\d.]+)%", shape.get(place, "0%"))
            assert match, shape.attrib
            assert 0 <= float(match[1]) <= 100
    return svg


@pytest.mark.parametrize("seconds", [0.0, 0.5, 30.0, 2400.0])
@pytest.mark.parametrize("size", [1, 20])
def test_every_target_has_a_lane_of_its_own(size: int, seconds: float) -> None:
    svg = picture(fleet(size, seconds))
    lanes = [(text.findtext("tspan"), int(text.get("y", ""))) for text in svg.iter("text") if text.get("class") == "lane"]
    assert [name for name, _y in lanes] == [*(f"service-{number:02}" for number in range(size)), "checks"]
    heights = [y for _name, y in lanes]
    assert all(below - above >= 30 for above, below in pairwise(heights))
    assert max(heights) < int(svg.get("height", ""))
    bars = [shape for shape in svg.iter("rect") if str(shape.get("class")).startswith("bar")]
    assert len(bars) == size + 1
    assert [bar.findtext("title") for bar in bars if bar.get("class") == "bar bad"] == [
        f"Roll the frontends back: failed, {'40 min' if seconds == 2400 else f'{seconds:.1f} s'}"]


def test_the_rto_line_is_on_the_overview_and_in_the_lanes_once_the_run_outlasts_it() -> None:
    def lines(seconds: float) -> int:
        return sum(line.get("class") == "rto" for line in picture(fleet(2, seconds)).iter("line"))

    assert (lines(30), lines(2400)) == (1, 2)


def test_an_interruption_is_seen() -> None:
    kinds = [shape.get("class") for shape in picture(journal()).iter("rect")]
    assert kinds.count("bar warn") == 1
    assert kinds.count("pause") == 1


def test_without_a_time_there_is_no_picture() -> None:
    facts = read_report({"id": "x"}, [{"event": "opened"}], NOW)
    assert draw_timeline(facts) == ""


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)), st.floats(0, 4e6))
def test_ticks_are_few_round_in_order_and_on_the_axis(start: datetime, seconds: float) -> None:
    axis = Axis(start, start + timedelta(seconds=seconds))
    ticks = axis.ticks()
    moments = [moment for moment, _label in ticks]
    assert len(ticks) <= 5
    assert moments == sorted(set(moments))
    assert all(axis.start <= moment <= axis.end for moment in moments)
    assert len({label for _moment, label in ticks}) == len(ticks)
    assert seconds < 0.3 or ticks
