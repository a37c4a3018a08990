"""The journal survives what a run does not."""

from __future__ import annotations

import multiprocessing
import os
import threading
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.guard import alone
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT, verify
from hypothesis import given, settings
from hypothesis import strategies as st


def test_events_come_back_in_order_with_their_time_and_run(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", run="a1")
    journal.append("intent", target="api", text="line\nbreak and \u2028 separator")
    journal.append("result", target="api")

    first, second = journal.events()

    assert (first["event"], second["event"]) == ("intent", "result")
    assert first["text"] == "line\nbreak and \u2028 separator"
    assert first["run"] == "a1"
    assert first["at"] <= second["at"]


@given(cut=st.integers(min_value=1, max_value=200))
@settings(max_examples=60)
def test_a_line_that_was_cut_off_takes_nothing_else_with_it(cut: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        journal = Journal(Path(directory) / "journal.jsonl")
        journal.append("first")
        whole = journal.path.read_bytes()
        journal.append("second", text="ä" * 40)
        both = journal.path.read_bytes()
        journal.path.write_bytes(both[: max(len(whole), len(both) - cut)])
        journal.append("third")

        events = [event["event"] for event in journal.events()]

    assert events[0] == "first"
    assert events[-1] == "third"
    assert set(events[1:-1]) <= {"second", "unreadable"}


def _write(path: Path, name: str) -> None:
    journal = Journal(path)

    def write_beside() -> None:
        for number in range(20):
            journal.append("beside", by=name, number=number)

    beside = threading.Thread(target=write_beside)
    beside.start()
    for number in range(50):
        journal.append(name, number=number)
    beside.join()


def test_several_processes_and_threads_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(path, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    events = Journal(path).events()

    assert len(events) == 210
    assert verify(path.read_bytes(), path.parent.name).state == INTACT, "each follows the one before, whoever wrote that"
    for name in "abc":
        assert [event["number"] for event in events if event["event"] == name] == list(range(50))


def test_there_may_be_none(tmp_path: Path) -> None:
    assert Journal(tmp_path / "journal.jsonl").events() == []


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_process_that_was_forked_in_the_middle_of_a_line_can_write(tmp_path: Path) -> None:
    """It inherits the lock's file, and must not wait for itself when the process that it came from is killed."""
    journal = Journal(tmp_path / "journal.jsonl")
    with alone(journal.path):
        child = os.fork()
        if not child:
            held = [name for name in os.listdir("/proc/self/fd") if os.path.realpath(f"/proc/self/fd/{name}") == str(journal.path)]
            os._exit(len(held))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    journal.append("later")
