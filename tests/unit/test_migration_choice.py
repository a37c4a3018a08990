"""Option A or B: from what the migration did, from the data, and from what somebody insists on."""

from __future__ import annotations

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.database import place_of
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.settling import settle
from ansible_collections.lastgood.recovery.plugins.module_utils.migration import weighed
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

BAD = ["products: rows: 0 rows"]


@pytest.mark.parametrize(
    ("told", "bad", "insisted", "expected"),
    [
        ("A", [], None, "A"),
        ("B", [], None, "B"),
        ("A", BAD, None, "B"),
        ("UNKNOWN", BAD, None, "B"),
        ("NEITHER", [], None, "A"),
        ("B", [], "A", "A"),
        ("A", [], "B", "B"),
        ("UNKNOWN", [], "A", "A"),
    ],
)
def test_the_option(told: str, bad: list[str], insisted: str | None, expected: str) -> None:
    option, why = weighed({"option": told, "why": "this is why", "migration": "1_x"}, bad, insisted)
    assert option == expected
    assert "somebody asked for it" in why or insisted in (None, told)


def test_what_nobody_can_tell_is_asked() -> None:
    with pytest.raises(Refused, match="this is why"):
        weighed({"option": "UNKNOWN", "why": "this is why", "migration": "1_x"}, [], None)


def test_what_is_saved_in_an_emergency_is_kept_apart() -> None:
    assert place_of({"destination": "s3://backups/postgres/"}, "emergency") == "s3://backups/postgres/emergency"
    assert place_of({"destination": "/b", "emergency": "/e"}, "emergency") == "/e"
    assert place_of({}, "emergency") is None
    with pytest.raises(Refused):
        place_of({}, "backup")


def test_only_a_person_dates_bad_data() -> None:
    incident = {"good_at": "", "bad_at": "2026-11-22T02:38:00.000Z", "moment_given": True, "condemned": {}}
    options = {"incident": incident, "readings": {}, "shipped_together": 1800, "slack": 60}
    assert settle(options, Run())["good_at"] == incident["bad_at"]
    with pytest.raises(Refused, match="since when"):
        settle({**options, "incident": {**incident, "moment_given": False}}, Run())


def test_everything_goes_back_to_before_the_migration() -> None:
    incident = {"good_at": "", "bad_at": "2026-11-22T02:38:00.000Z", "moment_given": False, "condemned": {}}
    told = {"shop-db": {"good_at": "2026-11-22T02:30:00.000Z"}, "api": {"skipped": True}}
    options = {"incident": incident, "readings": {}, "migrations": told, "shipped_together": 1800, "slack": 60}
    assert settle(options, Run())["good_at"] == "2026-11-22T02:30:00.000Z"
