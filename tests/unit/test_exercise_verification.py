"""Whether an exercise is what was signed: everything that is edited, cut, replaced or removed is named; and C(scripts/verify) says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.evidence import as_bytes, sealed
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.signing import NAMESPACE
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.verification import verify_exercise
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verifying import main
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.exercises import ANNA, Team

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[Team, list[str]]:
    """Three exercises, one after the other."""
    team = Team(tmp_path_factory.mktemp("exercises"))
    return team, [team.hold() for _exercise in range(3)]


@pytest.fixture
def team(held: tuple[Team, list[str]], tmp_path: Path) -> Team:
    """The same in a copy that may be spoilt."""
    copy = object.__new__(Team)
    copy.__dict__.update(held[0].__dict__, store=tmp_path / "incidents", address=str(tmp_path / "incidents"))
    shutil.copytree(held[0].store, copy.store)
    return copy


@pytest.fixture
def names(held: tuple[Team, list[str]]) -> list[str]:
    return held[1]


def say(team: Team, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["--store", str(team.store), "--signers", str(team.people.signers), *arguments])
    return code, capsys.readouterr().out


def test_what_nobody_touched_is_intact_and_ssh_keygen_agrees(team: Team, names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, screen = say(team, capsys=capsys)
    assert code == 0
    assert all(f"INTACT    exercise {name}: PASSED" in screen for name in names)
    assert f"signed by {ANNA}, SHA256:" in screen
    assert main(["--store", str(team.store), "--exercises"]) == 2, "by whom it is signed nobody can tell without a list"
    assert "UNVERIFIED" in capsys.readouterr().out
    place = team.place(names[0])
    content, armoured = ((place / f"evidence.json{end}").read_bytes() for end in ("", ".sig"))
    call = ["-Y", "verify", "-n", NAMESPACE, "-f", str(team.people.signers), "-I", ANNA, "-s", str(place / "evidence.json.sig")]
    assert signature._keygen(call, content).returncode == 0
    assert signature._keygen([*call, "-O", "verify-time=20200101"], content + b" ").returncode != 0
    assert signature.read(armoured).namespace == "lastgood-exercise", "an approval's signature is none"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def cut_last_line(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def append(path: Path) -> None:
    Journal(path, "").append("verdict", verdict="RESTORED", reason="better")


def cut_and_append(path: Path) -> None:
    """As somebody does who knows how the chain is made."""
    cut_last_line(path)
    append(path)


def journal(team: Team, name: str) -> Path:
    incident = next(step["incident"]["id"] for step in team.evidence(name)["steps"] if step["step"] == "database")
    return team.store / incident / "journal.jsonl"


def forge(team: Team, name: str, key: Path) -> None:
    """The evidence anew with another verdict, and pages that fit it, signed with that key."""
    changed = {**team.evidence(name), "verdict": "FAILED"}
    content, pages = sealed({key: value for key, value in changed.items() if key != "pages"})
    for file, page in pages.items():
        (team.place(name) / file).write_bytes(page)
    (team.place(name) / "evidence.json").write_bytes(content)
    (team.place(name) / "evidence.json.sig").write_bytes(signature.sign(content, key, NAMESPACE))


SPOILT: dict[str, tuple[Callable[[Team, str], object], str]] = {
    "edited": (lambda team, name: edit(team.place(name) / "evidence.json", '"PASSED"', '"FAILED"'), "it is altered or forged"),
    "spaced": (lambda team, name: edit(team.place(name) / "evidence.json", ",", ", "), "it was changed, or cut off"),
    "cut": (lambda team, name: cut(team.place(name) / "evidence.json"), "it was changed, or cut off"),
    "page": (lambda team, name: edit(team.place(name) / "evidence.html", "PASSED", "GREAT"), "evidence.html was changed"),
    "no page": (lambda team, name: (team.place(name) / "evidence.md").unlink(), "evidence.md is gone"),
    "no signature": (lambda team, name: (team.place(name) / "evidence.json.sig").unlink(), f"is gone, {ANNA}'s signature"),
    "wrong signer": (lambda team, name: forge(team, name, team.people.directory / "mallory@x.com.key"), f"does not list for {ANNA}"),
    "signed anew": (lambda team, name: forge(team, name, team.key), "is not the one that staging's exercises-staging.json names"),
    "removed": (lambda team, name: shutil.rmtree(team.place(name)), "its evidence is gone"),
    "renamed": (lambda team, name: team.place(name).rename(team.place("2020-01-01-staging")), "its evidence is gone"),
    "journal edited": (lambda team, name: edit(journal(team, name), "RESTORED", "PARTIAL"), "is TAMPERED: line"),
    "journal cut": (lambda team, name: cut_last_line(journal(team, name)), "lines were anchored"),
    "journal cut and appended to": (lambda team, name: cut_and_append(journal(team, name)), "is not the one that was anchored"),
    "journal appended to": (lambda team, name: append(journal(team, name)), "lines and had"),
    "file changed": (lambda team, name: edit(journal(team, name).with_name("incident.yml"), "P0", "P1"), "/incident.yml was changed"),
    "file added": (lambda team, name: journal(team, name).with_name("x").write_text(""), "/x was added"),
    "incident removed": (lambda team, name: shutil.rmtree(journal(team, name).parent), "is gone"),
}


@pytest.mark.parametrize("which", SPOILT)
def test_what_was_spoilt_is_named(team: Team, names: list[str], which: str, capsys: pytest.CaptureFixture[str]) -> None:
    if which == "wrong signer":
        team.people.add("mallory@x.com")
    spoil, words = SPOILT[which]
    spoil(team, names[1])
    code, screen = say(team, "--exercises", capsys=capsys)
    assert code == 1
    assert f"TAMPERED  exercise {names[1]}" in screen
    assert words in screen
    assert f"INTACT    exercise {names[0]}" in screen


@settings(max_examples=30, deadline=None)
@given(file=st.sampled_from(["evidence.json", "evidence.md", "evidence.html"]), at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_bit_can_be_changed(held: tuple[Team, list[str]], file: str, at: float, bit: int) -> None:
    team, names = held
    path = team.place(names[0]) / file
    content = path.read_bytes()
    changed = bytearray(content)
    changed[int(at * len(content))] ^= 1 << bit
    path.write_bytes(changed)
    try:
        judged = verify_exercise(Store(team.address), names[0], team.signers)
    finally:
        path.write_bytes(content)
    assert judged.state == "TAMPERED"
    assert any(file in finding for finding in judged.findings)


def test_one_that_was_removed_in_the_middle_is_missed_by_the_one_after_it(team: Team, names: list[str]) -> None:
    (team.store / "exercises-staging.json").unlink()
    shutil.rmtree(team.place(names[1]))
    judged = team.verified()
    assert judged[names[2]].findings == [f"follows {names[1]}, which is gone: it was removed"]
    assert judged[names[0]].state == "INTACT"


def test_one_that_was_signed_anew_is_noticed_by_the_one_after_it(team: Team, names: list[str]) -> None:
    (team.store / "exercises-staging.json").unlink()
    forge(team, names[1], team.key)
    assert team.verified()[names[1]].findings == [f"evidence.json was changed since {names[2]} followed it"]


def test_a_second_beginning_is_noticed(team: Team, names: list[str]) -> None:
    (team.store / "exercises-staging.json").unlink()
    changed = {**team.evidence(names[1]), "previous": None}
    content, _pages = sealed({key: value for key, value in changed.items() if key != "pages"})
    (team.place(names[1]) / "evidence.json").write_bytes(content)
    assert f"follows none, as {names[0]} does: one of them was put in its place" in team.verified()[names[1]].findings


def test_a_key_that_is_revoked_no_longer_counts(team: Team, names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    public = team.key.with_name(team.key.name + ".pub")
    code, screen = say(team, "--exercises", "--revoked", str(public), capsys=capsys)
    assert (code, "with a key that is revoked" in screen) == (1, True)


def test_the_next_exercise_says_that_the_one_before_is_no_longer_what_was_signed(team: Team, names: list[str]) -> None:
    was = team.evidence(names[2])
    edit(team.place(names[2]) / "evidence.json", '"PASSED"', '"FAILED"')
    begun = team.begin()
    ended = team.end(begun["exercise"]["name"])
    assert any("is no longer what was signed" in warning for warning in ended["warnings"])
    previous = team.evidence(begun["exercise"]["name"])["previous"]
    rows = json.loads((team.store / "exercises-staging.json").read_text())
    assert (previous["name"], previous["state"]) == (names[2], "TAMPERED")
    assert previous["sha256"] == next(row["sha256"] for row in rows if row["name"] == names[2]), "as it was written"
    assert as_bytes(was) != (team.place(names[2]) / "evidence.json").read_bytes()
