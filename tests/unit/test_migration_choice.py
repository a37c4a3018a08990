"""Option A or B: from what the migration did, from the data, and from what somebody insists on."""

from __future__ import annotations

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.database import place_of
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.migration import weighed

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
