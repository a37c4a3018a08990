"""Which approvals of AWX count is the same in the sandbox and in AWX itself, and never more than its workflow's nodes say."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import approval_node
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approval import Request
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approval_node import Given
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.awx.driving import NOBODY_ANSWERS, ROLLBACK, WHATEVER, Tower

PLAN, OTHER = "3f2a9c1b" * 8, "7a7a7a7a" * 8
ROLES = {"engineering-lead": ["anna"]}
TEAMS = {"engineering-lead": ["Engineering leads"]}


@pytest.fixture
def asked(tower: Tower, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What counts for a job, at a time from now in minutes."""
    monkeypatch.setenv("CONTROLLER_OAUTH_TOKEN", tower.tokens["lastgood"])

    def ask(job: int, later: float = 0, url: str = tower.url, **other: Any) -> Given:
        now = datetime.now(UTC) + timedelta(minutes=later)
        known: dict[str, Any] = {"requesters": frozenset({"root"}), "plan": PLAN}
        request = Request("production", "2026-11-22-checkout", known["plan"], "", now, other.pop("requesters", known["requesters"]))
        run = Run(until=time.monotonic() + 20)
        return approval_node.given({"url": url, "teams": TEAMS}, job, request, ROLES, 60, now, False, run)

    return ask


@pytest.mark.parametrize("person", ["anna", "ben"])
def test_a_lead_by_name_or_by_team_counts(tower: Tower, asked: Any, person: str) -> None:
    workflow = tower.launch(ROLLBACK, "maria", PLAN)
    tower.answer(workflow, person)

    found = asked(tower.apply(workflow))

    assert found.launched_by == "maria"
    assert not found.refused
    (one,) = found.counted
    assert (one.approver, one.roles) == (person, ("engineering-lead",))
    late = asked(tower.apply(workflow), later=61)
    assert not late.counted
    assert "has expired at" in late.refused[0]
    own = asked(tower.apply(workflow), requesters=frozenset({person}))
    assert "was given by whoever runs this" in own.refused[0]


@pytest.mark.parametrize(
    ("person", "how", "plan", "told"),
    [
        ("maria", "approve", PLAN, "was given by whoever launched the workflow: somebody else must approve"),
        ("dora", "approve", PLAN, "was given by dora, who has none of the roles engineering-lead"),
        ("anna", "approve", OTHER, "is for another plan, 7a7a7a7a; this one is 3f2a9c1b"),
        ("anna", "approve", "", "is for no plan: no job before it has handed one on"),
        ("anna", "deny", PLAN, "was denied by anna"),
    ],
)
def test_what_does_not_count_is_told(tower: Tower, asked: Any, person: str, how: str, plan: str, told: str) -> None:
    workflow = tower.launch(WHATEVER, "maria", plan)
    tower.answer(workflow, person, how)

    found = asked(tower.apply(workflow))

    assert not found.counted
    assert told in found.refused[0]


def test_nobody_answered_in_time(tower: Tower, asked: Any) -> None:
    found = asked(tower.apply(tower.launch(NOBODY_ANSWERS, "maria", PLAN)))

    assert not found.counted
    assert "does not count: it has timed out" in found.refused[0]


def test_what_awx_does_not_say_is_no_approval(tower: Tower, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = tower.launch(ROLLBACK, "maria", PLAN)
    tower.approval(workflow)
    nodes = tower.call("lastgood", "GET", f"workflow_jobs/{workflow}/workflow_nodes/")["results"]
    first = min(node["job"] for node in nodes if node["job"])
    assert asked(first).refused == (f"workflow job {workflow} of AWX has no approval node before this job",)
    assert "AWX answered 404" in asked(999_999).refused[0]
    monkeypatch.setenv("CONTROLLER_OAUTH_TOKEN", "wrong")
    assert "AWX answered 401" in asked(first).refused[0]
    monkeypatch.delenv("CONTROLLER_OAUTH_TOKEN")
    assert "there is no CONTROLLER_OAUTH_TOKEN in its environment" in asked(first).refused[0]
    monkeypatch.setenv("CONTROLLER_OAUTH_TOKEN", "any")
    assert "AWX does not answer" in asked(first, url="http://127.0.0.1:9").refused[0]
