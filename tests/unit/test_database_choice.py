"""Which database is wanted, and what it is called: the same for the same wish, whatever was done before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.database_choice import wished
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import (
    Backup,
    Place,
    Point,
    Standing,
    base,
    kept_since,
    moment_in,
    name_for,
    name_to_keep,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotRestorable, Refused
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WISHES = {"good_at": None, "backup": None, "place": None, "undo": None}
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
names = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z]", fullmatch=True).filter(lambda name: base(name) == name)


@given(names, moments, moments)
def test_names_tell_what_they_were_made_of(name: str, at: datetime, kept: datetime) -> None:
    prepared = name_for(name, Point(at))

    assert moment_in(prepared) == at.replace(microsecond=0)
    for undo in (False, True):
        put_aside = name_to_keep(prepared, undo, kept)
        since, undone = kept_since(put_aside)
        assert since is not None
        assert (abs(kept - since) < timedelta(milliseconds=1), undone) == (True, undo)
        assert kept_since(put_aside.upper().replace("-", "_")) == (since, undone)
        assert base(put_aside) == base(prepared) == name
        assert name_for(put_aside, Point(at)) == prepared


@given(st.lists(moments, min_size=1, max_size=6, unique=True), moments)
def test_the_newest_backup_until_then(times: list[datetime], at: datetime) -> None:
    backups = [Backup(f"b{number}", one) for number, one in enumerate(times)]
    standing = Standing(Place("1", "shop"), backups=backups)
    whole = at.replace(microsecond=0)
    before = [one for one in times if one <= whole]
    options = {**WISHES, "good_at": at.isoformat()}
    if not before:
        with pytest.raises(NotRestorable):
            wished(standing, options, datetime(2031, 1, 1, tzinfo=UTC))
        return

    wish = wished(standing, options, datetime(2031, 1, 1, tzinfo=UTC))

    assert wish is not None
    assert wish.since == max(before)


def test_a_backup_stands_in_before_the_window_and_never_after_it() -> None:
    backups = [Backup("b1", NOW - timedelta(days=9)), Backup("b2", NOW - timedelta(hours=1))]
    standing = Standing(Place("1", "shop"), NOW - timedelta(days=7), NOW - timedelta(minutes=5), backups)

    early = wished(standing, {**WISHES, "good_at": "2026-11-14T00:00:00Z"}, NOW)

    assert early is not None
    assert early.name == "shop-of-b1"
    with pytest.raises(NotRestorable, match="too recent"):
        wished(standing, {**WISHES, "good_at": "2026-11-22T02:58:00Z"}, NOW)
    with pytest.raises(Refused, match="still to come"):
        wished(standing, {**WISHES, "good_at": "2026-11-22T03:01:00Z"}, NOW)


def test_a_name_of_one_that_has_served_is_not_taken_again() -> None:
    """What was written to it since would come along."""
    made = "shop-at-20261122t020000"
    kept = Place("2", made, made, kept_at=NOW, undone=True)
    standing = Standing(Place("1", "shop"), NOW - timedelta(days=7), NOW, places=[kept])

    wish = wished(standing, {**WISHES, "good_at": "2026-11-22T02:00:00Z"}, NOW)

    assert wish is not None
    assert (wish.name, wish.place) == (f"{made}x2", None)
    assert moment_in(wish.name) == datetime(2026, 11, 22, 2, tzinfo=UTC)


def test_what_serves_is_recognised_although_its_own_window_begins_later() -> None:
    made = "shop-at-20261122t020000"
    standing = Standing(Place("2", made, made), NOW - timedelta(minutes=1), NOW)

    wish = wished(standing, {**WISHES, "good_at": "2026-11-22T02:00:00Z"}, NOW)

    assert wish is not None
    assert wish.name == made
