"""Variables of today beside those of a deployment: references, sealed ones, and those that Railway provides."""

from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.today import Today
from hypothesis import given
from hypothesis import strategies as st

TODAY = Today(
    {"LEVEL": "debug", "REGION": "${{shared.REGION}}", "URL": "https://${{RAILWAY_PUBLIC_DOMAIN}}", "FRESH": "1"},
    {"LEVEL": "debug", "REGION": "us", "URL": "https://now", "FRESH": "1", "KEY": None, "RAILWAY_SERVICE_NAME": "stock"},
)
THEN = {"LEVEL": "info", "REGION": "eu", "URL": "https://then", "GONE": "2", "RAILWAY_SERVICE_NAME": "stock", "KEY": "masked"}
VALUES = st.dictionaries(st.text("ABC", min_size=1, max_size=2), st.text("xyz${} ", max_size=6), max_size=5)


def test_a_sealed_one_is_known_by_name() -> None:
    assert TODAY.values["KEY"] is None
    assert Today({"KEY": None}, {}).values == {"KEY": None}


def test_what_differs_says_something() -> None:
    assert TODAY.differing(THEN) == ["FRESH", "GONE", "LEVEL", "REGION"]
    assert TODAY.moved(THEN) == ["REGION"]


def test_what_is_put_back() -> None:
    kept = {"REGION": "${{shared.REGION}}", "URL": "https://${{RAILWAY_PUBLIC_DOMAIN}}"}

    assert TODAY.put_back(THEN) == {"LEVEL": "info", "GONE": "2", **kept}


def test_a_setting_of_railway_s_that_a_deployment_does_not_mention_stays() -> None:
    today = Today({"RAILWAY_HEALTHCHECK_TIMEOUT_SEC": "30"}, {"RAILWAY_HEALTHCHECK_TIMEOUT_SEC": "30"})

    assert today.differing({}) == []
    assert today.put_back({}) == today.values


@given(VALUES, VALUES)
def test_what_was_put_back_differs_no_more(now: dict[str, str], then: dict[str, str]) -> None:
    put_back = {name: value for name, value in Today(now, now).put_back(then).items() if value is not None}

    assert Today(put_back, put_back).differing(then) == Today(now, now).moved(then)
