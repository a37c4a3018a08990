"""When the next look of a watch is due, and what in a look is a red flag."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import checked
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import watching
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_words import details, headline
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watching import TRIPWIRE, Pace
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.once
START = datetime(2026, 11, 22, 3, tzinfo=UTC)
USUAL = Pace(900, 7200, 60)
Event = dict[str, Any]


def at(seconds: float) -> str:
    return moment.iso(START + timedelta(seconds=seconds))


def look(seconds: float, number: int = 1, findings: int = 0, flags: int = 0, took: float = 10) -> Event:
    found = [{"kind": "", "name": f"flow {n}", "verdict": "BAD", "why": "500"} for n in range(max(findings, flags))]
    return {"event": "watch_look", "run": "w", "at": at(seconds + took), "number": number, "begun": at(seconds), "findings": found,
            "flags": found[:flags], "verdict": "BAD" if found else "OK", "checks": 5}


def watched(*looks: Event) -> list[Event]:
    verdict = {"event": "verdict", "run": "r", "at": at(-60), "verdict": "RESTORED"}
    return [verdict, {"event": "watch_begun", "run": "w", "at": at(-1)}, *looks]


def due(*looks: Event, pace: Pace = USUAL) -> float | None:
    found = watching.next_look(watched(*looks), pace)
    return (found - START).total_seconds() if found else None


@pytest.mark.parametrize(("looks", "expected"), [
    ([], -1),
    ([look(0)], 900),
    ([look(0), look(902)], 1800),
    ([look(0), look(5000)], 5400),
    ([look(0), look(6400)], 7200),
    ([look(0), look(900, findings=1)], 970),
    ([look(0), look(900, findings=1, flags=1)], 1800),
    ([look(0), look(7200)], None),
    ([look(0), look(7200, findings=1)], 7270),
    ([look(0), look(7200, findings=1), look(7270, findings=1), look(7340, findings=1)], None),
    ([look(0), look(99999)], None),
])
def test_when_the_next_look_is_due(looks: list[Event], expected: float | None) -> None:
    assert due(*looks) == expected


@given(st.integers(1, 30), st.integers(0, 200), st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=20))
def test_a_watch_comes_to_its_end_within_its_turns(every: int, lasts: int, late: list[tuple[int, bool]]) -> None:
    """Whatever a look takes and finds: each is later than the one before, the last is not before the end."""
    pace = Pace(every, lasts, 1.0)
    looks: list[Event] = []
    for delay, wrong in [*late, *([(0, False)] * 300)]:
        soon = due(*looks, pace=pace)
        if soon is None:
            break
        assert not looks or START + timedelta(seconds=soon) > moment.parse(looks[-1]["begun"])
        looks = [*looks[:1], look(max(soon, 0) + delay, findings=int(wrong and bool(looks)), took=0.1)]
    assert soon is None
    assert moment.parse(looks[-1]["begun"]) >= moment.parse(looks[0]["begun"]) + timedelta(seconds=lasts)


def test_after_its_end_another_watch_begins() -> None:
    events = [*watched(look(0), look(7200, 2)), {"event": "watched", "run": "w", "at": at(7300), "well": True}]
    assert watching.number(events) == 4
    assert watching.looks(events) == []
    again = [*events, {"event": "watch_begun", "run": "v", "at": at(8000)}]
    assert watching.next_look(again, USUAL) == START + timedelta(seconds=8000)


# What is a red flag ------------------------------------------------------------------------------------------------


def story(*looks: list[dict[str, Any]], before: list[dict[str, Any]] | None = None) -> list[Event]:
    """The journal after these looks, each judged as it came."""
    flows = [checked("buy", "OK"), checked("log in", "OK"), checked("search", "BAD")] if before is None else before
    events: list[Event] = [
        {"event": "checked", "run": "r", "at": at(-70), "phase": "after frontend", "kind": "", "checks": flows},
        *watched(),
    ]
    for number, checks in enumerate(looks, 1):
        events.append({"event": "watch_due", "run": "w", "at": at(900 * number), "number": number})
        for kind in {check.get("kind", "") for check in checks}:
            mine = [check for check in checks if check.get("kind", "") == kind]
            seen = {"event": "checked", "run": "w", "at": at(900 * number), "phase": f"watch {number}"}
            events.append({**seen, "kind": kind, "checks": mine})
        events.append({"event": "watch_look", "run": "w", "at": at(900 * number), **watching.judge_look(events, number, "w")})
    return events


def flags(events: list[Event]) -> list[list[str]]:
    return [[flag["name"] for flag in event["flags"]] for event in watching.looks(events)]


WELL = [checked("buy", "OK"), checked("log in", "OK"), checked("search", "BAD")]
FAILS = [checked("buy", "BAD", expected="201", got="500"), checked("log in", "OK"), checked("search", "BAD")]


def test_what_fails_twice_is_a_red_flag() -> None:
    events = story(WELL, FAILS, WELL, FAILS, FAILS, FAILS)
    assert flags(events) == [[], [], [], [], ["buy"], ["buy"]]
    assert [flag["new"] for look in watching.looks(events) for flag in look["flags"]] == [True, False]
    assert headline(events) == "🚩 RED FLAG at look 6: buy"
    assert details(events, {}) == ["🚩 buy: expected 201, got 500"]
    assert watching.exit_code(events) == 11


def test_what_was_seen_once_is_looked_at_again() -> None:
    events = story(FAILS)
    assert headline(events) == "look 1: not sure of buy, looking again"
    assert watching.unconfirmed(watching.looks(events)[0])


def test_what_failed_at_the_verdict_is_no_red_flag_and_yet_not_well() -> None:
    events = story(WELL, WELL)
    assert flags(events) == [[], []]
    assert not watching.is_well(events)
    assert watching.exit_code(events) == 11
    assert headline(events) == "look 2: as at the verdict"


def test_what_nobody_looked_at_is_unknown() -> None:
    fine = [checked("buy", "OK"), checked("log in", "OK")]
    events = story(fine, [checked("buy", "OK")], [checked("buy", "OK")], before=fine)
    assert flags(events) == [[], [], ["log in"]]
    assert watching.exit_code(events) == 12
    assert watching.looks(events)[1]["verdict"] == "UNKNOWN"
    assert watching.looks(story([], before=fine))[0]["verdict"] == "UNKNOWN"


def test_a_metric_that_failed_already_and_is_further_from_its_limit() -> None:
    def errors(value: float) -> list[dict[str, Any]]:
        return [checked("errors", "BAD", value=value, at_most=1.0, at_least=None, unit=" %", kind="")]

    events = story(errors(5.1), errors(9), errors(9.2), before=errors(5))
    assert flags(events) == [[], [], ["errors"]]
    assert "errors 9.2 %, was 5 %" in details(events, {})[0]


@pytest.mark.parametrize(("verdict", "at_once", "code"), [("BAD", True, 14), ("UNKNOWN", False, 12)])
def test_the_tripwire_needs_to_see_it_once(verdict: str, at_once: bool, code: int) -> None:
    fine, hold = [checked("buy", "OK")], checked("hold of shop", verdict, got="let go", kind=TRIPWIRE)
    events = story([*fine, hold], [*fine, hold], before=fine)
    assert flags(events) == [["hold of shop"] if at_once else [], ["hold of shop"]]
    assert watching.exit_code(events) == code


def test_a_red_flag_stays_one_when_it_is_gone() -> None:
    fine, hold = [checked("buy", "OK")], checked("hold of shop", "BAD", got="let go", kind=TRIPWIRE)
    events = story([*fine, hold], [*fine, {**hold, "verdict": "OK"}], before=fine)
    assert not watching.is_well(events)
    assert watching.exit_code(events) == 14
    assert watching.is_well(story([*fine, {**hold, "verdict": "OK"}], before=fine))


@given(st.lists(st.lists(st.sampled_from(["OK", "BAD", "UNKNOWN", "SKIPPED"]), min_size=2, max_size=2), min_size=1, max_size=6))
def test_unknown_is_never_green(verdicts: list[list[str]]) -> None:
    fine = [checked("0", "OK"), checked("1", "OK")]
    events = story(*([checked(str(n), verdict) for n, verdict in enumerate(one)] for one in verdicts), before=fine)
    for one, seen in zip(verdicts, watching.looks(events), strict=True):
        assert (seen["verdict"] == "OK") == (set(one) <= {"OK", "SKIPPED"} and set(one) != {"SKIPPED"})
    pairs = [(one[n], next_one[n]) for n in (0, 1) for one, next_one in pairwise(verdicts)]
    confirmed = any(set(pair) <= {"BAD", "UNKNOWN"} for pair in pairs)
    assert bool(watching.flagged(events)) == confirmed
    assert (watching.exit_code(events) == 0) == watching.is_well(events)
