"""The judge itself: what is not as described must not pass."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.spec import Specification, specification

DEPLOY = {"id": "dep-1", "status": "live", "trigger": "api"}


@pytest.fixture
def render() -> Specification:
    return specification("render/openapi-2025-09-20.json", prefix="/v1", nulls_are_absent=True)


def test_what_is_described_passes(render: Specification) -> None:
    render.check("POST", "/v1/services/srv-1/rollback", {"deployId": "dep-1"}, 201, DEPLOY)


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "received"),
    [
        ("POST", "/v1/services/srv-1/roll-back", {"deployId": "dep-1"}, 201, DEPLOY),
        ("POST", "/v1/services/srv-1/rollback?force=true", {"deployId": "dep-1"}, 201, DEPLOY),
        ("POST", "/v1/services/srv-1/rollback", {"deploy": "dep-1"}, 201, DEPLOY),
        ("POST", "/v1/services/srv-1/rollback", {"deployId": "dep-1"}, 202, None),
        ("POST", "/v1/services/srv-1/rollback", {"deployId": "dep-1"}, 201, {**DEPLOY, "status": "ready"}),
        ("POST", "/v1/services/srv-1/rollback", {"deployId": "dep-1"}, 201, {"status": "live"}),
    ],
    ids=["path", "query", "request body", "status", "unknown value", "missing field"],
)
def test_what_is_not_described_fails(
    render: Specification, method: str, path: str, sent: Any, status: int, received: Any
) -> None:
    with pytest.raises(AssertionError):
        render.check(method, path, sent, status, received)


@pytest.fixture
def netlify() -> Specification:
    """A description in Swagger 2."""
    return specification("netlify/swagger-2.60.0.json", prefix="/api/v1", nulls_are_absent=True)


VARIABLE = {"key": "A", "values": [{"value": "1", "context": "all"}]}


def test_swagger_that_is_described_passes(netlify: Specification) -> None:
    netlify.check("POST", "/api/v1/accounts/a/env?site_id=s", [VARIABLE], 201, [VARIABLE])
    netlify.check("POST", "/api/v1/accounts/a/env", [VARIABLE], 422, {"code": 422, "message": "no"})


@pytest.mark.parametrize(
    ("query", "sent", "status", "received"),
    [
        ("?site=s", [VARIABLE], 201, [VARIABLE]),
        ("", VARIABLE, 201, [VARIABLE]),
        ("", [{**VARIABLE, "scopes": ["everything"]}], 201, [VARIABLE]),
        ("", [VARIABLE], 201, VARIABLE),
        ("", [VARIABLE], 202, [VARIABLE]),
        ("", [VARIABLE], 422, {"error": "no"}),
    ],
    ids=["query", "request body", "unknown value", "answer", "status", "error"],
)
def test_swagger_that_is_not_described_fails(netlify: Specification, query: str, sent: Any, status: int, received: Any) -> None:
    with pytest.raises(AssertionError):
        netlify.check("POST", f"/api/v1/accounts/a/env{query}", sent, status, received)
