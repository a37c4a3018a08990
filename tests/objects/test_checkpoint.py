"""What is written down of a run, and what of it a later run believes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.checkpoint import FRESH, Checkpoint, Copies
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.meter import size
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.parts import ranges
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, 2, 38, tzinfo=UTC)
ABOUT = {"bucket": "b"}
VERSIONS = st.builds(
    lambda key, number, etag: Version(key, str(number), NOW, False, False, etag, number, "GLACIER", True),
    st.text(),
    st.integers(0),
    st.text(),
)
STEPS = st.lists(
    st.builds(Step, st.sampled_from(Action), st.just("k\udcff\x01\n"), st.none(), st.none(), st.lists(st.text()).map(tuple))
    | VERSIONS.map(lambda version: Step(Action.COPY, version.key, version))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.data())
def test_steps_come_back_as_they_were(tmp_path: Path, steps: list[Step], data: st.DataObject) -> None:
    checkpoint = Checkpoint(tmp_path, "c")
    with checkpoint.written(ABOUT, {}, NOW) as write:
        for step in steps:
            write(step)
    done = data.draw(st.sets(st.integers(0, len(steps) - 1))) if steps else set()
    for number in done:
        checkpoint.done(number)
    again = Checkpoint(tmp_path, "c")
    assert again.resumed(ABOUT, NOW) is not None
    assert list(again.open_steps()) == [(number, step) for number, step in enumerate(steps) if number not in done]
    assert sum(again.open_actions().values()) == len(steps) - len(done)
    assert len(again) == len(done)
    checkpoint.forget()
    again.forget()


def test_a_plan_that_is_not_whole_old_or_another_is_made_anew(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "c")
    try:
        with checkpoint.written(ABOUT, {}, NOW) as write:
            write(Step(Action.HIDE, "k"))
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert Checkpoint(tmp_path, "c").resumed(ABOUT, NOW) is None
    with checkpoint.written(ABOUT, {"steps": {"hide": 1}}, NOW) as write:
        write(Step(Action.HIDE, "k"))
    assert (Checkpoint(tmp_path, "c").resumed(ABOUT, NOW) or {})["steps"] == {"hide": 1}
    assert Checkpoint(tmp_path, "c").resumed({"bucket": "another"}, NOW) is None
    assert Checkpoint(tmp_path, "c").resumed(ABOUT, NOW + timedelta(seconds=FRESH + 1)) is None
    checkpoint.forget()
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_known_as_that_of_its_source_alone(tmp_path: Path) -> None:
    copies = Copies(tmp_path, "c")
    copies.add("new", "old")
    for known in (copies, Copies(tmp_path, "c")):
        assert (known.known("new", "old"), known.known("new", "older"), known.known("old", "new")) == (True, False, False)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_parts_cover_every_byte_once(length: int, part: int) -> None:
    last = -1
    for number, (given_number, written) in enumerate(ranges(length, max(part, length // 50)), 1):
        start, end = map(int, written.removeprefix("bytes=").split("-"))
        assert (given_number, start) == (number, last + 1)
        last = end
    assert last == length - 1


def test_sizes_as_people_write_them() -> None:
    sizes = {0: "0 B", 999: "999 B", 1000: "1.0 kB", 99_449: "99.4 kB", 99_600: "100 kB", 999_700: "1.0 MB", 5 << 40: "5.5 TB"}
    assert {count: size(count) for count in sizes} == sizes
