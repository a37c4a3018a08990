# SPDX-License-Identifier: GPL-3.0-or-later
"""How one duration went from rollback to rollback: a picture for the page of the record.

As wide as its container; along the time axis places are percentages, upwards it is logarithmic, for a drill takes seconds and a bad
night hours. Colours come from the page's style sheet; the shape and a title say the same.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.entry import Entry
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_axis import Axis
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import span, time_of

TOP, HEIGHT, BOTTOM = 14, 120, 22
LEFT, RIGHT = 17, 97
"""Where the time axis begins and ends, in per cent of the width; the durations stand to the left of it."""
MARKS = {1.0: "1 s", 10.0: "10 s", 60.0: "1 min", 600.0: "10 min", 3600.0: "1 h", 36000.0: "10 h", 864000.0: "10 d"}


def draw_trend(entries: Sequence[Entry], duration: str, objective: float | None) -> str:
    """One SVG element; empty when fewer than two rollbacks have that duration."""
    known = [(at, entry["seconds"][duration], entry) for entry in entries
             if entry["begun"] and entry["seconds"].get(duration) is not None and (at := time_of(entry["opened_at"]))]
    if len(known) < 2:
        return ""
    axis = Axis(min(at for at, *_rest in known), max(at for at, *_rest in known))
    most = max(1.0, *(seconds for _at, seconds, _entry in known), objective or 1.0)
    top = next((mark for mark in MARKS if mark >= most), most)
    svg = Element("svg", {"class": "trend", "width": "100%", "height": str(TOP + HEIGHT + BOTTOM), "role": "img"})
    SubElement(svg, "title").text = f"{duration.replace('_', ' ')}: {len(known)} rollbacks"
    for mark in (mark for mark in MARKS if mark <= top):
        _line(svg, _y(mark, top), "grid")
        _text(svg, f"{LEFT - 2}%", _y(mark, top) + 4, MARKS[mark], "end")
    for at, label in axis.ticks():
        place = _x(axis, at)
        if LEFT <= place <= RIGHT and axis.start <= at <= axis.end:
            _text(svg, f"{place:.2f}%", TOP + HEIGHT + 17, label, "start" if place < LEFT + 6 else "end" if place > RIGHT - 6 else "middle")
    if objective:
        _line(svg, _y(objective, top), "goal")
    for at, seconds, entry in known:
        _point(svg, _x(axis, at), _y(seconds, top), seconds, objective, entry)
    return tostring(svg, encoding="unicode")


def _x(axis: Axis, at: datetime) -> float:
    return LEFT + axis.percent(at) / 100 * (RIGHT - LEFT)


def _y(seconds: float, top: float) -> float:
    share = math.log10(max(1.0, seconds)) / max(math.log10(top), 0.1)
    return round(TOP + HEIGHT * (1 - min(1.0, share)), 2)


def _point(svg: Element, x: float, y: float, seconds: float, objective: float | None, entry: dict[str, Any]) -> None:
    tone = "plain" if objective is None else "good" if seconds <= objective else "bad"
    kind = f"point {tone}{' drill' if entry['drill'] else ''}"
    where = {"class": kind, "cx": f"{x:.2f}%", "cy": f"{y}", "r": "4.5" if tone != "bad" else "6"}
    shape = SubElement(svg, "circle", where)
    late = "" if objective is None or seconds <= objective else f", over {span(objective)}"
    SubElement(shape, "title").text = f"{entry['id']}{' (drill)' if entry['drill'] else ''}: {span(seconds)}{late}"


def _line(svg: Element, y: float, kind: str) -> None:
    SubElement(svg, "line", {"x1": f"{LEFT}%", "x2": f"{RIGHT}%", "y1": str(y), "y2": str(y), "class": kind})


def _text(svg: Element, x: str, y: float, words: str, anchor: str) -> None:
    SubElement(svg, "text", {"x": x, "y": str(y), "text-anchor": anchor}).text = words
