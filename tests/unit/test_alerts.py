"""Alerts read from a page of metrics, as Prometheus would read them, and what becomes of them over time."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts import page
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.detect import DETECT, Alert, detect, facts
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.page import Scrape, scraped
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rule import RULE, limit, promql
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

pytestmark = pytest.mark.once
TEXT = """\
# TYPE checkouts_total counter
checkouts_total{result="ok",shop="a"} 90
checkouts_total{result="failed",shop="a"} 10
# TYPE memory gauge
memory{host="1"} 40
memory{host="2"} 70
"""


def rule(name: str = "it", /, **said: Any) -> dict[str, Any]:
    options = {key: option.get("default") for key, option in RULE.items()}
    return {**options, "name": name, **({} if {"over", "under"} & set(said) else {"over": 10}), **said}


def scrape(text: str = TEXT, at: float = 0) -> Scrape:
    return scraped(text, at)


@pytest.mark.parametrize(("selector", "expected"), [
    ("checkouts_total", [10, 90]),
    ('checkouts_total{result!="ok"}', [10]),
    ('checkouts_total{result=~"o.|fail.*", shop="a"}', [10, 90]),
    ('checkouts_total{result!~"o"}', [10, 90]),
    ('checkouts_total{nothing=""}', [10, 90]),
    ('checkouts_total{shop="b"}', []),
    ("unheard_of", []),
])
def test_a_selector_selects_as_in_prometheus(selector: str, expected: list[float]) -> None:
    assert sorted(page.matching(scrape(), selector).values()) == expected


@pytest.mark.parametrize("selector", ["rate(x[5m])", 'x{a="b"', "x{a=b}", "", 'x{a="b" c="d"}', "x + y"])
def test_what_is_no_selector_is_refused(selector: str) -> None:
    with pytest.raises(Refused):
        page.selected(selector)


def test_a_counter_that_began_anew_and_one_that_is_new_count_from_nothing() -> None:
    before = scrape('a_total{x="1"} 100\na_total{x="2"} 5\n')
    after = scrape('a_total{x="1"} 3\na_total{x="2"} 9\na_total{x="3"} 7\n')
    assert sorted(page.increase(before, after, "a_total").values()) == [3, 4, 7]


def buckets(**counts: float) -> dict[page.Labels, float]:
    return {(("le", bound.replace("_", ".").removeprefix("le").replace("inf", "+Inf")),): count for bound, count in counts.items()}


@pytest.mark.parametrize(("share", "counts", "expected"), [
    (0.5, {"le1": 10, "le2": 20, "leinf": 20}, 1.0),
    (0.75, {"le1": 10, "le2": 20, "leinf": 20}, 1.5),
    (0.95, {"le1": 0, "le2": 0, "leinf": 20}, 2.0),
    (0.95, {"le1": 0, "le2": 0, "leinf": 0}, "no data"),
    (0.95, {}, "no data"),
])
def test_a_quantile_is_between_two_bounds(share: float, counts: dict[str, float], expected: float | str) -> None:
    assert page.quantile(share, buckets(**counts)) == expected


def test_the_same_rule_as_a_query() -> None:
    assert promql(rule(series="a", of="b"), "60s") == "100 * sum(rate(a[60s])) / sum(rate(b[60s]))"
    assert promql(rule(series="a_bucket", quantile=0.95), "60s") == "histogram_quantile(0.95, sum by (le) (rate(a_bucket[60s])))"
    assert promql(rule(series="memory"), "60s") == "max(memory)"
    assert promql(rule(query="max(x[$window])"), "60s") == "max(x[60s])"
    assert limit(rule(under=80, unit=" %", **{"for": 600})) == "under 80 % for 10 min"


def test_it_fires_once_it_has_lasted_and_time_may_pass_faster() -> None:
    alert = Alert(rule(series="x", **{"for": 300}))
    alert.learn(10.0, 0)
    assert alert.since is None, "the limit itself is well"
    alert.learn(11.0, 1)
    alert.learn(12.0, 3)
    assert not alert.fires(3, 100)
    assert alert.fires(4, 100)
    alert.learn("no data", 4)
    assert not alert.fires(9, 100), "nobody can say that it has lasted"
    alert.learn(float("nan"), 5)
    assert (alert.value, alert.unknown) == (None, "no data")


def test_the_decision_gets_what_was_measured_and_nothing_that_was_not() -> None:
    bad, well = Alert(rule("bad", series="x", fact="error_rate", scenarios=["b", "a"])), Alert(rule("w", series="x", fact="memory"))
    unknown, other = Alert(rule("u", series="x", fact="database_pool")), Alert(rule("o", series="x", fact="error_rate", scenarios=["c"]))
    for alert, answer in ((bad, 50.0), (well, 5.0), (unknown, "no data"), (other, 1.0)):
        alert.learn(answer, 0)
    assert facts([bad, well, unknown, other], 3, 100) == {
        "scenarios": ["a", "b"], "error_rate": [{"value": 50.0, "for": "300 s"}, {"value": 1.0}], "memory": [{"value": 5.0}],
    }


def given(*alerts: dict[str, Any], **said: Any) -> dict[str, Any]:
    options = {name: option.get("default") for name, option in DETECT.arguments.items()}
    return {**options, "alerts": list(alerts), "timeout": 0, "poll": 0, **said}


def test_what_cannot_be_asked_is_neither_well_nor_does_it_fire(refusing: str) -> None:
    asked = {"source": {"page": f"{refusing}/metrics"}}
    for until in ("quiet", "fires"):
        result = detect(given(rule(series="x"), until=until, **asked), Run())
        assert result["failed"]
        assert "does not answer" in result["summary"]
    health = detect(given(rule(health=[refusing], over=0)), Run())
    assert health["fired"] == ["it"]


def test_alerts_that_cannot_be_told_apart_or_asked_are_refused() -> None:
    for alerts in ([], [rule(health=["x"]), rule(health=["y"])], [rule(series="x")]):
        with pytest.raises(Refused):
            detect(given(*alerts), Run())


def test_what_somebody_else_has_seen_counts_if_it_is_seen_here_first() -> None:
    known, well = Alert(rule(**{"for": 300}), -400), Alert(rule(**{"for": 300}), -400)
    for alert, values in ((known, (20, 20)), (well, (5, 20))):
        for now, value in enumerate(values):
            alert.learn(value, now)
    assert (known.fires(1, 1), known.lasted(1, 1)) == (True, 401)
    assert (well.fires(1, 1), well.lasted(1, 1)) == (False, 0)
    unread = Alert(rule(**{"for": 300}), -400)
    unread.learn("no data", 0)
    unread.learn(20, 1)
    assert unread.fires(1, 1)


def test_only_what_somebody_else_has_seen_fires_then(refusing: str) -> None:
    both = (rule("web", health=[refusing], over=0), rule("api", health=[refusing], over=0, **{"for": 300}, fact="failed_health_checks"))
    result = detect({**given(*both), "lasted": {"api": 400}}, Run())
    assert result["fired"] == ["api"]
    assert result["facts"]["failed_health_checks"][0]["value"] == 1.0
    assert result["facts"]["failed_health_checks"][0]["for"].startswith("40")
    assert detect({**given(both[0], rule("api", health=[refusing], over=3)), "lasted": {"api": 400}}, Run())["failed"]
