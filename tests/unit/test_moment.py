"""Points in time: read as people and vendors write them, written one way."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from hypothesis import given
from hypothesis import strategies as st

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ZONES)
NIGHT = datetime(2026, 11, 22, 2, 41, 7, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@given(MOMENTS)
def test_what_is_written_is_read_back_to_the_millisecond(at: datetime) -> None:
    text = moment.iso(at)
    assert text.endswith("Z")
    assert timedelta() <= at - moment.parse(text) < MILLISECOND
    assert moment.iso(moment.parse(text)) == text


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_times_do(one: datetime, other: datetime) -> None:
    if abs(one - other) >= MILLISECOND:
        assert (moment.iso(one) < moment.iso(other)) == (one < other)


@given(MOMENTS)
def test_every_zone_means_the_same_moment(at: datetime) -> None:
    read = moment.parse(at.isoformat())
    assert read == at
    assert read.tzinfo is UTC


@given(st.times(), st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_clock_time_is_the_last_time_the_clock_showed_it(clock: time, now: datetime) -> None:
    for form in ("%H:%M", "%H:%M:%S"):
        read = moment.parse(clock.strftime(form), now)
        assert read.strftime(form) == clock.strftime(form)
        assert timedelta() <= now - read < timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("02:38", "2026-11-22T02:38:00.000Z"),
        (" 2:38 ", "2026-11-22T02:38:00.000Z"),
        ("02:41:07", "2026-11-22T02:41:07.000Z"),
        ("02:41:08", "2026-11-21T02:41:08.000Z"),
        ("23:59", "2026-11-21T23:59:00.000Z"),
        ("2026-11-22T02:38:00Z", "2026-11-22T02:38:00.000Z"),
        ("2026-11-22T03:38:00+01:00", "2026-11-22T02:38:00.000Z"),
        ("2026-11-22 02:38", "2026-11-22T02:38:00.000Z"),
        ("2026-11-22T02:38:00.123456Z", "2026-11-22T02:38:00.123Z"),
        ("2026-11-22", "2026-11-22T00:00:00.000Z"),
    ],
)
def test_what_people_and_vendors_write(text: str, read: str) -> None:
    assert moment.iso(moment.parse(text, NIGHT)) == read


def test_without_a_given_now_a_clock_time_is_in_the_last_day() -> None:
    age = datetime.now(UTC) - moment.parse("12:00")
    assert timedelta() <= age < timedelta(days=1, seconds=5)


@pytest.mark.parametrize("text", ["", "yesterday", "25:00", "02:60", "2026-13-01", "1763778000", "02:38 CET", "None"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused, match=f"'{text}' is not a time") as refused:
        moment.parse(text)
    assert "02:38" in refused.value.hint


@given(MOMENTS)
def test_a_vendor_s_milliseconds_are_read_exactly(at: datetime) -> None:
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // MILLISECOND
    assert moment.iso(moment.from_epoch_ms(milliseconds)) == moment.iso(at)


def test_the_plan_s_short_form() -> None:
    assert moment.short(datetime(2026, 11, 22, 3, 38, tzinfo=timezone(timedelta(hours=1)))) == "Sun 22 Nov 02:38"
    assert moment.short(None) == "never"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"), (22.84, "22.8 s"), (99.94, "99.9 s"), (99.96, "1 min 40 s"), (120, "2 min"), (200, "3 min 20 s"),
        (3599.4, "59 min 59 s"), (3599.6, "1 h 0 min"), (7500, "2 h 5 min"),
    ],
)  # fmt: skip
def test_spans_in_words(seconds: float, words: str) -> None:
    assert moment.span(seconds) == words


@pytest.mark.parametrize(
    ("text", "last"),
    [("02:38", "2026-11-22T02:38:59.999Z"), ("02:38:10", "2026-11-22T02:38:10.000Z"), ("2026-11-22T02:38:00Z", "2026-11-22T02:38:00.000Z")],
)
def test_a_minute_lasts_until_its_end(text: str, last: str) -> None:
    assert moment.iso(moment.last_of(text, datetime(2026, 11, 22, 2, 41, tzinfo=UTC))) == last
