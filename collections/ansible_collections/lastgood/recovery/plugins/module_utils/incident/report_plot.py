# SPDX-License-Identifier: GPL-3.0-or-later
"""The plots of the readings: one picture for each metric, all on the same time axis, with the moments of going back marked.

As in the timeline, places along the time axis are percentages and everything else is in pixels. A line joins only samples between
which nothing is missing; a look that got no figure is a question mark on the base line.
"""
from __future__ import annotations

import math
from datetime import datetime
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_axis import Axis
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import CHECKS, clock, figure, time_of

TOP, PLOT, BOTTOM = 18, 90, 26
HEIGHT = TOP + PLOT + BOTTOM


def draw_plots(facts: dict[str, Any]) -> list[dict[str, str]]:
    """For each reading with a time its {name, said, svg}; C(said) is the same in words."""
    readings = [reading for reading in facts["readings"] if _times(reading)]
    if not readings:
        return []
    times = [at for reading in readings for at in _times(reading)]
    marks = [(at, f"{mark['target']} went back") for mark in facts["went_back"] if (at := time_of(mark["at"]))]
    axis = Axis(min(times + [at for at, _what in marks]), max(times + [at for at, _what in marks]))
    return [{"name": reading["name"], "said": reading_words(reading), "svg": _draw(reading, axis, marks)} for reading in readings]


def reading_words(reading: dict[str, Any]) -> str:
    """C(before 31 %, highest 34 %, lowest 0.2 %, now 0.2 %; expected at most 1 %)."""
    said = ", ".join(f"{word} {figure(reading[key], reading['unit'])}"
                     for word, key in (("before", "before"), ("highest", "highest"), ("lowest", "lowest"), ("last", "after")))
    unknown = sum(look["verdict"] == "UNKNOWN" for look in reading["looks"])
    expected = f"; expected {reading['limit']}" if reading["limit"] else ""
    return said + expected + (f"; UNKNOWN in {unknown} of {len(reading['looks'])} looks" if unknown else "")


def _times(reading: dict[str, Any]) -> list[datetime]:
    stamps = [at for segment in reading["segments"] for at, _value in segment] + [look["at"] for look in reading["looks"]]
    return [at for at in map(time_of, stamps) if at]


def _draw(reading: dict[str, Any], axis: Axis, marks: list[tuple[datetime, str]]) -> str:
    low, high = _scale(reading)
    svg = Element("svg", {"class": "timeline plot", "width": "100%", "height": str(HEIGHT), "role": "img"})
    SubElement(svg, "title").text = f"{reading['name']}: {reading_words(reading)}"

    def y(value: float) -> str:
        return f"{TOP + PLOT - (value - low) / (high - low) * PLOT:.1f}"

    for value in (low, high):
        _line(svg, "0%", "100%", y(value), y(value), "grid")
    for side, word in (("at_least", "at least"), ("at_most", "at most")):
        if reading[side] is not None:
            limit = _line(svg, "0%", "100%", y(reading[side]), y(reading[side]), "limit")
            SubElement(limit, "title").text = f"{word} {figure(reading[side], reading['unit'])}"
    for at, label in axis.ticks():
        anchor = "start" if axis.percent(at) < 8 else "end" if axis.percent(at) > 92 else "middle"
        _text(svg, axis.x(at), str(HEIGHT - 6), label, "tick", anchor)
    for at, what in marks:
        line = _line(svg, axis.x(at), axis.x(at), str(TOP - 4), str(TOP + PLOT), "back")
        SubElement(line, "title").text = f"{what} {clock(at.isoformat())} UTC"
    for segment in reading["segments"]:
        dots = [(axis.x(moment), y(value)) for when, value in segment if (moment := time_of(when))]
        for (x1, y1), (x2, y2) in pairwise(dots):
            _line(svg, x1, x2, y1, y2, "curve")
        if len(dots) == 1:
            SubElement(svg, "circle", {"cx": dots[0][0], "cy": dots[0][1], "r": "2", "class": "sample"})
    for look in reading["looks"]:
        _draw_look(svg, axis, look, y(look["value"]) if look["value"] is not None else None, reading["unit"])
    _text(svg, "0%", str(TOP - 6), figure(high, reading["unit"]), "note", "start")
    _text(svg, "0%", str(TOP + PLOT - 4), figure(low, reading["unit"]), "note", "start")
    return tostring(svg, encoding="unicode")


def _draw_look(svg: Element, axis: Axis, look: dict[str, Any], y: str | None, unit: str) -> None:
    at = time_of(look["at"])
    if not at:
        return
    symbol, tone = CHECKS[look["verdict"]]
    anchor = "start" if axis.percent(at) < 3 else "end" if axis.percent(at) > 97 else "middle"
    if y is None:
        shape = _text(svg, axis.x(at), str(TOP + PLOT - 4), symbol, f"said {tone}", anchor)
    else:
        shape = SubElement(svg, "circle", {"cx": axis.x(at), "cy": y, "r": "4", "class": f"dot {tone}"})
    SubElement(shape, "title").text = f"{look['phase']}: {look['verdict']} {figure(look['value'], unit)}"


def _scale(reading: dict[str, Any]) -> tuple[float, float]:
    """From zero, or the lowest figure below it, to a round number above the highest; the limits are figures, too."""
    known = [reading[key] or 0.0 for key in ("lowest", "highest", "at_least", "at_most")]
    low, high = min(0.0, *known), max(0.0, *known)
    widest = max(-low, high)
    if widest < 1e-12:
        return 0.0, 1.0
    step = 10.0 ** math.floor(math.log10(widest)) / 2
    return math.floor(low / step) * step, math.ceil(high / step) * step


def _line(svg: Element, x1: str, x2: str, y1: str, y2: str, kind: str) -> Element:
    return SubElement(svg, "line", {"x1": x1, "x2": x2, "y1": y1, "y2": y2, "class": kind})


def _text(svg: Element, x: str, y: str, words: str, kind: str, anchor: str) -> Element:
    label = SubElement(svg, "text", {"x": x, "y": y, "class": kind, "text-anchor": anchor})
    label.text = words
    return label
