"""Checklists: an item is ticked where the journal proves it, fails where it disproves it, and is open else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import checklist_files
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.checklist import ANSWERS, read_checklists
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.once
AT = "2026-11-22T02:44:10.000Z"
INCIDENT = {"scenario": "checkout", "reason": "buttons are gone", "severity": "P0"}


def look(phase: str, /, kind: str | None = None, **verdicts: str) -> dict[str, Any]:
    checks = [{"name": name.replace("_", " "), "verdict": word} for name, word in verdicts.items()]
    return {"event": "checked", "at": AT, "phase": phase, "checks": checks, **({"kind": kind} if kind else {})}


def went(target: str, status: str) -> dict[str, Any]:
    return {"event": "result", "kind": "release", "target": target, "status": status}


def told(stage: str, channel: str, state: str) -> dict[str, Any]:
    return {"event": "told", "at": AT, "stage": stage, "channel": channel, "state": state}


def verdict(word: str) -> dict[str, Any]:
    return {"event": "verdict", "verdict": word, "reason": "of that"}


def item(bound: dict[str, Any], events: list[Any], incident: dict[str, Any] = INCIDENT) -> dict[str, str]:
    own = {"name": "own", "lists": [{"name": "one", "items": [{"text": "as it should be", **bound}]}]}
    found: dict[str, str] = read_checklists({**incident, "checklists": [own]}, events)[0]["items"][0]
    return found


RATE = {"checks": ["*error rate*"]}
FLOWS = {"kinds": ["flows"]}
BACK = {"went_back": "every target"}
GOOD = {"verdict": ["RESTORED"]}
PAGE = {"told": {"stages": ["restored", "committed"], "channels": ["*status*"]}}


@pytest.mark.parametrize(
    ("bound", "events", "state", "why"),
    [
        (RATE, [look("after", api_Error_rate="OK")], "done", "api Error rate: OK at Sun 22 Nov 2026 02:44:10 UTC"),
        (RATE, [look("after", error_rate="BAD")], "failed", "fails: error rate"),
        (RATE, [look("after", error_rate="UNKNOWN")], "open", "nobody can tell: error rate"),
        (RATE, [look("after", error_rate="SKIPPED")], "open", "nobody can tell"),
        (RATE, [look("after", error_rate="OK", error_rate_of_api="UNKNOWN")], "open", "error rate of api"),
        (RATE, [look("after", error_rate="BAD", error_rate_of_api="UNKNOWN")], "failed", "fails: error rate"),
        (RATE, [look("after", home="OK")], "open", "no check is called *error rate*"),
        (RATE, [look("before", error_rate="OK")], "open", "not looked at since the rollback: error rate"),
        (RATE, [look("after frontend", error_rate="BAD"), look("after backend", error_rate="OK")], "done", ""),
        (RATE, [look("after", error_rate="OK"), look("watch 1", error_rate="BAD")], "failed", ""),
        (RATE, [look("after", error_rate="OK"), look("before", error_rate="BAD")], "open", "not looked at since"),
        (RATE, [look("after", error_rate="OK"), {"event": "undone"}], "open", "the rollback was undone"),
        (FLOWS, [look("after", home="OK", checkout="OK"), look("after", "logs", quiet="BAD")], "done", "home, checkout: OK"),
        (FLOWS, [look("after", "logs", quiet="OK")], "open", "no flows were checked"),
        ({"kinds": ["logs"]}, [look("after", home="OK"), look("after", "logs", quiet="BAD")], "failed", "fails: quiet"),
        (RATE, [look("after", "data", error_rate="BAD"), look("after", error_rate="OK")], "failed", "fails: error rate"),
        (BACK, [went("shop", "failed"), went("shop", "changed"), went("api", "ok")], "done", "went back: api, shop"),
        (BACK, [went("shop", "changed"), went("api", "unreachable")], "failed", "did not go back: api"),
        (BACK, [went("shop", "skipped")], "open", "no target has gone back yet"),
        (GOOD, [verdict("RESTORED")], "done", "RESTORED: of that"),
        (GOOD, [verdict("PARTIAL")], "failed", "PARTIAL"),
        (GOOD, [verdict("COULD NOT VERIFY")], "open", "COULD NOT VERIFY"),
        (GOOD, [verdict("RESTORED"), {"event": "resumed"}], "open", "no verdict yet"),
        (PAGE, [told("restored", "status page", "sent")], "done", "status page at Sun 22 Nov"),
        (PAGE, [told("started", "status page", "sent"), told("restored", "slack", "sent")], "open", "nobody was told that way"),
        (PAGE, [told("restored", "status page", "queued")], "open", "queued: status page"),
        (PAGE, [told("restored", "status page", "queued"), told("restored", "status page", "sent")], "done", ""),
        (PAGE, [told("restored", "status eu", "sent"), told("restored", "status us", "failed")], "failed", "failed: status us"),
        (PAGE, [told("restored", "status page", "not delivered")], "open", "was not delivered"),
        ({"looks": {"phase": "watch*", "at_least": 2}}, [look("watch 1", a="OK"), look("watch 1", b="OK")], "open", "1 of 2 looks"),
        ({"looks": {"phase": "watch*", "at_least": 2}}, [look("watch 1", a="OK"), look("watch 2", a="BAD")], "done", "2 of 2 looks"),
        ({"events": ["approved", "confirmed"]}, [{"event": "confirmed", "at": AT}], "done", "since Sun 22 Nov 2026"),
        ({"events": ["approved", "confirmed"]}, [], "open", "not in the journal"),
        ({"given": ["severity", "reason"]}, [], "done", "severity: P0; reason: buttons are gone"),
        ({"given": ["reason", "lead"]}, [], "open", "not given: lead"),
    ],
)
def test_what_the_journal_says_of_an_item(bound: dict[str, Any], events: list[Any], state: str, why: str) -> None:
    found = item(bound, events)

    assert (found["state"], found["by"]) == (state, "machine")
    assert why in found["why"]


def test_a_persons_item_stays_open_and_says_how() -> None:
    assert item({"person": True}, [verdict("RESTORED")]) == {"text": "as it should be", "state": "open", "by": "person", "why": ""}
    assert item({"person": "in a browser"}, [])["why"] == "in a browser"


verdicts = st.sampled_from(["OK", "BAD", "UNKNOWN", "SKIPPED", None, 7])
phases = st.sampled_from(["before", "after frontend", "watch 1", None])
names = st.sampled_from(["home", "error rate", "p95 latency", "order and test payment"])
plain = st.none() | st.booleans() | st.integers() | st.text()
junk = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)
looks = st.builds(
    lambda phase, kind, checks: {"event": "checked", "phase": phase, "kind": kind, "checks": checks},
    phases,
    st.sampled_from([None, "logs", "data", 3]),
    st.lists(st.fixed_dictionaries({"name": names, "verdict": verdicts}), max_size=6) | junk,
)
others = st.builds(
    lambda event, fields: {**fields, "event": event},
    st.sampled_from(["told", "verdict", "result", "undone", "resumed", "closed", "plan", None]),
    st.dictionaries(st.sampled_from(["stage", "channel", "state", "verdict", "status", "kind", "target", "at", "reason"]), junk),
)
journals = st.lists(looks | others | junk, max_size=12)


incidents = st.dictionaries(st.sampled_from(["scenario", "reason", "severity", "lead"]), junk)


@given(journals, incidents, st.sampled_from(checklist_files.names()))
def test_every_journal_can_be_read_and_a_person_ticks_nothing(events: list[Any], fields: dict[str, Any], name: str) -> None:
    for part in read_checklists({**fields, "checklists": [name]}, events):
        assert set(part) == {"name", "items"}
        for one in part["items"]:
            assert set(one) == {"text", "state", "by", "why"}
            assert all(isinstance(value, str) for value in one.values())
            assert (one["state"], one["by"]) in {(state, "machine") for state in ("done", "failed", "open")} | {("open", "person")}


@given(journals)
def test_a_tick_needs_a_good_look_after_the_rollback_and_no_bad_one(events: list[Any]) -> None:
    newest: dict[str, tuple[Any, Any]] = {}
    for event in events:
        if isinstance(event, dict) and event.get("event") == "checked" and isinstance(event.get("checks"), list):
            for check in event["checks"]:
                if isinstance(check, dict) and check.get("name") == "error rate":
                    newest[str(event.get("kind"))] = (event.get("phase"), check.get("verdict"))
    good = any(phase != "before" and word == "OK" for phase, word in newest.values())
    bad = any(phase != "before" and word == "BAD" for phase, word in newest.values())
    state = item({"checks": ["error rate"]}, events)["state"]

    assert state != "done" or good
    assert state != "done" or not bad


@pytest.mark.parametrize("name", checklist_files.names())
def test_the_ready_lists_are_as_the_schema_says(name: str) -> None:
    document = checklist_files.checklist(name)

    jsonschema.Draft202012Validator(checklist_files.published()).validate(document)
    assert document["name"] == name


def test_the_schema_knows_every_binding() -> None:
    bindings = {one["required"][0] for one in checklist_files.published()["$defs"]["item"]["oneOf"]}

    assert bindings == {*ANSWERS, "person"}


def test_a_list_is_for_its_scenarios_only() -> None:
    def lists(scenario: str) -> list[str]:
        return [part["name"] for part in read_checklists({"scenario": scenario, "checklists": ["derrimut"]}, [])]

    assert "Success criteria of a database restore" in lists("migration")
    assert "Success criteria of a database restore" not in lists("checkout")


def test_an_older_incident_has_the_default_and_an_unknown_list_stays_open() -> None:
    assert read_checklists(INCIDENT, []) == read_checklists({**INCIDENT, "checklists": ["default"]}, [])
    (lost,) = read_checklists({**INCIDENT, "checklists": ["nobody"]}, [])
    assert (lost["name"], lost["items"][0]["state"], lost["items"][0]["by"]) == ("nobody", "open", "person")
    assert "no checklist 'nobody'" in lost["items"][0]["why"]


OWN = "name: own\nlists:\n  - name: Now\n    items:\n      - {text: Call the kitchen, person: true}\n"


def test_an_incident_keeps_what_a_file_said(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text(OWN)
    kept = checklist_files.settled(["huntaze", str(path)])
    path.unlink()

    assert kept[0] == "huntaze"
    assert read_checklists({"checklists": kept[1:]}, [])[0]["items"][0]["text"] == "Call the kitchen"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (OWN.replace("person: true", "person: true, kinds: [flows]"), "not exactly one of checks, kinds"),
        (OWN.replace(", person: true", ""), "not exactly one of"),
        (OWN.replace("person: true", "kinds: [moods]"), "is none of flows"),
        (OWN.replace("person: true", "went_back: yes"), "is none of every target"),
        (OWN.replace("text:", "words:"), "lacks text"),
        (OWN + "name: again\n", "name is there twice"),
        ("", "is no object"),
    ],
)
def test_a_list_that_is_not_right_is_refused(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "own.yml"
    path.write_text(content)
    with pytest.raises(Refused, match=re.escape(why)):
        checklist_files.settled([str(path)])
    with pytest.raises(Refused, match="there is no checklist"):
        checklist_files.settled([str(tmp_path / "gone.yml")])
