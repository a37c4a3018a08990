"""The plan, as a pure function of the list: carried out on a model of S3, the bucket shows what it showed, and nothing else is touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.cut import until
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Rules, Seen, Step, Unsettled, steps
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
Key = list[tuple[int, str]]
"""Of one key the second and the content of each write, oldest first; no content is a marker."""

KEYS = st.dictionaries(
    st.sampled_from(["a", "a/", "b", "ü"]), st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["", "x", "y", "long"])), min_size=1)
)


def listed(bucket: dict[str, Key]) -> list[Version]:
    """As S3 lists it."""
    found = []
    for key in sorted(bucket):
        for number, (second, content) in reversed(list(enumerate(bucket[key]))):
            latest = number == len(bucket[key]) - 1
            at = START + timedelta(seconds=second)
            found.append(Version(key, str(number), at, latest, not content, content and f"md5 {content}", len(content)))
    return found


def shown(bucket: dict[str, Key]) -> dict[str, str]:
    return {key: writes[-1][1] for key, writes in bucket.items() if writes and writes[-1][1]}


def carried_out(bucket: dict[str, Key], plan: list[Step]) -> dict[str, Key]:
    """What S3 makes of it, a minute later."""
    after = {key: list(writes) for key, writes in bucket.items()}
    for step in plan:
        writes = bucket[step.key]
        if step.action is Action.HIDE:
            after[step.key].append((60, ""))
        elif step.action in (Action.UNDELETE, Action.REMOVE):
            after[step.key] = [write for number, write in enumerate(writes) if str(number) not in step.remove]
        elif step.action in (Action.COPY, Action.COMPARE) and step.wanted:
            after[step.key].append((60, writes[int(step.wanted.version_id)][1]))
    return after


def in_order(bucket: dict[str, Key]) -> dict[str, Key]:
    return {key: sorted(writes, key=lambda write: write[0]) for key, writes in bucket.items()}


@given(KEYS, st.integers(0, 7), st.booleans(), st.booleans(), st.booleans())
def test_the_bucket_shows_what_it_showed(unsorted: dict[str, Key], second: int, rewind: bool, removes: bool, keeps: bool) -> None:
    bucket = in_order(unsorted)
    rules = Rules(START + timedelta(seconds=second), rewind=rewind, removes=removes or rewind, keep_markers=keeps)
    plan = list(steps(listed(bucket), rules, seen := Seen()))
    after = carried_out(bucket, plan)
    past = {key: [write for write in writes if write[0] < second] for key, writes in bucket.items()}
    assert shown(after) == shown(past)
    assert (seen.keys, seen.versions) == (len(bucket), sum(map(len, bucket.values())))
    assert len({step.key for step in plan}) == len(plan)
    if not rewind:
        lost = {step.key for step in plan if step.action is Action.UNDELETE}
        assert not (keeps and lost)
        for key, writes in bucket.items():
            assert key in lost or after[key][: len(writes)] == writes
    left = list(steps(listed({key: writes for key, writes in after.items() if writes}), rules, Seen()))
    assert {step.action for step in left} <= {Action.COMPARE}


@given(KEYS, st.integers(0, 7))
def test_it_is_the_least_that_does_it(unsorted: dict[str, Key], second: int) -> None:
    bucket = in_order(unsorted)
    plan = {step.key: step for step in steps(listed(bucket), Rules(START + timedelta(seconds=second)), Seen())}
    for key, writes in bucket.items():
        later = [content for at, content in writes if at >= second]
        past = [content for at, content in writes if at < second]
        wanted = past[-1] if past else ""
        if not later or (not wanted and not later[-1]):
            assert key not in plan
        elif not wanted:
            assert plan[key].action is Action.HIDE
        elif not any(later):
            assert (plan[key].action, len(plan[key].remove)) == (Action.UNDELETE, len(later))
        else:
            assert plan[key].action is (Action.COMPARE if later[-1] == wanted else Action.COPY)


def version(number: int, second: int, **more: object) -> Version:
    at = START + timedelta(seconds=second)
    return Version("k", str(number), at, False, etag="e", size=3)._replace(**more)  # type: ignore[arg-type]


def planned(*versions: Version, **rules: bool) -> list[Step]:
    newest = versions[0]._replace(is_latest=True)
    return list(steps([newest, *versions[1:]], Rules(START + timedelta(seconds=5), **rules), Seen()))


@pytest.mark.parametrize(
    ("wanted", "action"),
    [
        ({"storage_class": "GLACIER"}, Action.ARCHIVED),
        ({"storage_class": "DEEP_ARCHIVE"}, Action.ARCHIVED),
        ({"storage_class": "GLACIER", "restored": True}, Action.COPY),
        ({"storage_class": "GLACIER_IR"}, Action.COPY),
        ({"etag": "e"}, Action.COMPARE),
        ({"storage_class": "STANDARD_IA", "etag": "e"}, Action.COPY),
        ({"etag": "e-2"}, Action.COMPARE),
        ({"etag": "e-2", "size": 4}, Action.COPY),
    ],
)
def test_what_the_list_says_about_the_version(wanted: dict[str, object], action: Action) -> None:
    old = version(0, 1, **{"etag": "other", **wanted})
    (step,) = planned(version(1, 7), old)
    assert (step.action, step.wanted) == (action, old)


@pytest.mark.parametrize("keeps", [False, True])
def test_a_deleted_object_in_the_archive_only_loses_its_marker(keeps: bool) -> None:
    (step,) = planned(version(1, 7, is_marker=True), version(0, 1, storage_class="DEEP_ARCHIVE"), keep_markers=keeps)
    assert (step.action, step.remove) == (Action.UNDELETE, ("1",))


def test_with_mfa_delete_a_deleted_object_is_copied() -> None:
    (step,) = planned(version(1, 7, is_marker=True), version(0, 1), removes=False)
    assert step.action is Action.COPY


def test_what_was_created_later_is_left_alone_when_asked() -> None:
    assert [step.action for step in planned(version(1, 7), keep_created=True)] == [Action.KEEP]
    assert [step.action for step in planned(version(1, 7), version(0, 1, is_marker=True), keep_created=True)] == [Action.HIDE]


def test_where_etags_say_nothing_what_has_the_same_size_is_looked_at() -> None:
    (step,) = planned(version(1, 7, etag="other"), version(0, 1), opaque=True)
    assert step.action is Action.COMPARE


def test_a_list_that_does_not_begin_with_the_newest_is_not_believed() -> None:
    with pytest.raises(Unsettled):
        list(steps([version(1, 7), version(2, 7, is_latest=True)], Rules(START), Seen()))


NOW = START + timedelta(hours=1)


@pytest.mark.parametrize(
    ("good_at", "bad_at", "wanted"),
    [
        ("2026-11-22T02:37:00Z", None, "02:37:01"),
        (None, "2026-11-22T02:37:00Z", "02:37:00"),
        ("2026-11-22T02:37:00.900Z", None, "02:37:01"),
        (None, "2026-11-22T02:37:00.900Z", "02:37:00"),
        ("02:37", None, "02:37:01"),
    ],
)
def test_a_moment_is_a_second_within_or_without(good_at: str | None, bad_at: str | None, wanted: str) -> None:
    assert until({"good_at": good_at, "bad_at": bad_at}, NOW).strftime("%H:%M:%S") == wanted


def test_a_moment_to_come_is_refused() -> None:
    with pytest.raises(Refused, match="still to come"):
        until({"good_at": "2026-11-22T04:00:00Z", "bad_at": None}, NOW)
