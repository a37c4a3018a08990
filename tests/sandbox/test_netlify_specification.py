"""Everything the Netlify emulator can be asked, and each answer, as the vendor describes it."""

from __future__ import annotations

import re

import pytest

from sandbox.netlify import Netlify
from sandbox.netlify.seed import SITE_ID
from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.sandbox.spec import Specification, specification
from tests.sandbox.vendor_api import Api

SITE = f"/sites/{SITE_ID}"
ENV = "/accounts/lastgood/env"


@pytest.fixture
def published() -> Specification:
    # Fields without a value are null in what users show of real answers; the description knows no nulls.
    return specification("netlify/swagger-2.60.0.json", prefix="/api/v1", nulls_are_absent=True)


@pytest.fixture
def checked(box: Box, published: Specification) -> Api:
    return vendor_api.netlify(box, published)


def test_every_route_is_published(published: Specification) -> None:
    for method, path, _ in Netlify.routes:
        assert published.operations(method, re.sub(r"\{\w+\}", "x", path)), (method, path)


def test_reading(checked: Api) -> None:
    assert checked.get("/user")["id"]
    assert [account["slug"] for account in checked.get("/accounts", minimal="true")] == ["lastgood"]
    checked.get("/accounts/lastgood")
    assert [site["name"] for site in checked.get("/sites", name="blog", page=1, per_page=10)] == ["blog"]
    assert checked.get(SITE)["published_deploy"]["locked"] is False
    for deploy in checked.get(f"{SITE}/deploys", production="true", branch="main", per_page=100):
        assert checked.get(f"{SITE}/deploys/{deploy['id']}") == checked.get(f"/deploys/{deploy['id']}") == deploy
    for build in checked.get(f"{SITE}/builds", per_page=2):
        assert checked.get(f"/builds/{build['id']}") == build


def test_releases(box: Box, checked: Api) -> None:
    good = checked.get(SITE)["published_deploy"]["id"]
    bad = box.ship("blog", "breaks-checkout")["release"]
    checked.send("POST", f"/deploys/{bad}/lock")
    checked.send("POST", f"{SITE}/deploys/{good}/restore", status=201)
    checked.send("POST", f"{SITE}/deploys/{'0' * 24}/restore", status=404)
    checked.send("POST", f"/deploys/{good}/lock")
    checked.send("POST", f"/deploys/{good}/unlock")
    checked.send("PUT", f"{SITE}/rollback", status=204)
    checked.send("DELETE", f"/deploys/{good}", status=204)
    assert len(checked.get(f"{SITE}/deploys", **{"latest-published": "true"})) == 1


def test_building(box: Box, checked: Api) -> None:
    box.set_latency(netlify=60)
    build = checked.send("POST", f"{SITE}/builds", clear_cache="true", branch="main", title="Once more")
    assert (build["done"], build.get("error")) == (False, None)
    checked.send("POST", f"/deploys/{build['deploy_id']}/cancel", status=201)
    checked.send("POST", f"/deploys/{build['deploy_id']}/cancel", status=422)
    checked.send("DELETE", f"{SITE}/deploys/{build['deploy_id']}", status=204)


def test_settings_and_the_cache(checked: Api) -> None:
    assert checked.send("PATCH", SITE, {"build_settings": {"stop_builds": True}})["build_settings"]["stop_builds"] is True
    checked.send("POST", f"{SITE}/builds", status=422)
    checked.send("PUT", f"{SITE}/disable", status=204, reason="maintenance")
    checked.send("PUT", f"{SITE}/disable", status=422)
    checked.send("PUT", f"{SITE}/enable", status=204)
    checked.send("POST", "/purge", {"site_id": SITE_ID, "cache_tags": ["recipes"]}, 202)
    checked.send("POST", "/purge", {"site_slug": "blog"}, 202)
    checked.send("POST", "/purge", {}, 400)
    checked.send("POST", "/purge", {"site_id": "none"}, 404)


def test_variables(checked: Api) -> None:
    values = [{"context": "production", "value": "1"}, {"context": "dev", "value": "2"}]
    wanted = [{"key": "A", "values": values, "is_secret": True, "scopes": ["builds", "functions"]}]
    made = checked.send("POST", ENV, wanted, 201, site_id=SITE_ID)[0]
    assert [one["value"] for one in made["values"]] == ["", "2"], "of a secret only the local value can be read"
    checked.send("POST", ENV, wanted, 422, site_id=SITE_ID)
    checked.get(ENV, site_id=SITE_ID, context_name="production", scope="builds")
    checked.get(f"{ENV}/A", site_id=SITE_ID)
    checked.send("PATCH", f"{ENV}/A", {"context": "branch", "context_parameter": "next", "value": "3"}, 201, site_id=SITE_ID)
    checked.send("PATCH", f"{ENV}/B", {"context": "all", "value": "3"}, 404, site_id=SITE_ID)
    replaced = checked.send("PUT", f"{ENV}/A", {"key": "A", "values": values[:1]}, site_id=SITE_ID)
    assert len(replaced["values"]) == 1
    checked.send("DELETE", f"{ENV}/A/value/{replaced['values'][0]['id']}", status=204, site_id=SITE_ID)
    checked.send("DELETE", f"{ENV}/A", status=204, site_id=SITE_ID)
    assert checked.get(ENV) == []
