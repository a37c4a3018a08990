"""What an incident store promises, of each kind: a directory, and a bucket that several machines share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import approver, verifying
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approved_plan import approved_plan, plan_hash
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approving import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import OPEN
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import START
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store, short, write
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT, verify
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome

from tests.aws.stores import TroubledS3, World, world_of
from tests.unit.ssh_people import People

pytestmark = pytest.mark.once
NOW = datetime(2026, 11, 22, 2, 38, tzinfo=UTC)
MARIA = {"by": "maria", "environment": "production", "incident": "2026-11-22-checkout", "reason": "orders fail"}
TOM = {**MARIA, "by": "tom"}
OPENING = {
    **{name: option.get("default") for name, option in OPEN.arguments.items()},
    "environment_name": "production",
    "scenario": "checkout",
    "lead": "tom",
}


@pytest.fixture(params=["path", "file", "s3"])
def world(request: pytest.FixtureRequest, troubled: TroubledS3, nobody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    troubled.empty()
    return world_of(request.param, troubled, tmp_path, monkeypatch)


def opened(store: Store, **fields: Any) -> Incident:
    made = {"environment": "production", "scenario": "checkout", "opened_at": "2026-11-22T02:38:00.000Z", "state": "open", **fields}
    return store.create(NOW, "checkout", made)


def test_what_one_machine_writes_another_reads(world: World) -> None:
    mine = opened(world.store("one"))
    mine.journal.append("opened", by="maria")
    mine.update(state="started")
    mine.keep_plan({"good_at": "x", "targets": [{"target": "api", "from": "bad"}]})
    (mine.directory / "approvals").mkdir(exist_ok=True)
    write(mine.directory / "approvals" / "1.json", "signed")

    store = world.store("two")
    (other,) = store.incidents("production")
    assert store.active("production", "checkout") is not None
    assert store.find(other.fields["id"]).fields == mine.fields
    assert [event["event"] for event in other.journal.events()] == ["opened"]
    assert other.planned() == [{"target": "api", "from": "bad"}]
    assert (other.directory / "approvals" / "1.json").read_text() == "signed"
    other.update(state="committed")
    other.journal.append("committed")

    again = world.store("one")
    assert again.active("production", "checkout") is None
    assert [event["event"] for event in again.find(mine.fields["id"]).journal.events()] == ["opened", "committed"]
    assert verify(again.find(mine.fields["id"]).journal.content(), mine.fields["id"]).state == INTACT


def test_a_name_is_given_once(world: World) -> None:
    names = [opened(world.store(machine)).fields["id"] for machine in ("one", "two", "one")]
    assert names == ["2026-11-22-checkout", "2026-11-22-checkout-2", "2026-11-22-checkout-3"]


def test_what_there_is_not_is_refused(world: World) -> None:
    for name in ("2026-11-22-payments", "..", "../x", ".", ""):
        with pytest.raises(Refused, match="there is no incident"):
            world.store().find(name)


def test_several_write_at_once_and_nothing_is_lost(world: World) -> None:
    incident = opened(world.store())
    code = (
        "import sys; from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store\n"
        "journal = Store(sys.argv[1]).find(sys.argv[2], sys.argv[3]).journal\n"
        "for number in range(5): journal.append('call', number=number)\n"
    )
    command = [sys.executable, "-c", code, world.place, incident.fields["id"]]
    path = os.pathsep.join(filter(None, sys.path))
    environment = [{**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(world.machines / machine)} for machine in ("one", "two", "one")]
    writers = [subprocess.Popen([*command, f"run{number}"], env=env) for number, env in enumerate(environment)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]

    journal = world.store("three").find(incident.fields["id"]).journal
    written = [(event["run"], event["number"]) for event in journal.events()]
    assert sorted(written) == [(f"run{run}", number) for run in range(3) for number in range(5)]
    for run in range(3):
        assert [number for whose, number in written if whose == f"run{run}"] == list(range(5))
    assert verify(journal.content(), incident.fields["id"]).state == INTACT


def test_one_of_many_gets_the_lock(world: World) -> None:
    root = world.store().root
    taken, refused = [], []

    def take(name: str, process: int) -> None:
        try:
            Lock(root, "production").take({**MARIA, "by": name}, process)
            taken.append(name)
        except Locked as error:
            refused.append(error.message)

    sleepers = [subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(4)]
    threads = [threading.Thread(target=take, args=(f"run{number}", one.pid)) for number, one in enumerate(sleepers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in sleepers:
        one.kill()
        one.communicate()

    assert len(taken) == 1
    assert len(refused) == 3
    assert all("is rolling production back since" in text or "at the same time" in text for text in refused)


def test_the_lock_is_seen_let_go_of_and_taken_again(world: World) -> None:
    mine = Lock(world.store("one").root, "production")
    assert mine.take(MARIA, os.getpid()) is None
    assert mine.take(MARIA, os.getpid()) is None
    other = Lock(world.store("two").root, "production")
    assert other.holder()["by"] == "maria"  # type: ignore[index]
    assert Lock(world.store("two").root, "staging").holder() is None
    assert mine.release(os.getppid()) == ""
    assert other.holder() is not None
    assert mine.release(os.getpid()) == ""
    assert other.holder() is None
    assert other.refusal() == ""
    assert other.take(TOM, os.getpid()) is None
    assert mine.holder()["by"] == "tom"  # type: ignore[index]


def test_a_holder_elsewhere_is_told_of_and_broken_by_name(world: World) -> None:
    incident = opened(world.store())
    incident.journal.append("opened")
    lock = Lock(incident.directory.parent, "production")
    lock.take({**MARIA, "incident": incident.fields["id"]}, os.getpid())
    text, tag = lock.place.read() or ("", None)
    lock.place.replace(json.dumps({**json.loads(text), "kernel": "another"}), tag)
    seen = incident.journal.events()[-1]["at"]

    with pytest.raises(Locked) as caught:
        lock.take(TOM, os.getpid())
    assert f"orders fail; process {os.getpid()} on " in caught.value.message
    assert f"its journal was last written at {seen}" in caught.value.message
    name = caught.value.facts["refusal"]
    assert f"-e break_lock={name} " in caught.value.hint
    with pytest.raises(Locked):
        lock.take(TOM, os.getpid(), "lock-00000000")

    dead = lock.take(TOM, os.getpid(), name)
    assert dead is not None
    assert dead["by"] == "maria"
    assert lock.holder()["by"] == "tom"  # type: ignore[index]
    assert lock.refusal() != name


def test_a_lock_that_cannot_be_read_counts_as_held_and_can_be_broken(world: World) -> None:
    lock = Lock(world.store().root, "production")
    with lock.place.alone():
        lock.place.replace('{"by": "mar', None)
    with pytest.raises(Locked, match="cannot be read") as caught:
        lock.take(TOM, os.getpid())
    dead = lock.take(TOM, os.getpid(), caught.value.facts["refusal"])
    assert dead is not None
    assert dead["by"] == "somebody unknown"


def test_what_breaks_a_lock_is_in_the_journal_with_its_reason(world: World) -> None:
    options = OPENING | {"store": world.place}
    assert outcome(OPEN, options, Run(check=True))["ansible_facts"]["incident"]["directory"] == ""
    facts = outcome(OPEN, options, Run())["ansible_facts"]["incident"]
    lock = Lock(Path(facts["directory"]).parent, "production")
    lock.take(MARIA, None)

    refused = outcome(START, {"incident": facts}, Run(process=os.getpid()))
    assert refused["error"] == "Locked"
    breaks = {"incident": facts, "break_lock": refused["refusal"]}
    assert "without a reason" in outcome(START, breaks, Run(process=os.getpid()))["msg"]
    taken = outcome(START, {**breaks, "break_lock_reason": "evicted"}, Run(process=os.getpid()))

    assert taken["summary"] == "lock taken over from a run of maria that was said to be dead"
    events = world.store("two").find(facts["id"]).journal.events()
    assert [event["event"] for event in events] == ["opened", "overridden", "lock_taken"]
    assert (events[1]["id"], events[1]["reason"], events[1]["by"]) == (refused["refusal"], "evicted", "tom")
    assert events[2]["taken_over"]["by"] == "maria"


def test_scripts_verify_reads_what_is_in_the_store(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    incident = opened(world.store())
    for event in ("opened", "plan", "closed"):
        incident.journal.append(event)
    assert verifying.main(["--store", world.place]) == 0
    assert "INTACT    2026-11-22-checkout: 3 lines" in capsys.readouterr().out
    if world.s3:
        from tests.postgres.s3 import BUCKET

        key = "shop/incidents/journals/2026-11-22-checkout/000002.json"
        line = world.s3.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        world.s3.client.put_object(Bucket=BUCKET, Key=key, Body=line.replace(b"plan", b"plot"))
        assert verifying.main(["--store", world.place]) == 1
        assert "line 2 was changed" in capsys.readouterr().out
        world.s3.client.delete_object(Bucket=BUCKET, Key=key)
        assert verifying.main(["--store", world.place, "2026-11-22-checkout"]) == 1
        assert "line 3 does not follow line 2" in capsys.readouterr().out


def test_scripts_approve_signs_on_another_machine(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(tmp_path)
    key = people.add("anna@x.com")
    monkeypatch.setattr("builtins.input", lambda question: "APPROVE PRODUCTION checkout")
    row = {"target": "api", "tier": "backend", "vendor": "Render", "changes": True, "only_if": "", "from": {"id": "r2"}, "to": {"id": "r1"}}
    what = approved_plan({"environment": "production", "scenario": "checkout"}, "2026-11-22T02:30:00.000Z", [row], [], None)
    facts = outcome(OPEN, OPENING | {"store": world.place}, Run())["ansible_facts"]["incident"]
    facts |= {"by": "maria", "user": "maria", "plan": {"changes": True, "hash": plan_hash(what), "approve": what}}
    needed = {"roles": {"lead": ["anna@x.com"]}, "required": [{"by": {"lead": 1}}], "signers": str(people.signers)}
    asks = {**{name: option.get("default") for name, option in CHECK.arguments.items()}, "incident": facts, "approvals": needed}

    assert outcome(CHECK, asks, Run())["error"] == "ApprovalMissing"
    world.store("two")
    assert approver.main([facts["id"], "--store", world.place, "--key", str(key)]) == 0
    world.store("three")
    assert outcome(CHECK, asks, Run())["summary"] == "approved by anna@x.com (lead)"


def test_a_file_is_shown_where_others_find_it(world: World) -> None:
    report = opened(world.store()).directory / "report.html"
    assert short(report).endswith("incidents/2026-11-22-checkout/report.html")
    assert short(report).startswith("s3://") is (world.s3 is not None)
