"""The report, laid out by a real browser, on a telephone and on a desk, by day and by night."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_html import as_html

from tests.browser.chromium import Chromium
from tests.browser.crafted import NOW, incident, journal
from tests.browser.crafted_whole import told, whole_incident, whole_journal
from tests.unit.test_report_timeline import fleet

LONG = "storefront-with-a-name-nobody-would-choose-" * 3
INCIDENTS = {
    "restored": (incident(), journal()),
    "interrupted": (incident(state="started"), journal()[:9]),
    "everything": (whole_incident(), [*whole_journal(), told(99, "restored", LONG, "sent", LONG * 3, f"https://{LONG}")]),
    "twenty targets, forty minutes": (incident(id=LONG, reason=LONG * 4), fleet(20, 2400)),
}


def page(name: str) -> str:
    fields, events = INCIDENTS[name]
    return as_html(read_report(fields, events, NOW + timedelta(hours=1)))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", INCIDENTS)
def test_it_fits_is_legible_and_asks_for_nothing(chromium: Chromium, name: str, width: int, dark: bool) -> None:
    seen = chromium.look(page(name), width, dark)
    assert seen["width"] == width
    assert seen["content"] <= width
    assert seen["cut"] == []
    assert seen["faint"] == []
    assert seen["requests"] == []
    assert seen["page"] == ("rgb(20, 23, 26)" if dark else "rgb(251, 251, 249)")


def test_what_matters_can_be_read_and_the_record_is_folded(chromium: Chromium) -> None:
    seen = chromium.look(page("restored"), 390)
    for words in ("RESTORED", "RTO 15 min met", "storefront", "rolled back", "What did not come back", "All 20 events"):
        assert words in seen["text"]
    assert "lock_released" not in seen["text"]


FAULTS: dict[str, Any] = {
    "content": '<div style="width:2000px">wide</div>',
    "cut": '<div style="overflow:hidden"><p style="width:2000px;text-align:right">lost</p></div>',
    "faint": '<p style="color:#ddd">pale</p>',
    "requests": '<img src="elsewhere.png" alt="">',
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_of_these_faults_would_be_noticed(chromium: Chromium, fault: str) -> None:
    seen = chromium.look(f'<!doctype html><body style="margin:0;background:#fff">{FAULTS[fault]}</body>', 390)
    assert seen[fault] > 390 if fault == "content" else seen[fault]
