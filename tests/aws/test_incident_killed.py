"""kill -9 while a line is on its way to the bucket: the next run, here or elsewhere, goes on with one chain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT, verify

from tests.aws.stores import TroubledS3, World

pytestmark = pytest.mark.once
WRITES = (
    "import sys; from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store\n"
    "journal = Store(sys.argv[1]).find(sys.argv[2], 'a').journal\n"
    "journal.append('lock_taken')\n"
    "for number in range(5): journal.append('call', number=number)\n"
)


@pytest.mark.parametrize("arrived", [True, False], ids=["the line arrived", "the line did not arrive"])
@pytest.mark.parametrize("machine", ["one", "two"])
def test_killed_while_a_line_is_on_its_way(world: World, troubled: TroubledS3, arrived: bool, machine: str) -> None:
    fields = {"environment": "production", "scenario": "checkout", "opened_at": "2026-11-22T02:38:00.000Z", "state": "open"}
    incident = world.store("one").create(datetime(2026, 11, 22, tzinfo=UTC), "checkout", fields)
    name = incident.fields["id"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    writer = subprocess.Popen([sys.executable, "-c", WRITES, world.place, name], env=environment)

    def kill(path: str) -> bool:
        if not path.endswith(f"journals/{name}/000004.json"):
            return False
        writer.kill()
        writer.wait()
        return True

    if arrived:
        troubled.wrote = kill
    else:
        troubled.denied = lambda method, path: method == "PUT" and kill(path.partition("?")[0])
    assert writer.wait() == -signal.SIGKILL
    troubled.wrote, troubled.denied = (lambda path: None), (lambda method, path: False)

    journal = world.store(machine).find(name, "b").journal
    journal.append("resumed")
    other = world.store("two" if machine == "one" else "one").find(name, "c").journal
    other.append("closed")

    wrote = [(event["event"], event.get("number")) for event in world.store("three").find(name).journal.events()]
    lines = [("lock_taken", None), *(("call", number) for number in range(3 if arrived else 2))]
    assert wrote == [*lines, ("resumed", None), ("closed", None)]
    contents = {world.store(one).find(name).journal.content() for one in ("one", "two", "three")}
    assert len(contents) == 1
    assert verify(contents.pop(), name).state == INTACT
