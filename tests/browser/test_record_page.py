"""The page of all incidents, laid out by a real browser, on a telephone and on a desk, by day and by night."""
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.lessons import read_lessons
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import Objectives
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.page import as_page
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.reading import Found
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.writing import read_record

from tests.browser.chromium import Chromium
from tests.unit.test_record_figures import row

LONG = "a-name-nobody-would-choose-" * 6
GOALS = Objectives({"detect": 300.0, "broken": 3.0}, {"api": {"rto": 300.0, "rpo": 60.0}})


def rows() -> list[dict[str, Any]]:
    service = {"target": "api", "tier": "backend", "recovery": 400.0, "loss": 12.0}
    made = [row(day, drill=day % 3 == 0, services=[service]) for day in range(1, 25)]
    made += [row(25, begun=False), row(26, verdict="COULD NOT VERIFY", scenario=LONG, reason=LONG, method=LONG, environment_title=LONG)]
    return [{**one, "lessons": read_lessons(None), "journal_state": "TAMPERED", "has_report": True} for one in made]


PAGES = {
    "none": as_page(read_record([], Found([], {}), Objectives())),
    "many": as_page(read_record(rows(), Found([], {LONG: "it has no incident.yml"}), GOALS)),
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_it_fits_is_legible_and_asks_for_nothing(chromium: Chromium, name: str, width: int, dark: bool) -> None:
    seen = chromium.look(PAGES[name], width, dark)
    assert seen["content"] <= width
    assert seen["cut"] == []
    assert seen["faint"] == []
    assert seen["requests"] == []


def test_what_matters_can_be_read(chromium: Chromium) -> None:
    text = chromium.look(PAGES["many"], 390)["text"]
    assert "within 5\u00a0min" in text
    for words in ("Cannot be read", "all drills", "time to decide", "COULD NOT VERIFY", "journal TAMPERED", "no rollback"):
        assert words in text
