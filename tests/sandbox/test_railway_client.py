"""A client that nobody here wrote (railway-client, from PyPI, made from the vendor's schema) against the emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from railway import RailwayClient
from railway.client import RailwayError

from sandbox.railway.access import ACCOUNT_TOKEN, PROJECT_TOKEN
from sandbox.railway.seed import PRODUCTION, PROJECT, STOCK
from sandbox.testing import Box
from tests.sandbox.railway_api import Railway, judge


def _judged(request: httpx.Request) -> None:
    judge(json.loads(request.content)["query"])


@pytest.fixture(params=["project", "account"])
def client(request: pytest.FixtureRequest, box: Box) -> Iterator[RailwayClient]:
    own, account = (PROJECT_TOKEN, None) if request.param == "project" else (None, ACCOUNT_TOKEN)
    with RailwayClient(project_token=own, api_token=account, endpoint=f"{box.vendor_url('railway')}/graphql/v2") as client:
        client._client.event_hooks["request"] = [_judged]
        yield client


def serving(client: RailwayClient) -> str:
    (active,) = client.service_instance(PRODUCTION, STOCK).active_deployments or []
    assert active.id
    return active.id


def test_rollback(box: Box, client: RailwayClient) -> None:
    good = client.deployment(serving(client))
    bad = box.ship("stock", "breaks-checkout")["release"]
    assert serving(client) == bad
    assert good.id
    assert client.deployment_rollback(good.id) is True
    fresh = client.deployment(serving(client))
    assert fresh.id not in (good.id, bad)
    assert fresh.meta
    assert good.meta
    assert fresh.meta["commitHash"] == good.meta["commitHash"]


def test_deployments_and_what_belongs_to_one(client: RailwayClient) -> None:
    page = client.deployments(project_id=PROJECT, environment_id=PRODUCTION, service_id=STOCK, first=3)
    assert page.page_info
    assert page.page_info.has_next_page
    assert len(page.edges or []) == 3
    assert client.deployment_events(serving(client)).edges
    assert client.build_logs(serving(client))
    snapshot = client.deployment_snapshot(serving(client))
    assert snapshot
    assert snapshot.variables


def test_variables_and_cache(client: RailwayClient) -> None:
    before = serving(client)
    assert client.variable_collection_upsert(PRODUCTION, PROJECT, {"CURRENCY": "USD"}, service_id=STOCK) is True
    assert serving(client) != before
    assert client.variables(PRODUCTION, PROJECT, service_id=STOCK, unrendered=True)["CURRENCY"] == "USD"


def test_who_asks(box: Box, client: RailwayClient) -> None:
    if "Project-Access-Token" in client._headers:
        assert client.project_token().environment_id == PRODUCTION
    else:
        with pytest.raises(RailwayError, match="Project Token not found"):
            client.project_token()


def test_a_refusal_comes_with_status_200(box: Box) -> None:
    with (
        RailwayClient(project_token="made-up", endpoint=Railway(box).url) as client,
        pytest.raises(RailwayError, match="Project Token not found"),
    ):
        client.deployment_rollback("any")
