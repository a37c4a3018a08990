"""What the channels of telling ask for, and each answer of the emulators, as the vendors describe it; PagerDuty's own client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pagerduty import EventsApiV2Client as Client
from pagerduty import HttpError

from sandbox.telling import pagerduty
from sandbox.telling.better_stack import BetterStack
from sandbox.telling.instatus import Instatus
from sandbox.telling.pagerduty import PagerDuty
from sandbox.telling.statuspage import Statuspage
from sandbox.testing import Box
from tests.sandbox.spec import Specification, specification
from tests.telling.messages import COMMITTED, STAGES
from tests.telling.places import PLACES, Place
from tests.vendor_proxy import Proxy

pytestmark = pytest.mark.once
PUBLISHED = {
    "statuspage": ("statuspage/swagger.json", "/v1", Statuspage),
    "instatus": ("instatus/fragment.json", "", Instatus),
    "better_stack": ("betterstack/fragment.json", "/api/v2", BetterStack),
    "pagerduty": ("pagerduty/events-v2-openapiv3.json", "/v2", PagerDuty),
}
HTTP = [place for place in PLACES if place.vendor in PUBLISHED]


def published(vendor: str) -> Specification:
    file, prefix, _ = PUBLISHED[vendor]
    return specification(file, prefix=prefix)


@pytest.mark.parametrize("vendor", PUBLISHED)
def test_every_route_is_published(vendor: str) -> None:
    for method, path, _ in PUBLISHED[vendor][2].routes:
        assert published(vendor).operations(method, path.replace("{", "").replace("}", "")), (method, path)


@pytest.fixture
def proxied(box: Box, place: Place) -> Iterator[Proxy]:
    with Proxy(box.vendor_url(place.vendor)) as proxy:
        yield proxy


@pytest.mark.parametrize("place", HTTP, ids=str)
def test_what_is_asked_and_answered_is_as_published(place: Place, proxied: Proxy) -> None:
    judge, channel = published(place.vendor), place.channel(proxied.url)
    memory: Mapping[str, Any] = {}
    for message in STAGES:
        memory = channel.tell(message, memory).memory
    channel.tell(COMMITTED, {})
    assert len(proxied.log) > len(STAGES)
    for call in proxied.log:
        assert call.answer is not None
        sent = json.loads(call.body) if call.body else None
        judge.check(call.method, call.path, _mended(place, sent), call.answer.status, _mended(place, call.answer.json()))


def _mended(place: Place, body: Any) -> Any:
    """Better Stack's guide says `resolved` where the fragment, which was inferred, has `operational`; Statuspage's has a type `Object`."""
    if place.vendor == "statuspage":
        rows = body if isinstance(body, list) else [body]
        for row in rows:
            if row and "incident" not in row:
                row.pop("metadata", None)
        return body
    return json.loads(json.dumps(body).replace('"resolved"', '"operational"')) if place.vendor == "better_stack" else body


@pytest.fixture
def clients(box: Box) -> Iterator[list[Client]]:
    """One with the right key, one with another."""
    made = [Client(key) for key in (pagerduty.ROUTING_KEY, "0" * 32)]
    for client in made:
        vars(client)["_url"] = box.vendor_url("pagerduty")  # as an option it has to be https
    yield made
    for client in made:
        client.close()


def test_pagerdutys_own_client(box: Box, clients: list[Client]) -> None:
    client, stranger = clients
    key = client.trigger("the disk is full", "host-1", severity="critical")
    client.acknowledge(key)
    assert client.trigger("the disk is still full", "host-1", dedup_key=key) == key
    client.resolve(key)
    client.submit("rolled back", source="host-1", timestamp="2026-11-22T02:38:00Z")
    told = box.state()["pagerduty"]
    assert [(row["status"], [one["action"] for one in row["log"]]) for row in told["alerts"]] == [
        ("resolved", ["trigger", "acknowledge", "trigger", "resolve"])
    ]
    assert [change["summary"] for change in told["changes"]] == ["rolled back"]
    with pytest.raises(HttpError):
        stranger.trigger("nothing", "nobody")
