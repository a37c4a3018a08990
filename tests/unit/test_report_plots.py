"""The plots of the readings: what is missing is seen to be missing, and nothing is drawn that nobody measured."""
from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_plot import HEIGHT, PLOT, TOP, draw_plots
from hypothesis import given
from hypothesis import strategies as st

from tests.browser.crafted import AEDT, OPENED, at, incident
from tests.browser.crafted_whole import WHOLE_NOW, look, metric, samples, whole_incident, whole_journal

pytestmark = pytest.mark.once

Events = list[dict[str, Any]]
LIMIT = "at most 1 %"


def read(events: Events) -> list[dict[str, Any]]:
    readings: list[dict[str, Any]] = read_report(incident(), events, WHOLE_NOW)["readings"]
    return readings


def one(verdict: str, value: Any, series: Any, seconds: float = 0, phase: str = "before") -> dict[str, Any]:
    return look(seconds, phase, "OK", metric("rate", "%", verdict, value, series, LIMIT))


def plot(events: Events) -> Element:
    drawn, = draw_plots(read_report(incident(), events, WHOLE_NOW))
    return fromstring(drawn["svg"])


def kinds(svg: Element, tag: str) -> list[str]:
    return [str(shape.get("class")) for shape in svg.iter(tag)]


def test_the_moments_of_going_back_are_marked_on_every_plot() -> None:
    facts = read_report(whole_incident(), whole_journal(), WHOLE_NOW.astimezone(AEDT))
    drawn = [fromstring(one["svg"]) for one in draw_plots(facts)]
    assert [svg.findtext("title", "").split(":")[0] for svg in drawn] == ["error rate", "latency p95"]
    for svg in drawn:
        marks = [line.findtext("title") for line in svg.iter("line") if line.get("class") == "back"]
        assert marks == ["storefront went back 02:41:41 UTC", "backoffice went back 02:41:49 UTC", "api went back 02:42:15 UTC",
                         "shop-db went back 02:42:33 UTC"]


def test_a_gap_stays_a_gap() -> None:
    whole, = read([one("OK", 0.5, samples(-600, 0, 0.5))])
    assert [len(segment) for segment in whole["segments"]] == [20]
    holed, = read([one("OK", 0.5, [*samples(-600, -300, 0.5), *samples(-60, 0, 0.5)])])
    assert [len(segment) for segment in holed["segments"]] == [20, 20]
    assert kinds(plot([one("OK", 0.5, [*samples(-600, -300, 0.5), *samples(-60, 0, 0.5)])]), "line").count("curve") == 38


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf"), "NaN", True, 1e300])
def test_a_sample_without_a_figure_is_a_gap(nothing: Any) -> None:
    holed, = read([one("OK", 0.5, [[at(0), 1], [at(60), nothing], [at(120), 2]])])
    assert holed["segments"] == [[[at(0), 1.0]], [[at(120), 2.0]]]


def test_unknown_is_a_question_mark_and_no_figure() -> None:
    svg = plot([one("BAD", 31.0, []), one("UNKNOWN", None, [], 60, "after frontend")])
    assert kinds(svg, "circle") == ["dot bad"]
    assert [(text.text, text.get("class")) for text in svg.iter("text") if text.text == "?"] == [("?", "said unknown")]
    reading, = read([one("BAD", 31.0, []), one("UNKNOWN", None, [], 60, "after frontend")])
    assert (reading["before"], reading["after"]) == (31.0, None)


def test_looks_alone_are_dots_and_joined_by_nothing() -> None:
    svg = plot([one("BAD", 31.0, []), one("OK", 0.2, [], 60, "after frontend"), one("OK", 0.2, [], 900, "watch 1")])
    assert kinds(svg, "circle") == ["dot bad", "dot good", "dot good"]
    assert "curve" not in kinds(svg, "line")


def test_the_limits_are_drawn_and_are_within_the_scale() -> None:
    event = one("OK", 0.2, [])
    event["checks"][1] |= {"at_least": 0.1, "at_most": 50.0}
    svg = plot([event])
    assert [line.findtext("title") for line in svg.iter("line") if line.get("class") == "limit"] == ["at least 0.1 %", "at most 50 %"]
    assert all(TOP <= float(line.get("y1", "-1")) <= TOP + PLOT for line in svg.iter("line") if line.get("class") == "limit")
    assert read([event])[0]["limit"] == "at least 0.1 % and at most 50 %"


def test_a_check_without_figures_has_no_plot() -> None:
    assert read([look(0, "before", "BAD")]) == []
    assert read([one("UNKNOWN", None, [])]) == []
    assert draw_plots(read_report(incident(), [look(0, "before", "BAD")], WHOLE_NOW)) == []


def test_samples_of_several_looks_are_one_curve() -> None:
    reading, = read([one("OK", 1.0, samples(-600, 0, 1.0)), one("OK", 2.0, samples(-300, 300, 2.0), 300, "watch 1")])
    times = [when for segment in reading["segments"] for when, _value in segment]
    assert times == sorted(set(times))
    assert (reading["lowest"], reading["highest"]) == (1.0, 2.0)


figures = st.none() | st.floats() | st.integers() | st.text(max_size=3)
moments = st.floats(-1e4, 1e4).map(lambda seconds: (OPENED + timedelta(seconds=seconds)).isoformat()) | st.just("soon")


@given(st.lists(st.tuples(st.sampled_from(["OK", "BAD", "UNKNOWN", "fine"]), figures, st.lists(st.tuples(moments, figures), max_size=8),
                          st.floats(-1e4, 1e4)), max_size=6))
def test_whatever_was_read_everything_is_inside_the_picture(told: list[tuple[Any, ...]]) -> None:
    events = [one("OK", value, [list(sample) for sample in series], seconds) for _verdict, value, series, seconds in told]
    for (verdict, *_rest), event in zip(told, events, strict=True):
        event["checks"][1]["verdict"] = verdict
    for drawn in draw_plots(read_report(incident(), events, WHOLE_NOW)):
        svg = fromstring(drawn["svg"])
        for shape in svg.iter():
            for name, place in shape.attrib.items():
                if name in ("x", "x1", "x2", "cx"):
                    assert re.fullmatch(r"[\d.]+%", place)
                    assert 0 <= float(place[:-1]) <= 100
                if name in ("y", "y1", "y2", "cy"):
                    assert 0 <= float(place) <= HEIGHT
            if shape.get("class") in ("curve", "sample"):
                assert all(TOP - 0.1 <= float(shape.get(y, TOP)) <= TOP + PLOT + 0.1 for y in ("y1", "y2", "cy"))
        measured = {float(value) for _verdict, value, series, _seconds in told for _at, value in [*series, ("", value)]
                    if isinstance(value, (int, float)) and abs(value) < 1e15}
        reading = next(row for row in read(events) if row["name"] == drawn["name"])
        assert {value for segment in reading["segments"] for _at, value in segment} <= measured
        assert all(earlier < later for segment in reading["segments"] for (earlier, _v), (later, _w) in pairwise(segment))
