"""Choosing a release by time, against vendors that know what they served."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import choice
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import (
    NoGoodRelease,
    NotRestorable,
    UnknownRelease,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.unit.simulated_vendor import Event, Kind, Vendor, minute

MANY = settings(max_examples=400)
KINDS: list[Kind] = ["deploy", "deploy", "fail", "redeploy", "redeploy", "roll back", "roll back", "roll back by hand", "expire"]
EVENTS: st.SearchStrategy[list[Event]] = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 5)), min_size=1, max_size=12)
Story = tuple[Vendor, datetime]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A vendor with a history that begins with two releases, and a moment in it or shortly around."""
    vendor = Vendor(rolls_forward=draw(st.booleans()))
    history: list[Event] = [("deploy", 0), ("deploy", 0), *draw(EVENTS)]
    for happening in history:
        vendor.happen(happening)
    return vendor, minute(draw(st.integers(0, 2 * len(vendor.served) + 1)) / 2)


def ask(vendor: Vendor, at: datetime, way: str = "bad_at") -> Release | None:
    """The release that is chosen, or None when there is none to choose."""
    choose = choice.bad_at if way == "bad_at" else choice.good_at
    try:
        return choose(vendor.releases, at, vendor.condemned).release
    except (NoGoodRelease, NotRestorable):
        return None


@MANY
@given(stories())
def test_serving_at_is_what_was_served(story: Story) -> None:
    vendor, at = story
    assume(not vendor.condemned_again)  # one time for each artifact cannot tell that
    release = choice.serving_at(vendor.releases, at, vendor.condemned)
    assert (release and release.artifact) == vendor.truth(at)


@MANY
@given(stories())
def test_good_at_is_what_was_served_or_an_error_that_says_why(story: Story) -> None:
    vendor, at = story
    assume(not vendor.condemned_again)
    truth = vendor.truth(at)
    serving = choice.serving_at(vendor.releases, at, vendor.condemned)
    if serving is None:
        with pytest.raises(NoGoodRelease, match="nothing was serving"):
            choice.good_at(vendor.releases, at, vendor.condemned)
    elif not serving.good:
        with pytest.raises(NotRestorable, match=r"cannot any more \(DELETED\)"):
            choice.good_at(vendor.releases, at, vendor.condemned)
    elif truth in vendor.condemned or serving.taken_out_at:
        with pytest.raises(NoGoodRelease, match="rolled away from since then"):
            choice.good_at(vendor.releases, at, vendor.condemned)
    else:
        chosen = choice.good_at(vendor.releases, at, vendor.condemned)
        assert chosen.release.artifact == truth
        assert chosen.why.startswith("was serving on Sun 22 Nov 00:")


@MANY
@given(stories(), st.sampled_from(["good_at", "bad_at"]))
def test_what_is_chosen_can_serve(story: Story, way: str) -> None:
    vendor, at = story
    chosen = ask(vendor, at, way)
    if chosen:
        assert chosen.good
        assert chosen.live_from
        assert chosen.artifact not in vendor.condemned
        assert not chosen.taken_out_at


@MANY
@given(stories())
def test_bad_at_is_the_newest_good_one_before_and_never_the_bad_one(story: Story) -> None:
    vendor, at = story
    assume(not vendor.condemned_again)
    bad = vendor.truth(at)
    started = [r.live_from for r in vendor.releases if r.artifact == bad and r.live_from and r.live_from <= at]
    before = {
        r.live_from: r.artifact
        for r in vendor.releases
        if r.good and r.live_from and started and r.live_from < max(started)
        and r.artifact != bad and r.artifact not in vendor.condemned and not r.taken_out_at
    }  # fmt: skip
    chosen = ask(vendor, at)
    assert (chosen and chosen.artifact) == (before[max(before)] if before else None)


@MANY
@given(stories(), st.integers(1, 4))
def test_bad_at_stays_the_same_after_the_rollback_it_causes(story: Story, times: int) -> None:
    vendor, at = story
    assume(at < vendor.now)
    first = ask(vendor, at)
    if first is None:
        return
    condemned_before = dict(vendor.condemned)
    for _again in range(times):
        if vendor.served[-1] != first.artifact:
            vendor.roll_back_to(first.artifact)
        while_the_incident_is_open = choice.bad_at(vendor.releases, at, condemned_before)
        assert while_the_incident_is_open.release.artifact == first.artifact
        once_it_is_closed = ask(vendor, at)
        assert once_it_is_closed is not None
        assert once_it_is_closed.artifact == first.artifact


@MANY
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(story: Story, chance: random.Random) -> None:
    vendor, at = story
    answers = (ask(vendor, at), ask(vendor, at, "good_at"))
    chance.shuffle(vendor.releases)
    assert (ask(vendor, at), ask(vendor, at, "good_at")) == answers


@MANY
@given(stories())
def test_named_finds_every_good_release_and_refuses_every_other(story: Story) -> None:
    vendor, _at = story
    for release in vendor.releases:
        if release.good:
            assert choice.named(vendor.releases, release.id).release is release
        else:
            with pytest.raises(NotRestorable, match=f"{release.id} .*{release.state}") as refused:
                choice.named(vendor.releases, release.id)
            assert refused.value.hint
    with pytest.raises(UnknownRelease, match="no production release is called rel-x") as unknown:
        choice.named(vendor.releases, "rel-x")
    anything_good = [r.id for r in vendor.releases if r.good]
    hint = unknown.value.hint
    assert hint.startswith("Good releases: ") if anything_good else hint == "Fix forward: deploy a repaired release."
    assert all(name in hint for name in anything_good[-3:])


@MANY
@given(st.lists(st.integers(0, 200), max_size=6), st.integers(0, 40))
def test_the_last_good_moment_is_before_all_that_was_shipped_together(starts: list[int], together: int) -> None:
    serving = [Release(str(n), str(n), minute(n), minute(n), good=True) for n in starts]
    serving.append(Release("never", "never", minute(0), None, good=False))
    found = choice.last_good_moment(serving, timedelta(minutes=together))
    if not starts:
        assert found is None
        return
    assert found is not None
    suspects = sorted(n for n in starts if minute(n) > found)
    innocent = [n for n in starts if minute(n) <= found]
    assert max(starts) in suspects
    assert minute(suspects[0]) - found == timedelta(milliseconds=1)
    assert all(later - earlier <= together for earlier, later in pairwise(suspects))
    assert not innocent or suspects[0] - max(innocent) > together


def test_a_condemned_artifact_that_was_deployed_again_is_what_serves() -> None:
    vendor = Vendor(rolls_forward=False)
    events: list[Event] = [("deploy", 0), ("deploy", 0), ("roll back", 0), ("redeploy", 1)]
    for happening in events:
        vendor.happen(happening)
    assert vendor.served == [None, "artifact-0", "artifact-1", "artifact-0", "artifact-1"]
    chosen = ask(vendor, vendor.now)
    assert chosen is not None
    assert chosen.artifact == "artifact-0"
    with pytest.raises(NoGoodRelease, match="rolled away from since then"):
        choice.good_at(vendor.releases, vendor.now, vendor.condemned)
