"""The rules of drills, asked of a real Prometheus."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import detect

from tests.contract.bench import printed_by
from tests.metrics.conftest import Monitored

pytestmark = pytest.mark.once


def asked(monitored: Monitored, *rules: dict[str, Any], **options: Any) -> dict[str, Any]:
    alerts = [{"name": f"alert {number}", "over": 10, **rule} for number, rule in enumerate(rules)]
    return printed_by(detect.main, alerts=alerts, source={"prometheus": {"url": monitored.url}}, timeout=0, poll=0, window=600, **options)


def test_a_percentage_a_gauge_and_a_query_fire(monitored: Monitored) -> None:
    failed = {"series": 'requests_total{code="500"}', "of": "requests_total", "fact": "error_rate", "scenarios": ["checkout_broken"]}
    result = asked(monitored, failed, {"series": "queue", "over": 5}, {"query": "max(queue)", "over": 100})

    assert result["fired"] == ["alert 0", "alert 1"]
    share, gauge, query = (alert["value"] for alert in result["alerts"])
    assert 30 < share < 40, "40 % until a minute ago, of ten"
    assert (gauge, query) == (7.0, 7.0)
    assert result["facts"] == {"scenarios": ["checkout_broken"], "error_rate": [{"value": share, "for": "0 s"}]}


def test_what_it_has_no_data_of_is_neither_quiet_nor_does_it_fire(monitored: Monitored) -> None:
    for rule in ({"series": "unheard_of"}, {"series": "strange"}, {"series": "unheard_of", "of": "nothing"}, {"query": "no query ("}):
        for until in ("quiet", "fires"):
            result = asked(monitored, rule, until=until)
            assert result["failed"], rule
            assert result["alerts"][0]["unknown"]
