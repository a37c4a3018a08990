"""What an answer must be like: status, headers, JSON, text and time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.http_check_call import one
from tests.unit.troubled_site import TroubledSite


@pytest.mark.parametrize(
    "expect",
    [
        {},
        {"status": 200},
        {"status": [204, 200]},
        {"header": {"content-type": "^application/json$"}},
        {"json": {"status": "ok", "up": True, "items.0.price": 9.5, "none": None}},
        {"json": {"items.0.name": {"matches": "^T", "equals": "Tea"}, "items.0.price": {"min": 9.5, "max": 9.5}}},
        {"json": {"items.0": {"exists": True}, "items.1": {"exists": False}, "none": {"exists": True}}},
        {"contains": '"status": "ok"', "absent": ["error", "undefined"]},
        {"contains": ["ok", "Tea, please"[:3]], "max_seconds": 5},
    ],
)
def test_as_expected(site: TroubledSite, expect: dict[str, Any]) -> None:
    assert one(f"{site.url}/health", expect=expect).first["verdict"] == "OK"


@pytest.mark.parametrize(
    ("path", "expect", "expected", "got"),
    [
        ("/missing", {}, "2xx", "404"),
        ("/health", {"status": [201, 202]}, "201 or 202", "200"),
        ("/redirect", {}, "2xx", "302 to /page"),
        ("/health", {"header": {"content-type": "html"}}, "header content-type matching html", "application/json"),
        ("/health", {"header": {"x-release": "."}}, "header x-release matching .", "no such header"),
        ("/health", {"json": {"status": "bad"}}, 'status equal to "bad"', '"ok"'),
        ("/health", {"json": {"up": 1}}, "up equal to 1", "true"),
        ("/health", {"json": {"items.1.price": 9.5}}, "items.1.price equal to 9.5", "no items.1.price"),
        ("/health", {"json": {"status.deeper": "x"}}, 'status.deeper equal to "x"', "no status.deeper"),
        ("/health", {"json": {"items.-1": {"exists": True}}}, "items.-1 present", "no items.-1"),
        ("/health", {"json": {"none": {"exists": False}}}, "no none", "null"),
        ("/health", {"json": {"status": {"matches": "^k"}}}, 'status matching "^k"', '"ok"'),
        ("/health", {"json": {"items.0.price": {"matches": "9"}}}, 'items.0.price matching "9"', "9.5"),
        ("/health", {"json": {"items.0.price": {"min": 10}}}, "items.0.price at least 10", "9.5"),
        ("/health", {"json": {"items.0.price": {"max": 9}}}, "items.0.price at most 9", "9.5"),
        ("/health", {"json": {"up": {"min": 0}}}, "up at least 0", "true"),
        ("/page", {"json": {"status": "ok"}}, "JSON", "something else"),
        ("/page", {"contains": ["Café", "Pay, now"]}, "'Pay, now' in the answer", "an answer without it"),
        ("/page", {"absent": "Add to cart"}, "no 'Add to cart' in the answer", "an answer with it"),
        ("/slow", {"max_seconds": 0.1}, "an answer within 0.1 s", "0.2 s"),
        ("/missing", {"status": 200, "contains": "Café"}, "200", "404"),
    ],
)
def test_not_as_expected(site: TroubledSite, path: str, expect: dict[str, Any], expected: str, got: str) -> None:
    seen = one(site.url + path, expect=expect).first
    assert (seen["verdict"], seen["expected"], seen["got"]) == ("BAD", expected, got)


def test_redirects_are_followed_only_when_asked(site: TroubledSite) -> None:
    assert one(f"{site.url}/redirect", expect={"status": 302}).first["verdict"] == "OK"
    assert one(f"{site.url}/redirect", follow=True, expect={"contains": "Café"}).first["verdict"] == "OK"


def test_the_charset_is_the_declared_one_or_utf_8(site: TroubledSite) -> None:
    assert one(f"{site.url}/page", expect={"contains": "Café"}).first["verdict"] == "OK"
    assert one(f"{site.url}/latin", expect={"contains": "Café"}).first["verdict"] == "OK"


@pytest.mark.parametrize(
    ("wish", "sent", "kind"),
    [
        ({"body": {"a": [1, None]}}, '{"a": [1, null]}', "application/json"),
        ({"body": "é=1", "headers": {"Content-Type": "text/plain"}}, "é=1", "text/plain"),
        ({"form": {"a": "b c", "n": 1}}, "a=b+c&n=1", "application/x-www-form-urlencoded"),
    ],
)
def test_bodies_are_sent_as_json_text_or_form(site: TroubledSite, wish: dict[str, Any], sent: str, kind: str) -> None:
    assert one(f"{site.url}/form", method="POST", expect={"json": {"form": sent, "type": kind}}, **wish).verdicts == {"it": "OK"}


def test_a_long_answer_is_cut_and_on_one_line(site: TroubledSite) -> None:
    body = one(f"{site.url}/echo", method="POST", body="many\n words " * 100).first["body"]
    assert len(body) == 120
    assert body.startswith("many words many words")
    assert body.endswith("…")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"expect": {"json": {"a": {"exist": True}}}}, "'exist' is not a rule for the JSON value a"),
        ({"expect": {"json": {"a": {"exists": "maybe"}}}}, "'exists' of the JSON value a is neither true nor false"),
        ({"expect": {"json": {"a": {"min": "1"}}}}, "'min' of the JSON value a is not a number"),
        ({"expect": {"json": {"a": {"matches": "("}}}}, "'(' is not a regular expression"),
        ({"expect": {"header": {"a": "["}}}, "'[' is not a regular expression"),
        ({"expect": {"contains": [1]}}, "'contains' holds something other than texts"),
        ({"expect": {"absent": {"a": "b"}}}, "'absent' holds something other than texts"),
    ],
)
def test_an_expectation_that_makes_no_sense_is_refused_before_anything_is_asked(
    site: TroubledSite, step: dict[str, Any], message: str
) -> None:
    result = one(f"{site.url}/page", **step).result
    assert result["failed"] is True
    assert result["msg"].startswith(f"flow it, step 1: {message}")
    assert "nothing was changed" in result["msg"]
    assert not site.asked
