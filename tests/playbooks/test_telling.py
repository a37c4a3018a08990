"""One incident from its start to its end, as the people who are told of it see it."""

from __future__ import annotations

import json
import re
import signal
from typing import Any

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, ended

pytestmark = pytest.mark.once
HEARD: dict[str, Any] = {"deliver_notifications": True}


def slack(box: Box) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = box.state()["slack"]["messages"]
    return found


def told(operator: Operator) -> list[tuple[str, str]]:
    return [(event["stage"], event["state"]) for event in operator.journal() if event["event"] == "told"]


def test_people_are_told(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    planned = operator.check(**HEARD)
    assert "would tell incidents (team): [TEST] 🚨 ROLLBACK IN PROGRESS 🚨" in planned.words
    assert slack(box) == []

    quiet = operator.run()
    assert quiet.code == 0, quiet.screen
    assert "not delivered to incidents: [TEST] 🚨 ROLLBACK IN PROGRESS 🚨" in quiet.words
    assert told(operator) == [("started", "not delivered"), ("restored", "not delivered")]
    assert "ROLLBACK COMPLETE" in (operator.incident() / "told.json").read_text()

    heard = operator.undo(**HEARD)
    assert heard.code == 0, heard.screen
    assert "told incidents" in heard.words
    (only,) = [row["text"] for row in slack(box) if "thread_ts" not in row]
    assert "Rollback undone" in only


def test_progress_is_told_and_a_run_that_was_killed(box: Box, operator: Operator) -> None:
    """The step takes longer than the first progress; then the run is killed, and what is left of it says so."""
    box.ship("storefront", "breaks-checkout")
    box.set_latency(**{"vercel.settle": 60.0})
    telling = {"every": 0.01, "channels": [
        {"name": "a", "kind": "slack", "channel": "C0INCIDENTS", "token": "${slack}", "base_url": f"{box.vendor_url('slack')}/api/"},
    ]}
    run = operator.start(**HEARD, telling=telling)
    try:
        seen = waited_for(box, "Rollback goes on")
        assert re.search(r"- storefront: going back for \d", seen), seen
    finally:
        run.send_signal(signal.SIGKILL)
        ended(run)
    assert "The run has ended without a verdict" in waited_for(box, "without a verdict")
    assert len([row for row in slack(box) if "thread_ts" not in row]) == 1
    assert "sandbox-slack-token" not in json.dumps(operator.journal()) + (operator.incident() / "told.json").read_text()


def waited_for(box: Box, words: str) -> str:
    """The newest message in a thread that says that."""
    for _look in range(3000):
        if found := [row["text"] for row in slack(box) if words in row["text"] and "thread_ts" in row]:
            return str(found[-1])
    raise AssertionError(f"nobody has said '{words}': {[row['text'] for row in slack(box)]}")
