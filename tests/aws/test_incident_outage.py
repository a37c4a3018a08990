"""A bucket of incidents that does not answer: before anything is changed it stops the run, afterwards nothing is lost for it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused, Unavailable
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import unsent
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.anchor import keep_head
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import Mirror
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT, verify
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.aws.stores import TroubledS3, World, world_of

pytestmark = pytest.mark.once
NOW = datetime(2026, 11, 22, 2, 38, tzinfo=UTC)
FIELDS = {"environment": "production", "scenario": "checkout", "opened_at": "2026-11-22T02:38:00.000Z", "state": "open"}


@pytest.fixture
def s3(troubled: TroubledS3, nobody: None, monkeypatch: pytest.MonkeyPatch) -> TroubledS3:
    monkeypatch.setattr(unsent, "PAUSE", 0)
    troubled.empty()
    return troubled


@pytest.fixture
def world(s3: TroubledS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return world_of("s3", s3, tmp_path, monkeypatch)


def begun(store: Store, run: str = "a1") -> Incident:
    incident = store.create(NOW, "checkout", FIELDS)
    incident.run = run
    incident.journal.append("opened")
    incident.journal.append("lock_taken")
    return incident


def names(journal: Journal) -> list[str]:
    return [event["event"] for event in journal.events()]


def test_before_anything_is_changed_the_run_is_stopped(world: World, s3: TroubledS3) -> None:
    incident = world.store().create(NOW, "checkout", FIELDS)
    incident.journal.append("opened")
    s3.down = True

    attempts: list[Callable[[], object]] = [
        lambda: incident.journal.append("plan"),
        lambda: incident.update(state="started"),
        lambda: world.store().active("production", "checkout"),
        lambda: world.store().find(incident.fields["id"]),
        lambda: world.store("two").find(incident.fields["id"]),
    ]
    for attempt in attempts:
        with pytest.raises(Unavailable, match="the incident store s3://example-backups/shop/incidents is out of reach: AWS s3 answered"):
            attempt()
    s3.down = False
    assert names(world.store("one").find(incident.fields["id"]).journal) == ["opened"]
    assert world.store("two").find(incident.fields["id"]).fields["state"] == "open"


def test_in_the_middle_it_is_kept_here_and_sent_in_its_order(world: World, s3: TroubledS3) -> None:
    incident = begun(world.store())
    s3.down = True
    incident.journal.append("intent", target="api")
    incident.update(state="rolled_back")
    incident.journal.append("result", target="api")
    mirror = Mirror.of(incident.journal.path)
    assert mirror is not None
    left = mirror.incident(incident.directory).send()
    assert (left.lines(), left.files) == (2, ["incident.yml"])
    assert keep_head(incident.journal, "file:/nowhere").endswith("2 lines are on this machine only")
    assert world.store().find(incident.fields["id"], "a1").fields["state"] == "rolled_back"
    written = ["opened", "lock_taken", "intent", "result", "not_anchored"]
    assert names(incident.journal) == written

    s3.down = False
    incident.journal.append("closed")

    there = world.store("two").find(incident.fields["id"])
    assert names(there.journal) == [*written, "closed"]
    assert there.fields["state"] == "rolled_back"
    assert verify(there.journal.content(), incident.fields["id"]).state == INTACT


def test_a_bucket_that_does_not_answer_is_not_asked_at_every_line(world: World, s3: TroubledS3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsent, "PAUSE", 3600)
    incident = begun(world.store())
    s3.down = True
    incident.journal.append("intent")
    asked = len(s3.calls)
    s3.down = False
    for number in range(5):
        incident.journal.append("call", number=number)
    assert len(s3.calls) == asked
    assert len(names(incident.journal)) == 8


def test_what_another_has_written_meanwhile_is_not_overwritten(world: World, s3: TroubledS3) -> None:
    incident = begun(world.store("one"))
    s3.down = True
    incident.update(state="rolled_back")
    incident.journal.append("verdict")
    s3.down = False
    other = world.store("two").find(incident.fields["id"], "b2")
    other.journal.append("resumed")
    other.update(state="committed")

    mine = world.store("one").find(incident.fields["id"], "a1")
    mine.journal.append("closed")

    assert mine.fields["state"] == "committed"
    assert "rolled_back" in (mine.directory / ".incident.yml.unsent").read_text()
    for machine in ("one", "two"):
        journal = world.store(machine).find(incident.fields["id"]).journal
        assert names(journal) == ["opened", "lock_taken", "resumed", "verdict", "closed"]
        assert verify(journal.content(), incident.fields["id"]).state == INTACT


def test_a_lock_that_cannot_be_let_go_of_is_a_warning(world: World, s3: TroubledS3) -> None:
    lock = Lock(world.store().root, "production")
    holder = {"by": "maria", "environment": "production", "incident": "2026-11-22-checkout", "reason": ""}
    lock.take(holder, 1)
    s3.down = True
    assert lock.release(1).startswith("the lock s3://example-backups/shop/incidents/locks/production.json could not be let go of: ")
    s3.down = False
    assert lock.release(1) == ""
    assert lock.holder() is None


def test_an_answer_that_is_lost_does_not_write_twice(world: World, s3: TroubledS3) -> None:
    incident = begun(world.store())
    for event in ("intent", "result"):
        s3.trouble = {s3.writes: "lost"}
        incident.journal.append(event)
        incident.journal.append(f"after {event}")
    assert names(world.store("two").find(incident.fields["id"]).journal)[2:] == ["intent", "after intent", "result", "after result"]


ACTS = st.lists(st.tuples(st.sampled_from(["append", "append", "write", "look"]), st.sampled_from("ab")), min_size=3, max_size=14)


@given(ACTS, st.dictionaries(st.integers(4, 40), st.sampled_from(["down", "lost"]), max_size=14))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_fails_every_line_arrives_once_and_in_order(s3: TroubledS3, acts: list[tuple[str, str]], trouble: dict[int, str]) -> None:
    s3.empty()
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        world = world_of("s3", s3, Path(directory), patch)
        name = begun(world.store("a"), "a").fields["id"]
        other = world.store("b").find(name, "b")
        other.journal.append("lock_taken")
        s3.trouble = {s3.writes + number - 4: what for number, what in trouble.items()}
        wrote: dict[str, list[int]] = {"a": [], "b": []}
        for number, (act, machine) in enumerate(acts):
            store = world.store(machine)
            incident = Incident(store.root / name, {**FIELDS, "id": name}, machine)
            if act == "append":
                incident.journal.append("call", number=number)
                wrote[machine].append(number)
            elif act == "write":
                incident.update(state="started", number=number)
            else:
                incident.journal.events()
        s3.trouble = {}
        for machine in "aba":
            world.store(machine).find(name, machine)
        contents = [world.store(machine).find(name).journal.content() for machine in ("a", "b", "fresh")]
        assert contents[0] == contents[1] == contents[2]
        assert verify(contents[0], name).state == INTACT
        events = world.store("a").find(name).journal.events()
        found = {run: [event["number"] for event in events if event["run"] == run and event["event"] == "call"] for run in "ab"}
        assert found == wrote
        fields = [world.store(machine).find(name).fields for machine in ("a", "b", "fresh")]
        assert fields[0] == fields[1] == fields[2]


@pytest.mark.parametrize(("header", "name"), [("HTTP_IF_NONE_MATCH", "If-None-Match"), ("HTTP_IF_MATCH", "If-Match")])
def test_a_server_on_which_two_could_hold_one_lock_is_refused(world: World, s3: TroubledS3, header: str, name: str) -> None:
    s3.ignores = header
    with pytest.raises(Refused, match=f"does not honour {name}$"):
        world.store().create(NOW, "checkout", FIELDS)
    with pytest.raises(Refused, match=f"does not honour {name}$"):
        Lock(world.store().root, "production").take({"by": "maria"}, 1)
    assert s3.keys == ["shop/incidents/conditional-writes"]


@pytest.mark.parametrize(
    "url",
    ["s3://", "s3:bucket/x", "s3://user:secret@bucket/x", "s3://bucket/x?secret_key=secret", "s3://bucket/x#y", "file://host/x", "file:x"],
)
def test_what_is_no_place_is_refused_without_its_secrets(url: str, world: World) -> None:
    with pytest.raises(Refused) as caught:
        Store(url)
    assert "secret" not in caught.value.message + caught.value.hint
