"""What is particular to status pages: components, subscribers, and others who work on the same page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import NotTold
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import trying

from sandbox.telling import statuspage
from sandbox.testing import Box
from tests.telling.messages import COMMITTED, PROGRESS, RESTORED, STAGES, STARTED
from tests.telling.places import PLACES, Place

pytestmark = pytest.mark.once
PAGES = [place for place in PLACES if place.kind in ("statuspage", "instatus", "better_stack")]
WITH_COMPONENTS = [place for place in PAGES if place.kind != "better_stack"]
WORDS = {"statuspage": "partial_outage", "instatus": "PARTIALOUTAGE"}
MAINTENANCE = {"statuspage": "under_maintenance", "instatus": "UNDERMAINTENANCE"}


@pytest.fixture(params=PAGES, ids=str)
def page(request: pytest.FixtureRequest, box: Box) -> Place:
    found: Place = request.param
    return found


def components(box: Box, vendor: str) -> dict[str, str]:
    return {row["name"]: row["status"] for row in box.state()[vendor]["components"].values()}


def by_hand(box: Box, vendor: str, status: str) -> None:
    """Somebody sets the API's status through an incident of their own."""
    if vendor == "statuspage":
        url, header = f"{box.vendor_url(vendor)}/v1/pages/{statuspage.PAGE}/incidents", "OAuth sandbox-statuspage-key"
        body: Any = {"incident": {"name": "Database upgrade", "components": {"cmp-api": status}, "deliver_notifications": False}}
    else:
        url, header = f"{box.vendor_url(vendor)}/v1/ckf01fonve9i40a32oas5b0uw/incidents", "Bearer sandbox-instatus-key"
        body = {"name": "Database upgrade", "statuses": [{"id": "ins-api", "status": status}], "notify": False}
    assert requests.post(url, json=body, headers={"Authorization": header}, timeout=5).ok


@pytest.mark.parametrize("place", WITH_COMPONENTS, ids=str)
def test_components_are_put_back_as_they_were(place: Place, box: Box) -> None:
    by_hand(box, place.vendor, MAINTENANCE[place.vendor])
    before = components(box, place.vendor)
    channel = place.channel(box.vendor_url(place.vendor))
    memory: Mapping[str, Any] = {}
    for message in STAGES[:-1]:
        memory = channel.tell(message, memory).memory
        assert components(box, place.vendor) == {**before, "API": WORDS[place.vendor], "Storefront": WORDS[place.vendor]}
    channel.tell(COMMITTED, memory)
    assert components(box, place.vendor) == before


@pytest.mark.parametrize("place", WITH_COMPONENTS, ids=str)
def test_what_somebody_has_set_meanwhile_stays(place: Place, box: Box) -> None:
    channel = place.channel(box.vendor_url(place.vendor))
    memory = channel.tell(STARTED, {}).memory
    by_hand(box, place.vendor, MAINTENANCE[place.vendor])
    channel.tell(COMMITTED, memory)
    calm = "operational" if place.vendor == "statuspage" else "OPERATIONAL"
    assert components(box, place.vendor) == {"API": MAINTENANCE[place.vendor], "Storefront": calm, "Payments": calm}


def test_what_was_before_is_known_when_nobody_remembers(box: Box) -> None:
    place = PAGES[0]
    by_hand(box, "statuspage", "under_maintenance")
    channel = place.channel(box.vendor_url("statuspage"))
    for message in (STARTED, PROGRESS, COMMITTED):
        channel.tell(message, {})
    assert components(box, "statuspage")["API"] == "under_maintenance"
    assert place.incidents(box) == 2


def test_only_the_components_that_the_page_has_are_named(page: Place, box: Box) -> None:
    message = replace(STARTED, components=("storefront", "warehouse"))
    page.channel(box.vendor_url(page.vendor)).tell(message, {})
    assert page.incidents(box) == 1
    page.channel(box.vendor_url(page.vendor), components={}).tell(replace(STARTED, incident="2026-11-23-checkout"), {})
    assert page.incidents(box) == 2


@pytest.mark.parametrize("notify", [True, False])
def test_subscribers_are_written_to_where_that_is_wished(page: Place, box: Box, notify: bool) -> None:
    channel = page.channel(box.vendor_url(page.vendor), notify=notify)
    channel.tell(PROGRESS, channel.tell(STARTED, {}).memory)
    notified = box.state()[page.vendor]["notified"]
    assert [STARTED.public in notified[0], PROGRESS.public in notified[1]] if notify else notified == []


def test_two_environments_share_a_page(page: Place, box: Box) -> None:
    channel = page.channel(box.vendor_url(page.vendor))
    channel.tell(STARTED, {})
    channel.tell(replace(STARTED, environment="staging"), {})
    assert page.incidents(box) == 2


def test_an_entry_that_somebody_deleted_is_not_made_again(page: Place, box: Box) -> None:
    channel = page.channel(box.vendor_url(page.vendor))
    memory = channel.tell(STARTED, {}).memory
    box.reset()
    with pytest.raises(NotTold) as problem:
        channel.tell(PROGRESS, memory)
    assert not problem.value.again
    assert page.incidents(box) == 0


def test_too_many_calls_are_told_later(page: Place, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SECONDS", 1.5)  # where the page does not say for how long, it is asked every second
    box.control("rates", on=True, bucket=page.vendor, limit=1, seconds=60)
    with pytest.raises(NotTold) as problem:
        page.channel(box.vendor_url(page.vendor)).tell(STARTED, {})
    assert problem.value.again
    box.control("rates", on=False)


def test_long_texts_fit(page: Place, box: Box) -> None:
    message = replace(STARTED, title="x" * 400, public="y" * 30_000)
    page.channel(box.vendor_url(page.vendor)).tell(message, {})
    assert page.incidents(box) == 1


def test_what_is_internal_is_not_published(page: Place, box: Box) -> None:
    channel = page.channel(box.vendor_url(page.vendor))
    memory: Mapping[str, Any] = {}
    for message in STAGES:
        memory = channel.tell(message, memory).memory
    shown = str(box.state()[page.vendor])
    assert not any(internal in shown for internal in (STARTED.text, PROGRESS.text, RESTORED.text, "alex", "02:48"))
