"""What a vendor has cached is purged, and nobody is told more than can be known."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport
from ansible_collections.lastgood.recovery.plugins.modules import cache as any_cache

from sandbox.testing import Box
from tests.contract.bench import printed_by
from tests.contract.cached import CACHED, Cached
from tests.contract.vendors import VENDORS, Vendor
from tests.vendor_proxy import Answer, Proxy, answering


class Purging:
    """The cache of one vendor's target."""

    def __init__(self, cached: Cached, box: Box) -> None:
        self.cached, self.box = cached, box
        self.vendor: Vendor = next(vendor for vendor in VENDORS if vendor.name == cached.vendor)

    def purge(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return printed_by(self.cached.module.main, check, **{"poll": 0.05, **self.vendor.options(self.box), **options})

    @property
    def purged(self) -> list[Any]:
        return self.cached.purged(self.box)


@pytest.fixture(params=CACHED, ids=str)
def purging(request: pytest.FixtureRequest, box: Box) -> Purging:
    request.param.ready(box)
    return Purging(request.param, box)


def test_everything_is_purged_however_often_it_is_asked_for(purging: Purging) -> None:
    assert [purging.purge()["changed"] for _ in range(2)] == [True, True]

    assert purging.purged == 2 * purging.cached.whole


def test_a_lost_answer_is_asked_for_again(purging: Purging) -> None:
    disturb = answering(Answer(502), to=lambda call: call.changes, times=1, heard=True)
    with Proxy(purging.vendor.options(purging.box)["api_url"], disturb) as proxy:
        result = purging.purge(api_url=proxy.url)

    assert (result.get("failed"), result["changed"]) == (None, True)
    assert purging.purged == purging.cached.whole[:1] + purging.cached.whole


def test_check_mode_says_what_would_be_purged_and_purges_nothing(purging: Purging) -> None:
    predicted = purging.purge(check=True)

    assert purging.purged == []
    done = purging.purge()
    for key in ("changed", "purged", "tags", "warnings"):
        assert predicted[key] == done[key], key


def test_tags_pick_what_is_purged(purging: Purging) -> None:
    tags = [f"product-{number}" for number in range(20)]

    result = purging.purge(tags=[*tags, tags[0]])

    if not purging.cached.tags:
        assert (result["error"], purging.purged) == ("Refused", [])
        return
    assert (result["changed"], result["tags"]) == (True, tags)
    assert [tag for call in purging.purged for tag in call] == tags


def test_a_target_that_caches_nothing_is_left_alone(purging: Purging) -> None:
    if purging.cached.always:
        pytest.skip("this vendor caches for every target")
    purging.box.reset()

    result = purging.purge()

    assert (result["changed"], result["purged"], purging.purged) == (False, [], [])
    assert "caches nothing" in result["summary"]


def test_the_vendor_of_the_inventory_is_taken(purging: Purging) -> None:
    service = purging.vendor.options(purging.box)

    result = printed_by(any_cache.main, provider=purging.vendor.name, service=service)

    assert result["changed"], result
    assert purging.purged == purging.cached.whole


def test_a_bad_token_and_a_target_out_of_reach(purging: Purging) -> None:
    wrong: dict[str, Any] = {purging.vendor.secret: "planted-secret"}

    assert purging.purge(**wrong)["error"] == "NotAuthorised"
    assert purging.purge(reach={})["error"] == "OutOfReach"
    assert purging.purged == []


def test_a_vendor_that_does_not_answer_is_no_success(purging: Purging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01,))
    purging.box.control("outage", vendor=purging.vendor.name)

    assert purging.purge()["error"] in ("Unavailable", "Unanswered")
