"""What served when, told from deploys that keep one instant of publication: compared with what really happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils import choice
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.history import as_served
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 11, 2, tzinfo=UTC)
BUILD = timedelta(minutes=3)


@dataclass
class Site:
    """A site whose pushes are published when they are built. C(overwrites): publishing again overwrites the instant."""

    overwrites: bool
    clock: datetime = START
    created: dict[str, datetime] = field(default_factory=dict)
    published: dict[str, datetime] = field(default_factory=dict)
    served: list[tuple[datetime, str]] = field(default_factory=list)

    def push(self, after: timedelta) -> None:
        name = f"d{len(self.created)}"
        self.created[name] = self.clock + after
        self.clock += after + BUILD
        self._publish(name)

    def restore(self, name: str, after: timedelta) -> None:
        self.clock += after
        self._publish(name)

    def _publish(self, name: str) -> None:
        if self.overwrites or name not in self.published:
            self.published[name] = self.clock
        self.served.append((self.clock, name))

    def truth(self, at: datetime) -> str:
        return [name for since, name in self.served if since <= at][-1]

    def told(self) -> list[Release]:
        rows = [Release(id, id, self.created[id], when, good=True) for id, when in self.published.items()]
        return as_served(rows, self.served[-1][1])


pauses = st.integers(min_value=10, max_value=5000).map(lambda minutes: timedelta(minutes=minutes))
pushes = st.lists(pauses, min_size=3, max_size=7)


def site_with(first: list[timedelta], overwrites: bool) -> Site:
    site = Site(overwrites)
    for pause in first:
        site.push(pause)
    return site


def checked(site: Site, moments: list[datetime]) -> None:
    for at in moments:
        serving = choice.serving_at(site.told(), at)
        assert serving is not None
        assert serving.id == site.truth(at), (at, site)


@given(pushes, st.booleans())
def test_without_rollbacks_it_is_what_the_vendor_says(first: list[timedelta], overwrites: bool) -> None:
    site = site_with(first, overwrites)

    assert {release.id: release.live_from for release in site.told()} == site.published
    assert not any(release.taken_out_at for release in site.told())


@given(pushes, st.integers(min_value=2, max_value=3), pauses, st.lists(pauses, max_size=3))
def test_a_rollback_changes_nothing_that_was_before(first: list[timedelta], back: int, pause: timedelta, then: list[timedelta]) -> None:
    site = site_with(first, overwrites=True)
    target = f"d{len(first) - back}"
    site.restore(target, pause)
    for after in then:
        site.push(after)

    checked(site, [since for since, _name in site.served])
    bad = site.published[f"d{len(first) - back + 1}"]
    assert choice.bad_at(site.told(), bad).release.id == target, "the same command again"


@given(pushes, pauses)
def test_a_rollback_that_was_undone_can_be_made_again(first: list[timedelta], pause: timedelta) -> None:
    site = site_with([*first, timedelta(hours=1)], overwrites=True)
    good, bad = f"d{len(first) - 1}", f"d{len(first)}"
    broken = site.clock + timedelta(minutes=1)
    site.restore(good, timedelta(minutes=5))
    site.restore(bad, timedelta(minutes=5))

    assert choice.bad_at(site.told(), broken).release.id == good
    assert choice.bad_at(site.told(), site.clock + pause).release.id == good


@given(pushes, pauses)
def test_a_vendor_that_keeps_the_first_instant_is_understood_too(first: list[timedelta], pause: timedelta) -> None:
    site = site_with(first, overwrites=False)
    target = f"d{len(first) - 2}"
    site.restore(target, pause)

    checked(site, [since for since, _name in site.served[:-2]])
    assert choice.good_at(site.told(), site.clock).release.id == target


def test_builds_that_overlap_are_no_rollback() -> None:
    site = Site(overwrites=True)
    site.push(timedelta(hours=1))
    first = site.created["d0"]
    rows = [
        *site.told(),
        Release("slow", "slow", first + timedelta(hours=1), first + timedelta(minutes=69), good=True),
        Release("quick", "quick", first + timedelta(minutes=65), first + timedelta(minutes=70), good=True),
    ]

    assert as_served(rows, "quick") == rows


def test_a_site_that_is_published_by_hand_is_taken_at_its_word() -> None:
    rows = [Release(f"d{day}", f"d{day}", START + timedelta(days=day), START + timedelta(days=day, hours=9), good=True) for day in range(4)]

    assert as_served(rows, "d3") == rows
