"""Edges forget after all of them have the configuration, once, and whoever asked waits until they have."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import invalidation
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

from tests.aws.edge_bench import ID, INVALIDATION, Edge
from tests.vendor_proxy import Answer, Proxy, answering


def asked(edge: Edge) -> list[dict[str, Any]]:
    client = edge.client()
    rows = client.list_invalidations(DistributionId=ID)["InvalidationList"].get("Items", [])
    return [client.get_invalidation(DistributionId=ID, Id=row["Id"])["Invalidation"] for row in rows]


def test_check_mode_says_so_and_asks_for_nothing(edge: Edge) -> None:
    predicted = edge.run(INVALIDATION, check=True, paths=["/*"])
    assert (predicted["changed"], predicted["invalidation"], asked(edge)) == (True, None, [])
    done = edge.run(INVALIDATION, paths=["/*", "/*"])
    assert (done["changed"], done["paths"], [one["Status"] for one in asked(edge)]) == (True, ["/*"], ["Completed"])


def test_never_before_every_edge_has_the_configuration(edge: Edge) -> None:
    edge.box.control("stuck", target="SIN2-C1")
    edge.change(Comment="new")

    late = edge.run(INVALIDATION, paths=["/*"], timeout=0.2)
    assert (late["error"], edge.calls, asked(edge)) == ("TimedOut", [], [])
    assert "nothing was changed" in late["msg"]

    threading.Timer(0.3, lambda: edge.box.control("stuck", target="SIN2-C1", on=False)).start()
    assert edge.run(INVALIDATION, paths=["/*"])["changed"]


def test_one_that_is_running_is_waited_for(edge: Edge) -> None:
    edge.box.set_latency(**{"aws.invalidation": 1})
    begun = edge.run(INVALIDATION, paths=["/a", "/b*"], timeout=0.1)
    assert begun["error"] == "TimedOut"

    other = edge.run(INVALIDATION, check=True, paths=["/a"])
    again = edge.run(INVALIDATION, paths=["/b*", "/a"])

    assert (other["reused"], again["reused"], again["changed"], edge.calls) == (False, True, False, [])
    assert len(asked(edge)) == 1


def test_one_that_has_ended_is_enough_only_when_nothing_changed_since(edge: Edge) -> None:
    before = moment.iso(datetime.now(UTC) - timedelta(minutes=1))
    first = edge.run(INVALIDATION, paths=["/*"], not_before=before)
    second = edge.run(INVALIDATION, paths=["/*"], not_before=before)
    assert (first["changed"], second["changed"], second["invalidation"]) == (True, False, first["invalidation"])
    assert edge.run(INVALIDATION, paths=["/*"], not_before=moment.iso(datetime.now(UTC)))["changed"]
    assert edge.run(INVALIDATION, paths=["/*"])["changed"]
    edge.change(Comment="new")
    assert edge.run(INVALIDATION, paths=["/*"], not_before=before)["changed"]


@pytest.mark.parametrize("heard", [True, False])
def test_a_lost_answer_makes_no_second_one(edge: Edge, heard: bool) -> None:
    disturb = answering(Answer(502), to=lambda call: call.method == "POST", times=1, heard=heard)
    with Proxy(edge.box.aws_url, disturb) as proxy:
        edge.url = proxy.url
        assert edge.run(INVALIDATION, paths=["/*"])["changed"]
    assert len(asked(edge)) == 1


def test_too_many_at_once_are_waited_for(edge: Edge) -> None:
    fault = {"status": 400, "code": "TooManyInvalidationsInProgress", "message": "too many"}
    edge.box.control("aws_fault", service="cloudfront", call="POST", times=2, **fault)
    assert edge.run(INVALIDATION, paths=["/*"])["changed"]
    assert edge.calls == ["CreateInvalidation"] * 3


@pytest.mark.parametrize("path", ["assets/*", "/a*b", "/a b", "/ä", "/a%zz", "/" + "a" * 4000, ""])
def test_a_path_that_cloudfront_would_not_take_is_refused(edge: Edge, path: str) -> None:
    result = edge.run(INVALIDATION, paths=[path])
    assert (result["error"], asked(edge)) == ("Refused", [])


def test_the_encoded_form_is_told() -> None:
    with pytest.raises(Refused) as refused:
        invalidation.checked(["/für alle*"])
    assert "/f%C3%BCr%20alle*" in refused.value.hint
    assert invalidation.checked(["/f%C3%BCr%20alle*", "/a?b=1&c=2"])
    for many in ([f"/{number}*" for number in range(16)], [f"/{number}" for number in range(3001)], []):
        with pytest.raises(Refused):
            invalidation.checked(many)
