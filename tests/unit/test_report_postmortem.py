"""The post-mortem's draft: what the record knows is written, what it does not is open, and what people wrote stays."""
from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.evidence import find_evidence
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_findings import action_items, went_well
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_postmortem import as_postmortem, is_draft
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import write_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident
from hypothesis import given
from hypothesis import strategies as st

from tests.browser.crafted import AEDT, BAD_SHOP, at, checked
from tests.browser.crafted_whole import WHOLE_NOW, whole_incident, whole_journal

pytestmark = pytest.mark.once

SECTIONS = (
    "Summary", "What happened", "Timeline", "Root cause", "Impact", "Resolution", "Data loss", "What went well", "What could be improved",
    "Action items", "Prevention", "Improvements of the process", "Lessons learned", "Meeting",
)
FIELDS = (
    "Date", "Duration", "Severity", "Impact", "Root cause", "Immediate cause", "Contributing factors", "Functionality impacted",
    "Data loss", "Users affected", "Requests failed", "Revenue and other cost", "Immediately", "Within two weeks", "Within three months",
)


def facts(events: list[dict[str, Any]] | None = None, **fields: Any) -> dict[str, Any]:
    return read_report(whole_incident(**fields), whole_journal() if events is None else events, WHOLE_NOW.astimezone(AEDT))


def test_it_has_every_section_and_field_of_the_runbooks_templates() -> None:
    draft = as_postmortem(facts())
    for section in SECTIONS:
        assert f"\n## {section}\n" in draft, section
    for field in FIELDS:
        assert f"**{field}:**" in draft, field


@pytest.mark.parametrize("said", [
    "**Sun 22 Nov 2026 02:37:58 UTC, 13:37 AEDT** — storefront: dpl_9f2",
    "02:41:05 UTC, 13:41 AEDT** — Detected", "— Decided: confirmed by maria", "— incident channel told: started", "— Rollback started",
    "— storefront went back", "— Verdict RESTORED: service restored", "— watch 2: BAD",
])
def test_the_timeline_has_every_turn_in_both_zones(said: str) -> None:
    assert said in as_postmortem(facts())


def test_the_timeline_is_in_order() -> None:
    timeline = as_postmortem(facts()).split("## Timeline")[1].split("##")[0]
    times = [line.split(" UTC")[0][-8:] for line in timeline.splitlines() if line.startswith("- ")]
    assert len(times) > 15
    assert times == sorted(times)


def test_nobody_but_a_person_names_a_cause() -> None:
    causes = as_postmortem(facts()).split("## Root cause")[1].split("## ")[0]
    assert f"Suspect: {BAD_SHOP['id']} (c0ffec0, Faster checkout) on storefront, backoffice" in causes
    assert "**Immediate cause:** _To be written._" in causes
    assert "the state of" not in causes


def test_the_action_items_follow_from_the_record() -> None:
    told = {item["what"]: item for item in action_items(facts())}
    for what, priority in {
        f"Fix {BAD_SHOP['id']} (c0ffec0, Faster checkout) before anything like it goes live again": "P0",
        "Add a test that would have stopped it before it went live: order and pay, error rate, latency p95": "P0",
        "Look into what the watch 2 saw": "P0", "Find out why backoffice was slower than before": "P2",
        "Recover what shop-db lost, or tell whom it concerns": "P0", "Back shop-db up more often, or declare another RPO": "P1",
        "Review the override of coherence-1a2b3c4d": "P1", "Tell status page by hand, and find out why it could not be told": "P1",
        "Error rate below 1 %": "P1", "Ask support for new tickets": "P2",
    }.items():
        assert told[what]["priority"] == priority, what
        assert told[what]["because"]


def test_the_most_urgent_come_first() -> None:
    priorities = [item["priority"] for item in action_items(facts())]
    assert priorities == sorted(priorities)
    assert {"P0", "P1", "P2"} == set(priorities)


def test_what_did_not_go_back_or_gave_no_answer_is_acted_upon() -> None:
    failed = [{**event, "status": "failed"} if event["event"] == "result" and event["target"] == "api" else event
              for event in whole_journal()[:-2]]
    events = [*failed[:-3], checked(95, "after database", "UNKNOWN"), {"at": at(96), "event": "verdict", "verdict": "COULD NOT VERIFY"}]
    because = [item["because"] for item in action_items(facts(events))]
    assert "api did not go back: failed" in because
    assert any(one.startswith("checkout gave no answer") for one in because)


def test_a_telling_that_came_through_later_needs_nobody() -> None:
    again = {"at": at(99), "event": "told", "stage": "started", "channel": "status page", "state": "sent", "summary": ""}
    assert not any("status page" in item["what"] for item in action_items(facts([*whole_journal(), again])))


@pytest.mark.parametrize("length", range(len(whole_journal()) + 1))
def test_nothing_went_well_before_it_did(length: int) -> None:
    events = whole_journal()[:length]
    said = " ".join(went_well(facts(events)))
    verdict = any(event["event"] == "verdict" for event in events)
    assert ("works again" in said) == verdict
    assert verdict or "RTO" not in said


@given(st.text(min_size=1))
def test_what_somebody_has_written_on_is_no_draft_any_more(added: str) -> None:
    draft = as_postmortem(facts())
    assert is_draft(draft)
    assert not is_draft(draft.replace("_To be written._", added, 1))
    assert not is_draft(added + draft)
    assert not is_draft(draft + added)


@pytest.fixture
def kept(tmp_path: Path) -> Incident:
    incident = Incident(tmp_path / "2026-11-22-checkout", {"id": "2026-11-22-checkout", "state": "rolled_back"})
    incident.directory.mkdir()
    incident.update(scenario="checkout", opened_at=at(0))
    incident.journal.append("opened", by="maria")
    (incident.directory / "logs").mkdir()
    (incident.directory / "logs" / "api.build.log").write_text("built\n")
    return incident


def test_a_draft_is_renewed_and_what_people_wrote_is_not(kept: Incident) -> None:
    postmortem = kept.directory / "postmortem.md"
    write_report(kept, [])
    first = postmortem.read_text()
    kept.journal.append("lock_taken", holder="maria")
    kept.journal.append("verdict", verdict="NOT RESTORED", reason="it still fails")
    write_report(kept, [])
    assert "it still fails" in postmortem.read_text() != first
    postmortem.write_text(postmortem.read_text().replace("_To be written._", "A form field had another name."))
    written = postmortem.read_text()
    write_report(kept, [])
    assert postmortem.read_text() == written


def test_the_evidence_is_every_file_with_its_hash_and_the_head_of_the_chain(kept: Incident) -> None:
    (kept.directory / ".report.md.abc").write_text("half")
    write_report(kept, [])
    evidence = {row["file"]: row for row in find_evidence(kept)}
    assert sorted(evidence) == ["incident.yml", "journal.jsonl", "logs/api.build.log"]
    assert evidence["logs/api.build.log"]["sha256"] == hashlib.sha256(b"built\n").hexdigest()
    assert evidence["journal.jsonl"]["note"].startswith("1 lines, chain head ")
    assert evidence["incident.yml"]["sha256"] in (kept.directory / "report.md").read_text()
