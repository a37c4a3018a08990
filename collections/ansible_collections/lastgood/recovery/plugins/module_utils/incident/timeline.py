# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeline picture: how long it was broken, and below, enlarged, what the run did to each target.

The SVG is as wide as its container and as high as its lanes: places along the time axis are percentages, everything else is in
pixels, so that text keeps its size on a telephone. Colours come from the page's style sheet.
"""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_axis import Axis
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    CHECKS,
    OUTCOMES,
    clock,
    span,
    time_of,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import RESTORED

LANE, TOP, BOTTOM, OVERVIEW = 38, 30, 30, 92
CHECKS_LANE, RUN_LANE = "checks", "the run itself"
SYMBOLS = {"ok": ("✓", "plain"), "changed": ("✓", "good"), "skipped": ("—", "plain"), "failed": ("✗", "bad"),
           "unreachable": ("✗", "bad"), "cut": ("!", "warn"), "open": ("!", "warn")}


def draw_timeline(facts: dict[str, Any]) -> str:
    """The picture as one SVG element; empty when nothing in the journal has a time."""
    blocks = [block for block in _blocks(facts) if block["start"] and block["end"]]
    ends = [block[edge] for block in blocks for edge in ("start", "end")]
    known = [*ends, *filter(None, (time_of(facts["moments"][name]) for name in ("opened_at", "verdict_at")))]
    if not known:
        return ""
    lanes = [lane for lane in _lanes(facts) if any(block["lane"] == lane["name"] for block in blocks)]
    near = Axis(min(known), max(known))
    far = _far_axis(facts, max(known))
    above = OVERVIEW if far else 0
    height = above + TOP + LANE * len(lanes) + BOTTOM
    svg = Element("svg", {"class": "timeline", "width": "100%", "height": str(height), "role": "img"})
    SubElement(svg, "title").text = f"Timeline of incident {facts['id']}"
    if far:
        _draw_overview(svg, facts, far, near)
    _draw_axis(svg, near, above + TOP, height - BOTTOM)
    for pause in facts["resumes"]:
        _draw_pause(svg, near, pause, above + TOP, LANE * len(lanes))
    _draw_marks(svg, facts, near, above, height - BOTTOM)
    for index, lane in enumerate(lanes):
        _draw_lane(svg, near, lane, [block for block in blocks if block["lane"] == lane["name"]], above + TOP + LANE * index)
    return tostring(svg, encoding="unicode")


def _blocks(facts: dict[str, Any]) -> list[dict[str, Any]]:
    planned = {target["target"] for target in facts["targets"]}
    blocks = []
    for step in facts["steps"]:
        symbol, tone = SYMBOLS.get(step["status"], ("?", "unknown"))
        blocks.append({"lane": step["target"] if step["target"] in planned else RUN_LANE, "start": time_of(step["at"]),
                       "end": time_of(step["end"]), "tone": tone, "symbol": symbol if tone in ("bad", "warn") else "",
                       "title": f"{step['task']}: {step['status']}, {span(step['seconds'])}"})
    for look in facts["looks"]:
        symbol, tone = CHECKS[look["verdict"]]
        blocks.append({"lane": CHECKS_LANE, "start": time_of(look["at"]), "end": time_of(look["end"]), "tone": tone,
                       "symbol": symbol, "title": f"{look['phase']}: {look['verdict']}"})
    return blocks


def _lanes(facts: dict[str, Any]) -> list[dict[str, str]]:
    lanes = [{"name": RUN_LANE, "note": "", "tone": "plain"}]
    for target in facts["targets"]:
        symbol, tone = OUTCOMES[target["outcome"]]
        note = f"{symbol} {target['outcome']} · {span(target['seconds'])}"
        lanes.append({"name": target["target"], "note": note, "tone": tone})
    return [*lanes, {"name": CHECKS_LANE, "note": "", "tone": "plain"}]


def _far_axis(facts: dict[str, Any], last: datetime) -> Axis | None:
    start, rto = time_of(facts["moments"]["bad_at"]), facts["rto"]
    if not start or start > last:
        return None
    now = time_of(facts["written_at"])
    ends = [last, time_of(rto["deadline"]) if rto else None, None if facts["moments"]["verdict_at"] else now]
    return Axis(start, max(end for end in ends if end))


def _draw_overview(svg: Element, facts: dict[str, Any], far: Axis, near: Axis) -> None:
    verdict, rto, restored = facts["verdict"], facts["rto"], facts["verdict"]["word"] == RESTORED
    end = time_of(facts["moments"]["restored_at"] or facts["moments"]["verdict_at"]) or time_of(facts["written_at"]) or far.end
    _line(svg, far.x(near.start), "0%", 34, OVERVIEW + TOP - 8, "zoom")
    _line(svg, far.x(near.end), "100%", 34, OVERVIEW + TOP - 8, "zoom")
    _text(svg, "0%", 12, f"{clock(facts['moments']['bad_at'])} broken", "note")
    _rect(svg, far, far.start, far.end, 20, 10, "track")
    _rect(svg, far, far.start, end, 20, 10, "broken" if restored else f"broken {verdict['tone']}")
    _rect(svg, far, near.start, near.end, 16, 18, "window")
    if rto:
        at = time_of(rto["deadline"]) or far.end
        _line(svg, far.x(at), far.x(at), 16, 38, "rto")
        beside_start = far.percent(at) < 45
        _text(svg, far.x(at), 50 if beside_start else 12, f"RTO {clock(rto['deadline'])}", "note",
              "start" if beside_start else "end")
    said = f"{verdict['symbol']} {verdict['word']} {end:%H:%M:%S}"
    _text(svg, far.x(end), 50, said, f"said {verdict['tone']}", "start" if far.percent(end) < 50 else "end")


def _draw_axis(svg: Element, axis: Axis, top: int, bottom: int) -> None:
    for at, label in axis.ticks():
        _line(svg, axis.x(at), axis.x(at), top - 8, bottom, "grid")
        anchor = "start" if axis.percent(at) < 8 else "end" if axis.percent(at) > 92 else "middle"
        _text(svg, axis.x(at), bottom + 16, label, "tick", anchor)


def _draw_pause(svg: Element, axis: Axis, pause: dict[str, Any], top: int, height: int) -> None:
    start, end = time_of(pause["stopped_at"]), time_of(pause["at"])
    if start and end and axis.start <= start <= end <= axis.end:
        band = _rect(svg, axis, start, end, top - 8, height + 8, "pause")
        SubElement(band, "title").text = f"no run for {span(pause['pause'])}"
        if axis.percent(end) - axis.percent(start) > 15:
            _text(svg, axis.x(start), top + height - 6, "no run", "note", dx=6)


def _draw_lane(svg: Element, axis: Axis, lane: dict[str, str], blocks: list[dict[str, Any]], top: int) -> None:
    name = lane["name"] if len(lane["name"]) <= 24 else lane["name"][:23] + "…"
    label = _text(svg, "0%", top + 12, "", "lane")
    SubElement(label, "tspan").text = name
    SubElement(label, "tspan", {"class": f"said {lane['tone']}", "dx": "8"}).text = lane["note"]
    for block in blocks:
        shape = _rect(svg, axis, block["start"], block["end"], top + 18, 10, f"bar {block['tone']}")
        SubElement(shape, "title").text = block["title"]
        if block["symbol"]:
            at_end = axis.percent(block["end"]) > 96
            _text(svg, axis.x(block["start"] if at_end else block["end"]), top + 27, block["symbol"], f"said {block['tone']}",
                  "end" if at_end else "start", dx=-5 if at_end else 5)


def _draw_marks(svg: Element, facts: dict[str, Any], axis: Axis, top: int, bottom: int) -> None:
    deadline = time_of(facts["rto"]["deadline"]) if facts["rto"] else None
    if deadline and axis.start <= deadline <= axis.end:
        _line(svg, axis.x(deadline), axis.x(deadline), top + TOP - 8, bottom, "rto")
    at = time_of(facts["moments"]["restored_at"] or facts["moments"]["verdict_at"])
    if at:
        _line(svg, axis.x(at), axis.x(at), top + TOP - 8, bottom, f"mark {facts['verdict']['tone']}")


def _rect(svg: Element, axis: Axis, start: datetime, end: datetime, y: int, height: int, kind: str) -> Element:
    width = max(timedelta(), end - start)
    return SubElement(svg, "rect", {"x": axis.x(start), "width": axis.wide(width), "y": str(y), "height": str(height),
                                    "rx": "3", "class": kind})


def _line(svg: Element, x1: str, x2: str, y1: int, y2: int, kind: str) -> None:
    SubElement(svg, "line", {"x1": x1, "x2": x2, "y1": str(y1), "y2": str(y2), "class": kind})


def _text(svg: Element, x: str, y: int, words: str, kind: str, anchor: str = "start", dx: int = 0) -> Element:
    label = SubElement(svg, "text", {"x": x, "y": str(y), "class": kind, "text-anchor": anchor})
    if dx:
        label.set("dx", str(dx))
    label.text = words
    return label
