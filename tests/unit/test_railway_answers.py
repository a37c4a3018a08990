"""Railway says most things with HTTP 200; what is believed of that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import documents
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.access import Graph
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.releases import Railway
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

from tests.unit.test_api import Server
from tests.unit.test_railway_history import START

NOWHERE = {"token": "planted", "api_token": None, "project": "p", "environment": "e", "service": "s"}


@pytest.fixture
def vendor() -> Iterator[Server]:
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


def say(vendor: Server, *bodies: Any) -> dict[str, Any]:
    """Let it answer so, in that order; the options that reach it."""
    vendor.answers = [(200, {}, json.dumps(body).encode()) for body in bodies]
    return {**NOWHERE, "api_url": f"{vendor.url}/graphql/v2"}


def refusal(message: str, **extensions: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": extensions}], "data": None}


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (refusal("Not Authorized"), errors.NotAuthorised, "Railway says: Not Authorized"),
        (refusal("Project Token not found"), errors.NotAuthorised, "Project Token not found"),
        (refusal("Two Factor Authentication Required", workspaceName="shop"), errors.NotAuthorised, r"\(workspace shop\)"),
        (refusal("Deployment not found"), errors.NotFound, "Deployment not found"),
        (refusal("Problem processing request"), errors.Unanswered, "Problem processing request"),
        (refusal("You are being rate limited"), errors.RateLimited, "rate limit"),
        (refusal("Something else"), errors.VendorError, "Something else"),
        ({"errors": [{"message": "half of it"}], "data": {"deploymentRollback": True}}, errors.VendorError, "half of it"),
        ({"errors": ["only words"]}, errors.VendorError, "only words"),
        ({"data": None}, errors.Unanswered, "no data"),
        ({}, errors.Unanswered, "no data"),
        (["not an object"], errors.Unanswered, "no GraphQL"),
    ],
)
def test_an_answer_with_status_200_may_be_an_error(vendor: Server, body: Any, kind: type[errors.RecoveryError], words: str) -> None:
    graph = Graph(say(vendor, body), Run())

    with pytest.raises(errors.RecoveryError, match=words) as error:
        graph.send(documents.ROLLBACK, id="d1")
    assert type(error.value) is kind
    assert error.value.hint


@pytest.mark.parametrize("answer", [False, None, "true", {"id": "d2"}])
def test_only_true_is_yes(vendor: Server, answer: Any) -> None:
    empty: Any = {"data": {"deployments": {"edges": []}}}
    provider = Railway(say(vendor, empty, empty, {"data": {"deploymentRollback": answer}}), Run())

    with pytest.raises(errors.VendorError, match="did not accept the rollback"):
        provider.activate(Release("d1", "c0ffee", START, START, good=True))


@pytest.mark.parametrize("status", ["FAILED", "CRASHED", "CANCELLED", "SKIPPED", "REMOVED", "NEVER_HEARD_OF"])
def test_a_status_nobody_knows_is_an_end_and_not_a_good_one(vendor: Server, status: str) -> None:
    row = {"id": "d2", "status": status, "deploymentStopped": False}
    provider = Railway(say(vendor, {"data": {"deployment": row, "serviceInstance": {"activeDeployments": []}}}), Run())

    with pytest.raises(errors.ActivationFailed, match=f"ended as {status}, nothing is serving"):
        provider.settled(Release("d2", "c0ffee", START, None, good=False))


@pytest.mark.parametrize(("stopped", "active", "settled"), [(False, ["d2"], True), (True, ["d2"], False), (False, ["d1"], False)])
def test_a_success_counts_when_it_serves(vendor: Server, stopped: bool, active: list[str], settled: bool) -> None:
    row = {"id": "d2", "status": "SUCCESS", "deploymentStopped": stopped}
    serving = {"activeDeployments": [{"id": id} for id in active]}
    provider = Railway(say(vendor, {"data": {"deployment": row, "serviceInstance": serving}}), Run())

    assert provider.settled(Release("d2", "c0ffee", START, None, good=False)) is settled
