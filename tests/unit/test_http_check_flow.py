"""Flows of several steps: what is carried along, what is refused, and what is never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.http_check_call import http_check, one
from tests.unit.troubled_site import COOKIE, PASSWORD, TOKEN, TroubledSite

LOGIN: dict[str, Any] = {
    "method": "POST",
    "url": "/login",
    "body": {"email": "smoke@example.com", "password": "${password}"},
    "capture": {"token": "access_token", "user": {"json": "user.id"}, "kind": {"header": "Content-Type"}},
}
SECRETS = {"password": PASSWORD}


def flow(*steps: dict[str, Any], base_url: str) -> Any:
    return http_check({"name": "checkout", "steps": list(steps)}, base_url=base_url, secrets=SECRETS)


def test_login_order_and_look_at_it(site: TroubledSite) -> None:
    call = flow(
        LOGIN,
        {
            "method": "POST",
            "url": "/orders",
            "headers": {"Authorization": "Bearer ${token}"},
            "body": {"user": "${user}", "note": "$5 for ${user}"},
            "expect": {"status": 201, "json": {"status": "paid", "user": 7}},
            "capture": {"order": {"header": "location"}},
        },
        {"url": "${order}", "capture": {"number": {"regex": r'"id": (\d+)'}, "all": {"regex": "pa.d"}}},
        {"method": "POST", "url": "/form", "body": "${number}${all}", "expect": {"json": {"form": "7paid"}}},
        base_url=site.url,
    )
    assert call.result["summary"] == "1 of 1 flows pass"


def test_cookies_are_carried_along_and_not_shared_between_flows(site: TroubledSite) -> None:
    assert flow(LOGIN, {"url": "/account"}, base_url=site.url).verdicts == {"checkout": "OK"}
    assert one(f"{site.url}/account").verdicts == {"it": "BAD"}


def test_it_stops_at_the_first_wrong_answer(site: TroubledSite) -> None:
    call = flow({"url": "/page"}, {"url": "/missing"}, {"url": "/health"}, base_url=site.url)
    assert call.first["step"] == "GET /missing"
    assert site.asked == {"GET /page": 1, "GET /missing": 1}


@pytest.mark.parametrize("source", ["nowhere", {"header": "X-Nothing"}, {"regex": "nothing like it"}])
def test_an_answer_without_the_captured_value_is_bad(site: TroubledSite, source: Any) -> None:
    call = one(f"{site.url}/health", capture={"it": source})
    assert (call.first["verdict"], call.first["expected"], call.first["got"]) == (
        "BAD", "a value for it", "an answer without it",
    )  # fmt: skip


def test_a_captured_value_that_spoils_a_pattern_is_bad_and_not_a_crash(site: TroubledSite) -> None:
    call = flow(
        {"method": "POST", "url": "/form", "body": "(", "capture": {"bracket": "form"}},
        {"url": "/health", "expect": {"json": {"status": {"matches": "${bracket}"}}}},
        base_url=site.url,
    )
    assert call.verdicts == {"checkout": "BAD"}


def test_a_request_that_cannot_be_sent_is_not_the_site_s_fault(site: TroubledSite) -> None:
    call = flow({"url": "/page"}, {"url": "/page", "headers": {"X-Note": "two\nlines"}}, base_url=site.url)
    assert (call.first["verdict"], call.first["got"]) == ("UNKNOWN", "a request that cannot be sent as it is written")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"url": "http://x/${tokn}"}, "flow it, step 1: nothing called tokn is known where ${tokn} is used"),
        ({"steps": [{"url": "http://x/", "body": {"a": ["${b}"]}, "capture": {"b": "b"}}]},
         "flow it, step 1: nothing called b is known"),
        ({"url": "http://x/", "capture": {"a b": "c"}}, "flow it, step 1: 'a b' cannot be the name of a captured value"),
        ({"url": "http://x/", "capture": {"a": {"jsn": "c"}}}, "flow it, step 1: it is not clear where to capture a"),
        ({"url": "http://x/", "capture": {"a": 1}}, "flow it, step 1: it is not clear where to capture a"),
        ({"url": "http://x/", "capture": {"a": {"regex": "("}}}, "flow it, step 1: '(' is not a regular expression"),
        ({"url": "/page"}, "flow it: /page is not an address"),
        ({"url": "ftp://x/"}, "flow it: ftp://x/ is not an address"),
        ({"url": "http://[/"}, "flow it: http://[/ is not an address"),
        ({"url": "http://me:pw@x/"}, "flow it: an address must not hold a password"),
        ({"steps": []}, "flow it has no steps"),
        ({"steps": [{"method": "GET"}]}, "flow it, step 1: it has no url"),
    ],
)  # fmt: skip
def test_a_flow_that_makes_no_sense_is_refused(wish: dict[str, Any], message: str) -> None:
    result = http_check({"name": "it", **wish}).result
    assert result["failed"] is True
    assert result["msg"].startswith(message)
    assert result["hint"]


def test_two_flows_of_one_name_are_refused() -> None:
    flows = [{"name": "it", "url": "http://x/"}] * 2
    assert http_check(*flows).result["msg"].startswith("two flows have the same name; nothing was changed.")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"urll": "http://x/"}, "flows.urll"),
        ({"url": "http://x/", "expect": {"staus": 200}}, "flows.expect.staus"),
        ({"steps": [{"url": "http://x/", "expected": {}}]}, "flows.steps.expected"),
        ({"url": "http://x/", "steps": [{"url": "http://x/"}]}, "mutually exclusive: steps|url"),
        ({"steps": [{"url": "http://x/"}], "expect": {"status": 200}}, "mutually exclusive: steps|expect"),
        ({"url": "http://x/", "body": {}, "form": {}}, "mutually exclusive: body|form"),
        ({}, "required: steps, url"),
        ({"url": "http://x/", "method": "FETCH"}, "FETCH"),
    ],
)
def test_a_misspelt_option_is_an_error(wish: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("|", r"\|").replace(".", r"\.")):
        http_check({"name": "it", **wish})


def test_no_secret_is_shown_however_carelessly_the_site_repeats_it(site: TroubledSite) -> None:
    echo = {
        "method": "POST",
        "url": "/echo?key=${token}",
        "headers": {"Authorization": "Bearer ${token}"},
        "form": {"password": "${password}", "api_key": "literal-key"},
        "expect": {"contains": "${token}"},
    }
    careless = flow(LOGIN, echo, base_url=site.url)
    wrong_password = one(f"{site.url}/login", method="POST", body={"password": "gu3ss-me"})
    failed_login = flow({**LOGIN, "expect": {"json": {"access_token": "x"}}}, base_url=site.url)
    for call in (careless, wrong_password, failed_login):
        shown = json.dumps([call.result, call.recorded, call.told])
        assert call.result["verdict"] == "BAD"
        assert "***" in call.first["body"]
        for secret in (PASSWORD, "correct+horse", "correct horse", TOKEN, COOKIE, "literal-key", "gu3ss-me"):
            assert secret not in shown


def test_a_secret_is_hidden_before_the_text_is_cut(site: TroubledSite) -> None:
    secret = "A1b2C3d4" * 20
    body = one(f"{site.url}/echo", method="POST", body="x" * 100, headers={"Authorization": secret}).first["body"]
    assert "A1b2C3d4" not in body


@given(st.text(min_size=1).filter(str.strip), st.text(), st.text())
def test_a_learnt_secret_never_survives(secret: str, before: str, after: str) -> None:
    redaction = Redaction()
    redaction.learn({"deep": [secret]})
    shown = redaction.hide(f"{before} {secret} {after}")
    if len(secret) >= 6 and secret not in "***" and secret not in f"{before} *** {after}":
        assert secret not in shown
    assert redaction.hide(f"[{secret}]") == "[***]" or not secret.isalnum()


def test_short_values_are_hidden_only_as_whole_words() -> None:
    redaction = Redaction()
    redaction.learn(7)
    assert redaction.hide("order 7 of 17 took 7 s") == "order *** of 17 took *** s"
