"""Everything the Neon emulator can be asked, and each answer, as the vendor describes it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.neon import Neon
from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.sandbox.spec import Specification, specification
from tests.sandbox.vendor_api import Api

PROJECT = "/projects/calm-shop-630245"
MAIN = f"{PROJECT}/branches/br-shop-main"


@pytest.fixture
def published() -> Specification:
    return specification("neon/public-v2-for-users.gen.yaml", prefix="/api/v2")


@pytest.fixture
def checked(box: Box, published: Specification) -> Api:
    return vendor_api.neon(box, published)


def then() -> str:
    return (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_every_route_is_published(published: Specification) -> None:
    for method, path, _ in Neon.routes:
        assert published.operations(method, re.sub(r"\{\w+\}", "x", path)), (method, path)


def test_reading(checked: Api) -> None:
    assert checked.get(PROJECT)["project"]["history_retention_seconds"] == 7 * 86400
    assert {row["name"] for row in checked.get(f"{PROJECT}/branches")["branches"]} == {"main", "development"}
    assert len(checked.get(f"{PROJECT}/branches", limit=1)["branches"]) == 1
    checked.get(MAIN)
    checked.get(f"{MAIN}/endpoints")
    checked.get(f"{PROJECT}/connection_uri", branch_id="br-shop-main", database_name="shop", role_name="shop")
    assert checked.get(f"{PROJECT}/operations")["operations"] == []
    for path in (f"{PROJECT}/branches/br-nowhere", "/projects/nowhere", f"{PROJECT}/operations/0bd7d8e8-0000-4000-8000-000000000000"):
        assert checked.call("GET", path).status_code == 404


def test_a_branch_of_a_moment(checked: Api) -> None:
    about = {"parent_id": "br-shop-main", "name": "as-of-then", "parent_timestamp": then()}
    made = checked.send("POST", f"{PROJECT}/branches", {"branch": about, "endpoints": [{"type": "read_write"}]}, 201)
    id = made["branch"]["id"]
    assert checked.get(f"{PROJECT}/branches/{id}")["branch"]["current_state"] == "ready"
    operation = made["operations"][0]["id"]
    assert checked.get(f"{PROJECT}/operations/{operation}")["operation"]["status"] == "finished"
    checked.send("POST", f"{PROJECT}/branches", {"branch": about}, 409)
    long_ago = {**about, "name": "too-early", "parent_timestamp": "2020-01-01T00:00:00Z"}
    checked.send("POST", f"{PROJECT}/branches", {"branch": long_ago}, 400)
    checked.send("DELETE", f"{PROJECT}/branches/{id}")
    checked.send("DELETE", f"{PROJECT}/branches/{id}", status=204)


def test_a_restore_keeps_the_branch_and_its_children(box: Box, checked: Api) -> None:
    wish = {"source_branch_id": "br-shop-main", "source_timestamp": then()}
    checked.send("POST", f"{MAIN}/restore", wish, 400)  # no name for what is kept
    box.set_latency(neon=60)
    begun = checked.send("POST", f"{MAIN}/restore", {**wish, "preserve_under_name": "before"})
    assert begun["branch"]["id"] == "br-shop-main"
    checked.send("POST", f"{MAIN}/restore", {**wish, "preserve_under_name": "again"}, 423)
    names = {row["name"]: row for row in checked.get(f"{PROJECT}/branches")["branches"]}
    assert names["development"]["parent_id"] == names["before"]["id"]
    assert {row["status"] for row in checked.get(f"{PROJECT}/operations")["operations"]} == {"running", "scheduling"}


def test_an_operation_that_fails(box: Box, checked: Api) -> None:
    box.control("fail", target="shop-database")
    wish = {"source_branch_id": "br-shop-main", "source_timestamp": then(), "preserve_under_name": "before"}
    begun = checked.send("POST", f"{MAIN}/restore", wish)
    until = time.monotonic() + 10
    while checked.get(MAIN)["branch"]["current_state"] != "ready":
        assert time.monotonic() < until
    failed = checked.get(f"{PROJECT}/operations/{begun['operations'][0]['id']}")["operation"]
    assert (failed["status"], failed["error"]) == ("failed", "timeline could not be created")
