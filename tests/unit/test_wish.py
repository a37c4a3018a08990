"""Which release is asked for when a list lags behind, or when the vendor's clock is not ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ClocksDiffer, NoGoodRelease
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release
from ansible_collections.lastgood.recovery.plugins.module_utils.wish import choose

from tests.unit.simulated_vendor import minute

OLD, GOOD, BAD = (Release(name, name, minute(at), minute(at), True) for name, at in (("old", 0), ("good", 10), ("bad", 20)))


@dataclass
class Vendor:
    found: list[Release]
    ahead: float = 0
    name: str = "Vendor"

    def releases(self) -> list[Release]:
        return self.found

    def clock_ahead(self) -> float:
        return self.ahead


def chosen(vendor: Vendor, **options: Any) -> str:
    given = {"release": None, "good_at": None, "bad_at": None, "condemned": {}, **options}
    return choose(cast(Provider, vendor), BAD, given).release.id


def at(number: float) -> str:
    return moment.iso(minute(number))


def test_what_serves_belongs_to_a_list_that_lags_behind() -> None:
    assert chosen(Vendor([GOOD, OLD]), bad_at=at(30)) == "good"


@pytest.mark.parametrize("ahead", [0, 59, -59])
def test_clocks_may_differ_by_a_minute(ahead: float) -> None:
    assert chosen(Vendor([BAD, GOOD, OLD], ahead), bad_at=at(20.1)) == "good"


@pytest.mark.parametrize("ahead", [420, -420])
def test_clocks_that_differ_do_no_harm_where_both_mean_the_same(ahead: float) -> None:
    assert chosen(Vendor([BAD, GOOD, OLD], ahead), bad_at=at(30)) == "good"
    assert chosen(Vendor([BAD, GOOD, OLD], ahead), release="old") == "old"


def test_clocks_that_mean_different_releases_are_refused() -> None:
    with pytest.raises(ClocksDiffer, match="7 min ahead of this machine's") as caught:
        chosen(Vendor([BAD, GOOD, OLD], 420), bad_at=at(15))

    assert "means old by this one, good by the other" in caught.value.message
    assert caught.value.hint.endswith("name the release: old (old), or good (good).")


def test_a_clock_by_which_nothing_served_yet() -> None:
    with pytest.raises(ClocksDiffer, match="good by this one, nothing that can be had by the other"):
        chosen(Vendor([GOOD], -420), good_at=at(13))
    with pytest.raises(NoGoodRelease):
        chosen(Vendor([GOOD], 420), good_at=at(5))
