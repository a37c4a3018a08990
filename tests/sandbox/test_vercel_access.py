"""Tokens, scopes and limits of the Vercel emulator, and its variables."""

from __future__ import annotations

import time

import requests

from sandbox.testing import Box
from tests.sandbox.vendor_api import Api


def test_a_bad_token_says_so(box: Box) -> None:
    answer = requests.get(f"{box.vendor_url('vercel')}/v2/user", headers={"Authorization": "Bearer wrong"}, timeout=5)
    error = {"code": "forbidden", "message": "Not authorized", "invalidToken": True}
    assert (answer.status_code, answer.json()) == (403, {"error": error})


def test_a_project_is_found_under_its_team_only(vercel: Api) -> None:
    vercel.query = {"slug": "lastgood"}
    assert vercel.get("/v9/projects/storefront")["id"] == "prj_storefront"
    vercel.query = {"teamId": "team_other"}
    assert vercel.call("GET", "/v9/projects/storefront").status_code == 403
    vercel.query = {}
    assert vercel.call("GET", "/v9/projects/storefront").status_code == 404


def test_too_many_calls_are_refused_until_the_epoch_named(box: Box, vercel: Api) -> None:
    box.control("rates", on=True, bucket="vercel.read", limit=2, seconds=1)
    assert [vercel.call("GET", "/v9/projects/storefront").status_code for _ in range(2)] == [200, 200]
    refused = vercel.call("GET", "/v9/projects/storefront")
    limit = refused.json()["error"]["limit"]
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "rate_limited"
    assert (limit["remaining"], limit["total"]) == (0, 2)
    assert 0 < limit["resetMs"] / 1000 - time.time() <= 1
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    time.sleep(max(0.0, limit["resetMs"] / 1000 - time.time()) + 0.01)
    assert vercel.call("GET", "/v9/projects/storefront").status_code == 200


def test_an_outage_is_the_api_only(box: Box, vercel: Api) -> None:
    box.control("outage", vendor="vercel")
    assert vercel.call("GET", "/v9/projects/storefront").status_code == 503
    assert requests.get(f"{box.served_url('shop.rachelfoods.test')}/health", timeout=5).json() == {"status": "ok"}
    box.control("outage", vendor="vercel", on=False)
    assert vercel.call("GET", "/v9/projects/storefront").status_code == 200


def test_sensitive_values_are_never_read_back(vercel: Api) -> None:
    secret = {"key": "STRIPE_KEY", "value": "sk_live_1", "type": "sensitive", "target": ["production"]}
    made = vercel.send("POST", "/v10/projects/storefront/env", secret, 201)["created"]
    assert vercel.get(f"/v1/projects/storefront/env/{made['id']}")["value"] == ""
    assert "sk_live_1" not in vercel.call("GET", "/v10/projects/storefront/env").text


def test_encrypted_values_are_plain_one_by_one_only(vercel: Api) -> None:
    variable = {"key": "API_URL", "value": "http://api", "type": "encrypted", "target": ["production"]}
    made = vercel.send("POST", "/v10/projects/storefront/env", variable, 201)["created"]
    assert "http://api" not in vercel.call("GET", "/v10/projects/storefront/env").text
    assert vercel.get(f"/v1/projects/storefront/env/{made['id']}")["value"] == "http://api"


def test_many_variables_may_fail_in_part_with_201(vercel: Api) -> None:
    good = {"key": "A", "value": "1", "type": "plain", "target": ["production"]}
    vercel.send("POST", "/v10/projects/storefront/env", good, 201)
    again = [good, {**good, "key": "B"}]
    answer = vercel.send("POST", "/v10/projects/storefront/env", again, 201)
    assert [one["key"] for one in answer["created"]] == ["B"]
    assert [one["error"]["code"] for one in answer["failed"]] == ["ENV_ALREADY_EXISTS"]
    answer = vercel.send("POST", "/v10/projects/storefront/env", again, 201, upsert="true")
    assert ([one["key"] for one in answer["created"]], answer["failed"]) == (["A", "B"], [])
