"""A journal cannot be changed unnoticed: not a byte, not a line, not its end."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.anchor import DirectoryAnchor, keep_head
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import (
    INTACT,
    TAMPERED,
    TORN,
    UNCHAINED,
    Anchored,
    Verification,
    verify,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verifying import main
from hypothesis import given, settings
from hypothesis import strategies as st

NAME = "2026-11-22-checkout"
OLD = b'{"at": "2026-01-01T00:00:00.000Z", "event": "opened", "run": "a1", "by": "maria"}\n'


def written(count: int = 6, before: bytes = b"", torn_after: int | None = None, cut: int = 9) -> bytes:
    """A journal of so many lines, as it is written; after the line C(torn_after) a crash has cut one off."""
    with tempfile.TemporaryDirectory() as directory:
        journal = Journal(Path(directory) / NAME / "journal.jsonl", "r1")
        journal.path.parent.mkdir()
        journal.path.write_bytes(before)
        for number in range(count):
            journal.append("call", number=number, path=f"/ä/{number}\u2028", listed=[1.5, None, {"b": True, "a": "\ud800"}])
            if number == torn_after:
                whole = journal.path.read_bytes()
                journal.append("lost")
                journal.path.write_bytes(journal.path.read_bytes()[: len(whole) + cut])
        return journal.path.read_bytes()


SIX = written()
HEAD = verify(SIX, NAME)
ANCHORED = [Anchored(HEAD.lines, HEAD.head)]


def judged(content: bytes, anchored: list[Anchored] | None = None) -> Verification:
    return verify(content, NAME, ANCHORED if anchored is None else anchored)


def rechained(lines: list[bytes]) -> bytes:
    """The lines with new hashes, as somebody who knows the chain would write them."""
    content, previous = b"", chain.beginning(NAME)
    for line in lines:
        event = {key: value for key, value in json.loads(line).items() if key not in chain.LINKS}
        content += chain.link(event, previous, b"")
        previous = json.loads(content.splitlines()[-1])["hash"]
    return content


def test_what_was_written_is_intact() -> None:
    assert judged(SIX) == Verification(INTACT, lines=6, head=HEAD.head)
    assert judged(SIX, []).notes == ["no anchor: lines cut off its end, or a chain computed anew, would not be noticed"]


@given(place=st.integers(0, len(SIX) - 1), byte=st.integers(0, 255))
@settings(max_examples=400)
def test_any_byte_that_is_changed_is_noticed_without_an_anchor(place: int, byte: int) -> None:
    changed = SIX[:place] + bytes([byte]) + SIX[place + 1 :]
    assert (judged(changed, []).state == INTACT) == (changed == SIX)


@given(place=st.integers(0, len(SIX)), more=st.binary(min_size=1, max_size=40) | st.sampled_from([b"\n", OLD, b" ", b"{}\n"]))
@settings(max_examples=400)
def test_anything_that_is_inserted_is_noticed_without_an_anchor(place: int, more: bytes) -> None:
    assert judged(SIX[:place] + more + SIX[place:], []).state != INTACT


@given(start=st.integers(0, len(SIX) - 1), length=st.integers(1, 2000))
@settings(max_examples=400)
def test_anything_that_is_removed_is_noticed(start: int, length: int) -> None:
    """Without an anchor too, but for whole lines at the end."""
    left = SIX[:start] + SIX[start + length :]
    assert judged(left).state == TAMPERED or left == SIX[:-1]
    if not (left == SIX[:start] and left.endswith(b"\n")):
        assert judged(left, []).state != INTACT


@given(order=st.permutations(range(6)))
def test_lines_in_another_order_are_noticed(order: list[int]) -> None:
    lines = SIX.splitlines(keepends=True)
    assert (judged(b"".join(lines[number] for number in order), []).state == TAMPERED) == (order != sorted(order))


@given(cut=st.integers(0, 5), more=st.integers(0, 4))
def test_cut_and_written_on_is_noticed_by_the_anchor(cut: int, more: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        journal = Journal(Path(directory) / NAME / "journal.jsonl", "r1")
        journal.path.parent.mkdir()
        journal.path.write_bytes(b"".join(SIX.splitlines(keepends=True)[:cut]))
        for _number in range(more):
            journal.append("call")
        forged = journal.path.read_bytes()
    assert judged(forged).state == TAMPERED
    assert (judged(forged, []).state == INTACT) == (cut + more > 0), "the chain alone cannot tell"


@given(line=st.integers(0, 5))
def test_a_chain_that_was_computed_anew_is_noticed_by_the_anchor(line: int) -> None:
    lines = SIX.splitlines()
    lines[line] = lines[line].replace(b'"call"', b'"answer"')
    assert judged(rechained(SIX.splitlines())).state == INTACT
    assert judged(rechained(lines)).findings == ["line 6 of the chain is not the one that was anchored"]


def test_another_incident_s_journal_is_noticed() -> None:
    assert verify(SIX, "2026-11-21-checkout").state == TAMPERED


@given(cut=st.integers(1, 100))
def test_a_crash_is_told_apart(cut: int) -> None:
    """The line that kill -9 tore, with the lines written after it, and at the end."""
    inside, end = written(torn_after=2, cut=cut), written(4, torn_after=3, cut=cut)
    assert judged(inside, []).state == INTACT
    assert "line 4: cut off by a crash; nothing was done on its account" in judged(inside, []).notes
    assert judged(end, []).state == TORN
    assert judged(end, []).findings == []
    torn = inside.splitlines(keepends=True)
    torn[3] = b"x" + torn[3]
    assert judged(b"".join(torn), []).findings == ["line 4: not what stood there when line 5 was written"]


def test_a_last_line_without_its_newline_is_written_on() -> None:
    torn = SIX[:-1]
    assert judged(torn).state == TORN
    assert judged(written(1, before=torn)[: len(SIX)]).state == INTACT


def test_an_old_journal_is_told_as_such_and_sealed_by_the_next_line() -> None:
    assert judged(OLD * 2, []).state == UNCHAINED
    assert judged(b"", []).state == UNCHAINED
    grown = written(2, before=OLD * 2)
    assert judged(grown, []).state == INTACT
    assert "lines 1 to 2: older than the chain, sealed since the line that follows" in judged(grown, []).notes
    assert judged(grown.replace(b"maria", b"mario", 1), []).state == TAMPERED


def test_a_line_longer_than_what_is_read_at_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path / NAME / "journal.jsonl")
    journal.path.parent.mkdir()
    for size in (200_000, 70_000, 10):
        journal.append("long", text="x" * size)
    assert judged(journal.path.read_bytes(), []).state == INTACT


def test_links_are_no_part_of_an_event(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append("call", hash="mine", prev="mine")
    assert set(journal.events()[0]) == {"at", "event", "run"}


def test_the_command_answers_with_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory, heads = tmp_path / NAME, tmp_path / "heads"
    directory.mkdir()
    (directory / "incident.yml").write_text("environment: sandbox\n")
    (directory / "journal.jsonl").write_bytes(SIX)
    assert keep_head(Journal(directory / "journal.jsonl"), f"file:{heads}") == ""
    assert DirectoryAnchor(heads).kept(NAME) == ANCHORED
    call = [f"--store={tmp_path}", f"--anchor=file:{heads}", NAME]

    codes = []
    for content in (SIX, SIX.replace(b"r1", b"r2", 1), OLD, SIX + SIX[:50]):
        (directory / "journal.jsonl").write_bytes(content)
        codes.append(main(call if content != OLD else [call[0]]))

    assert codes == [0, 1, 2, 3]
    assert "TAMPERED  2026-11-22-checkout: 6 lines" in capsys.readouterr().out


def test_an_anchor_out_of_reach_stops_nothing_and_is_written_down(tmp_path: Path) -> None:
    journal = Journal(tmp_path / NAME / "journal.jsonl")
    journal.path.parent.mkdir()
    journal.append("opened")
    (tmp_path / "file").write_text("")
    assert "was not kept outside" in keep_head(journal, f"file:{tmp_path}/file/heads")
    assert "was not kept outside" in keep_head(journal, "ftp://example.com")
    assert [event["event"] for event in journal.events()] == ["opened", "not_anchored", "not_anchored"]
