"""Whom to call: the last whose minutes are over, counted as the RTO is, and never in what channels are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import contacts
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import next_steps
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.values import Known, facts, values

pytestmark = pytest.mark.once
BAD = datetime(2026, 11, 22, 2, 38, tzinfo=UTC)
INCIDENT: dict[str, Any] = {
    "id": "2026-11-22-checkout",
    "environment": "production",
    "scenario": "checkout",
    "severity": "P1",
    "bad_at": moment.iso(BAD),
    "rto": 900.0,
    "contacts": {
        "people": [{"name": "Maria", "role": "on-call", "phone": "+1 555 0100"}, {"role": "Lead", "slack": "@ken"}, "nobody"],
        "vendors": {"vercel": {"support": "support@vercel.com", "note": "Pro plan"}},
    },
    "escalation": [{"after": 20, "to": "cto", "severity": ["P0"]}, {"after": 15, "to": "lead"}, {"after": 0, "to": "on-call"}],
}


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "Call on-call: Maria, +1 555 0100; after 15 min: lead"),
        (14, "Call on-call: Maria, +1 555 0100; after 15 min: lead"),
        (15, "Call lead: @ken"),
        (600, "Call lead: @ken"),
    ],
)
def test_the_last_whose_minutes_are_over_is_called(minutes: int, said: str) -> None:
    assert contacts.to_call(INCIDENT, BAD + timedelta(minutes=minutes)) == said


def test_a_step_for_another_severity_does_not_count() -> None:
    assert contacts.to_call({**INCIDENT, "severity": "P0"}, BAD + timedelta(minutes=20)) == "Call cto"


def test_over_the_rto_and_not_before() -> None:
    assert contacts.over_the_rto(INCIDENT, BAD + timedelta(minutes=15)) == ""
    assert contacts.over_the_rto(INCIDENT, BAD + timedelta(minutes=16)) == "over the RTO of 15 min. Call lead: @ken"
    assert contacts.over_the_rto({**INCIDENT, "rto": None}, BAD + timedelta(hours=9)) == ""
    assert contacts.over_the_rto({**INCIDENT, "escalation": []}, BAD + timedelta(hours=9)) == ""


def test_whose_word_and_which_support() -> None:
    assert contacts.whose_word(INCIDENT["contacts"], {"lead": 1, "cto": 1}) == ["lead: @ken"]
    assert contacts.told_by(INCIDENT["contacts"], "On Call") == ["Maria, +1 555 0100"]
    assert contacts.of_vendor(INCIDENT["contacts"], "vercel") == "support@vercel.com, Pro plan"
    assert contacts.of_vendor(INCIDENT["contacts"], "render") == ""


def test_the_schedule_alone_is_something() -> None:
    there = {**INCIDENT, "escalation": [], "contacts": {"on_call": "https://pager.test"}}
    assert contacts.to_call(there, BAD) == contacts.path(there) == "Call who is on call: https://pager.test"
    assert contacts.to_call({**there, "contacts": {}}, BAD) == ""


def test_what_is_not_restored_has_the_whole_way_up_as_a_next_step() -> None:
    said = "Call on-call: Maria, +1 555 0100; after 15 min lead: @ken"
    assert next_steps(INCIDENT, "NOT RESTORED")[0] == said
    assert next_steps(INCIDENT, "NOT RESTORED", worse=True)[1] == said
    assert said not in next_steps(INCIDENT, "RESTORED")


def test_channels_are_told_none_of_it() -> None:
    known = Known(INCIDENT, [{"event": "verdict", "verdict": "NOT RESTORED", "reason": "x", "at": moment.iso(BAD)}], [], BAD)
    found = values(known)
    told = repr((found, facts(known, found, "head")))
    assert not any(word in told for word in ("555", "@ken", "Maria", "support@vercel.com"))
