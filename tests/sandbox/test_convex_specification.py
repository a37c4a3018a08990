"""What the Convex emulator can be asked, and each answer, as the vendor describes its public API; and what it remembers."""

from __future__ import annotations

import re
import subprocess

import pytest

from sandbox.convex import Convex, settings
from sandbox.testing import Box
from tests.sandbox.spec import Specification, specification
from tests.sandbox.vendor_api import Api

# Calls of the vendor's program that its description leaves out; the program itself is their judge.
UNPUBLISHED = ("/api/update_environment_variables", "/api/query")


@pytest.fixture
def published() -> Specification:
    return specification("convex/deployment-openapi.json", prefix="/api/v1")


@pytest.fixture
def checked(box: Box, published: Specification) -> Api:
    return client(box, Convex.tokens[0], published)


def client(box: Box, key: str, published: Specification | None = None) -> Api:
    api = Api(f"{box.vendor_url('convex')}/api/v1", key, {}, published)
    api.session.headers["Authorization"] = f"Convex {key}"
    return api


def test_every_route_is_published(published: Specification) -> None:
    for method, path, _ in settings.ROUTES:
        assert path in UNPUBLISHED or published.operations(method, re.sub(r"\{\w+\}", "x", path)), (method, path)


def test_variables_and_what_the_audit_log_says_of_them(checked: Api) -> None:
    assert checked.get("/deployment_info") == {"kind": "selfHosted"}
    changes = [{"name": "CURRENCY", "value": "GBP"}, {"name": "NEW", "value": "1"}, {"name": "LASTGOOD_RELEASE", "value": None}]
    checked.send("POST", "/update_environment_variables", {"changes": changes})
    assert checked.get("/list_environment_variables") == {"environmentVariables": {"CURRENCY": "GBP", "NEW": "1"}}

    first = checked.get("/list_audit_log_events", **{"from": 0, "limit": 2})
    assert [event["action"] for event in first["items"]] == ["push_config_with_components", "update_environment_variable"]
    rest = checked.get("/list_audit_log_events", **{"from": 0, "limit": 100, "cursor": first["pagination"]["nextCursor"]})
    assert [(event["action"].split("_")[0], event["metadata"]["variable_name"]) for event in rest["items"]] == [
        ("update", "CURRENCY"),
        ("create", "NEW"),
        ("delete", "LASTGOOD_RELEASE"),
    ]
    assert not rest["pagination"]["hasMore"]


def test_pausing_stops_everything(box: Box, checked: Api) -> None:
    query = {"path": "bookings:list", "args": {}, "format": "json"}
    outside = Api(box.vendor_url("convex"), "", {})
    assert outside.send("POST", "/api/query", query)["status"] == "success"
    checked.send("POST", "/pause_deployment")
    checked.send("POST", "/pause_deployment")
    assert box.state()["serving"]["bookings"]["unavailable"] == "PAUSED"
    outside.send("POST", "/api/query", query, status=400)
    checked.send("POST", "/unpause_deployment")
    assert not box.state()["serving"]["bookings"]["unavailable"]


def test_what_is_refused(box: Box) -> None:
    assert client(box, "wrong").call("GET", "/list_environment_variables").status_code == 401
    api = client(box, Convex.tokens[0])
    api.send("POST", "/update_environment_variables", {"changes": [{"name": "not a name", "value": "x"}]}, status=400)
    box.control("plan", target="bookings", plan="hobby")
    assert api.call("GET", "/list_audit_log_events", **{"from": 0}).status_code == 403


def test_what_is_pushed_can_be_cloned_and_a_reset_forgets_it(box: Box) -> None:
    before = _head(box)
    shipped = box.ship("bookings", "breaks-checkout")

    assert _head(box) == shipped["commit"] != before
    assert box.state()["serving"]["bookings"]["kind"] == "breaks-checkout"
    refused = box.ship("bookings", "failing-build")
    assert (_head(box), refused["release"]) == (refused["commit"], None)
    assert box.state()["serving"]["bookings"]["commit"] == shipped["commit"]
    _git(box, "fsck", "--strict")
    box.reset()
    assert _head(box) == before


def _head(box: Box) -> str:
    return _git(box, "rev-parse", "main")


def _git(box: Box, *arguments: str) -> str:
    command = ["git", "-C", str(box.state_dir / "bookings.git"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
