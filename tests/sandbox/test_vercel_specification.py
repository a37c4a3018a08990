"""Everything the Vercel emulator can be asked, and each answer, as the vendor describes it."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
import requests

from sandbox.testing import Box
from sandbox.vercel import Vercel
from tests.sandbox import vendor_api
from tests.sandbox.spec import Specification, specification
from tests.sandbox.vendor_api import Api, candidates, production

# Asked by the vendor's CLI only; published nowhere.
UNPUBLISHED = {("GET", "/v1/teams"), ("GET", "/v11/deployments/x/builds"), ("GET", "/v1/projects/x/rollback/aliases")}
UNPUBLISHED |= {("GET", "/v9/projects/x/promote/aliases"), ("GET", "/v1/teams/x")}
UNPUBLISHED |= {("GET", "/x/items"), ("GET", "/x/item/x")}  # of edge-config.vercel.com


@pytest.fixture
def published() -> Specification:
    return specification("vercel/openapi-2025-10-27.json", "vercel/addendum-2026-11.json")


@pytest.fixture
def checked(box: Box, published: Specification) -> Api:
    return vendor_api.vercel(box, published)


def test_every_route_is_published(published: Specification) -> None:
    for method, path, _ in Vercel.routes:
        choices = [part.split("|") for part in re.findall(r"\{\w+:([^}]+)\}", path)]
        template = re.sub(r"\{\w+:[^}]+\}", "{}", re.sub(r"\{\w+\}", "x", path))
        found = [template.format(*one) for one in itertools.product(*choices)]
        missing = [one for one in found if not published.operations(method, one) and (method, one) not in UNPUBLISHED]
        assert not missing or len(missing) < len(found), (method, missing)


def test_accounts(checked: Api) -> None:
    checked.query = {}
    assert checked.get("/v2/user")["user"]["id"]
    assert [team["slug"] for team in checked.get("/v2/teams")["teams"]] == ["lastgood"]
    assert checked.get("/v2/teams/team_lastgood")["id"] == "team_lastgood"


def test_reading_releases(checked: Api) -> None:
    rows = checked.get("/v6/deployments", projectId="prj_storefront", limit=100)["deployments"]
    assert {row["state"] for row in rows} == {"READY", "ERROR"}
    for row in rows:
        one = checked.get(f"/v13/deployments/{row['uid']}")
        assert (one["id"], one["readyState"]) == (row["uid"], row["readyState"])
        checked.get(f"/v3/deployments/{row['uid']}/events")
        checked.get(f"/v2/deployments/{row['uid']}/aliases")
    checked.get("/v7/deployments", state="READY", target="production")


def test_reading_projects_and_domains(checked: Api, vercel: Api) -> None:
    assert {project["name"] for project in checked.get("/v10/projects")["projects"]} == {"storefront", "backoffice"}
    assert checked.get("/projects/storefront/production-deployment")["deployment"]["id"] == production(checked)
    assert len(checked.get("/v9/projects/storefront/domains")["domains"]) == 3
    for alias in checked.get("/v4/aliases", projectId="prj_storefront")["aliases"]:
        # Described as a list of aliases; the vendor's own clients read one alias.
        assert vercel.get(f"/v4/aliases/{alias['alias']}")["deploymentId"] == production(checked)
    assert checked.get("/v1/projects/storefront/rolling-release")["rollingRelease"] is None


def test_rollback_and_promote(box: Box, checked: Api) -> None:
    good = production(checked)
    bad = box.ship("storefront", "breaks-checkout")["release"]
    checked.send("POST", f"/v1/projects/prj_storefront/rollback/{good}", {}, 201, description="orders fail")
    checked.send("PATCH", f"/v1/projects/prj_storefront/rollback/{good}/update-description", {"description": "again"})
    checked.get("/v9/projects/prj_storefront/rollback/aliases", failedOnly="true")
    checked.send("POST", f"/v9/projects/prj_storefront/rollback/{good}", {}, 409)
    checked.send("POST", f"/v10/projects/prj_storefront/promote/{bad}", {}, 201)
    checked.get("/v1/projects/prj_storefront/promote/aliases")
    checked.send("POST", f"/v10/projects/prj_storefront/promote/{bad}", {}, 409)


def test_building_again(box: Box, checked: Api) -> None:
    box.set_latency(**{"vercel.build": 60})
    body = {"name": "storefront", "deploymentId": production(checked), "target": "production"}
    fresh = checked.send("POST", "/v13/deployments", body)
    checked.send("PATCH", f"/v12/deployments/{fresh['id']}/cancel")
    checked.send("PATCH", f"/v12/deployments/{fresh['id']}/cancel", status=400)
    checked.send("DELETE", f"/v13/deployments/{fresh['id']}")


def test_settings(checked: Api) -> None:
    assert (
        checked.send("PATCH", "/v9/projects/storefront", {"autoAssignCustomDomains": False})["id"] == "prj_storefront"
    )
    checked.send("POST", "/v1/projects/prj_storefront/pause")
    checked.send("POST", "/v1/projects/prj_storefront/unpause")
    alias = {"alias": "preview.rachelfoods.test"}
    checked.send("POST", f"/v2/deployments/{candidates(checked)[0]}/aliases", alias)


def test_variables(checked: Api) -> None:
    env = {"key": "API_URL", "value": "http://api", "type": "encrypted", "target": ["production"]}
    made = checked.send("POST", "/v10/projects/storefront/env", env, 201, upsert="true")["created"]
    assert checked.get(f"/v1/projects/storefront/env/{made['id']}")["value"] == "http://api"
    checked.send("PATCH", f"/v9/projects/storefront/env/{made['id']}", {"value": "http://other"})
    checked.get("/v10/projects/storefront/env")
    checked.send("DELETE", f"/v9/projects/storefront/env/{made['id']}")
    made = checked.send("POST", "/v10/projects/storefront/env", [env, {**env, "key": "no name"}], 201)
    assert [one["error"]["code"] for one in made["failed"]] == ["INVALID_KEY"]
    checked.send("DELETE", "/v1/projects/storefront/env", {"ids": [made["created"][0]["id"]]})


def test_caches(checked: Api) -> None:
    project: dict[str, Any] = {"projectIdOrName": "storefront"}
    checked.send("POST", "/v1/edge-cache/purge-all", **project)
    checked.send("DELETE", "/v1/data-cache/purge-all", **project)
    checked.send("POST", "/v1/edge-cache/invalidate-by-tags", {"tags": ["products"], "target": "production"}, **project)
    checked.send("POST", "/v1/edge-cache/invalidate-by-tags", {"tags": ["products"] * 17}, 400, **project)


def test_the_runtime_log_never_ends(vercel: Api, published: Specification) -> None:
    path = f"/v1/projects/prj_storefront/deployments/{production(vercel)}/runtime-logs"
    url = vercel._base + path
    with vercel.session.get(url, params=vercel.query, stream=True, timeout=(5, 0.3)) as answer:
        assert answer.headers["Content-Type"] == "application/stream+json"
        lines = answer.iter_lines(chunk_size=None)
        for line in (next(lines), next(lines)):
            published.check_line("GET", path, json.loads(line))
        with pytest.raises(requests.RequestException):
            next(lines)
