"""The emulated flag vendors, each call and answer as the vendors describe them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
import requests
import yaml

from sandbox.flags.flagsmith import Flagsmith
from sandbox.flags.launchdarkly import SEMANTIC, LaunchDarkly
from sandbox.testing import Box
from sandbox.vercel import edge_config
from tests.sandbox import vendor_api
from tests.sandbox.spec import SPECS, Specification, specification
from tests.sandbox.vendor_api import Api

FLAG = "/api/v2/flags/shop/new-checkout"
OFF = {"environmentKey": "production", "comment": "orders fail", "instructions": [{"kind": "turnFlagOff"}]}


NOBODY = {"identifier": ""}
"""The description requires an identity, which an environment's default does not have."""


@pytest.fixture
def launchdarkly_described() -> Specification:
    return specification("launchdarkly/ld-openapi.json")


@cache
def _flagsmith_described() -> Specification:
    path = SPECS / "flagsmith" / "openapi.yaml"
    if not path.exists():
        pytest.skip(f"{path} is missing; set LASTGOOD_SPECS")
    return Specification([yaml.load(path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))], "", False)


def _routes(routes: Any) -> set[tuple[str, str]]:
    return {(method, re.sub(r"\{\w+\}", "x", path)) for method, path, _ in routes}


def test_launchdarkly_routes_are_published(launchdarkly_described: Specification) -> None:
    missing = {one for one in _routes(LaunchDarkly.routes) if not launchdarkly_described.operations(*one)}
    assert missing == {("GET", "/sdk/latest-all")}  # of another host, and asked by SDKs only


def test_flagsmith_routes_are_published() -> None:
    assert all(_flagsmith_described().operations(*one) for one in _routes(Flagsmith.routes))


def test_launchdarkly_as_described(box: Box, launchdarkly_described: Specification) -> None:
    url = box.vendor_url("launchdarkly")
    session = requests.Session()
    session.headers["Authorization"] = LaunchDarkly.tokens[0]

    def checked(method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        answer = session.request(method, url + path, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})
        assert answer.status_code == status, answer.text
        # A semantic patch has a media type of its own, which the description mentions in words only.
        launchdarkly_described.check(method, str(answer.request.url), None, status, answer.json())
        return answer.json()

    semantic = f"application/json; {SEMANTIC}"
    assert checked("GET", f"{FLAG}?env=production")["environments"]["production"]["on"] is True
    assert checked("PATCH", f"{FLAG}?dryRun=true", OFF, Content_Type=semantic)["environments"]["production"]["on"] is False
    assert checked("GET", f"{FLAG}?env=production")["environments"]["production"]["on"] is True
    assert checked("PATCH", FLAG, OFF, Content_Type=semantic)["environments"]["production"]["on"] is False
    checked("PATCH", FLAG, OFF, 400, Content_Type="application/json")
    checked("PATCH", FLAG, {**OFF, "environmentKey": "regulated"}, 405, Content_Type=semantic)
    box.control("fail", target="launchdarkly")
    checked("PATCH", FLAG, OFF, 409, Content_Type=semantic)
    dependents = "/api/v2/flags/shop/production/new-checkout/dependent-flags"
    assert [one["key"] for one in checked("GET", dependents, LD_API_Version="beta")["items"]] == ["gift-cards"]
    checked("GET", dependents, status=403)
    checked("GET", "/api/v2/flags/shop/nothing", status=404)
    session.headers["Authorization"] = "wrong"
    checked("GET", FLAG, status=401)


def test_flagsmith_as_described(box: Box) -> None:
    url = f"{box.vendor_url('flagsmith')}/api/v1"
    headers = {"Authorization": f"Api-Key {Flagsmith.tokens[0]}", "X-Environment-Key": "sandboxProduction"}

    def checked(method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = requests.request(method, url + path, json=body, headers=headers, timeout=5)
        assert answer.status_code == status, answer.text
        received = answer.json()
        if "/sandbox" in path and "results" in received:
            received["results"] = [{**row, "identity": row["identity"] or NOBODY} for row in received["results"]]
        _flagsmith_described().check(method, str(answer.request.url), body, status, received)
        return answer.json()

    checked("GET", "/environments/sandboxProduction/")
    state = checked("GET", "/environments/sandboxProduction/featurestates/?feature_name=new_checkout")["results"][0]
    assert checked("PATCH", f"/environments/sandboxProduction/featurestates/{state['id']}/", {"enabled": False})["enabled"] is False
    checked("GET", "/environments/sandboxProduction/featurestates/?feature=9&anyIdentity=1&page=1")
    checked("GET", "/features/featurestates/?environment=31&feature=9&page=1")
    assert {row["feature"]["name"]: row["enabled"] for row in checked("GET", "/flags/")}["new_checkout"] is False
    live = checked("GET", "/environments/sandboxVersioned/featurestates/?feature=7")["results"][0]["environment_feature_version"]
    versions = "/environments/32/features/7/versions/"
    default = checked("GET", f"{versions}{live}/featurestates/")[0]
    update = {"enabled": False, "feature_segment": None, "feature_state_value": default["feature_state_value"]}
    checked("POST", versions, {"feature_states_to_update": [update], "publish_immediately": True}, 201)


def test_edge_config_as_described(box: Box) -> None:
    vercel: Api = vendor_api.vercel(box, specification("vercel/openapi-2025-10-27.json"))
    path = f"/v1/edge-config/{edge_config.ID}"
    vercel.get(path)
    vercel.get(f"{path}/items")
    vercel.get(f"{path}/item/banner")
    # The published pattern of keys is escaped twice and lets nothing through but backslashes, w and dashes.
    change = {"items": [{"operation": "upsert", "key": "w-w", "value": False}]}
    assert vercel.send("PATCH", f"{path}/items", change) == {"status": "ok"}
    vercel.send("PATCH", f"{path}/items", {"items": [{"operation": "create", "key": "banner", "value": 1}]}, 409)
    vercel.send("PATCH", f"{path}/items", {"items": [{"operation": "upsert", "key": "no spaces", "value": 1}]}, 400)
    assert [row["value"] for row in vercel.get(f"{path}/items") if row["key"] == "w-w"] == [False]
