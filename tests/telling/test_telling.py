"""The operation against the sandbox's Slack: told once, in time, and never at the rollback's expense."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.record import alone
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.telling import ARGUMENTS, tell
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Result, Run

from tests.telling.slack_workspace import Workspace
from tests.vendor_proxy import LOST, Exchange, Proxy, answering

pytestmark = pytest.mark.once
SECRETS = {"slack": "sandbox-slack-token"}


@pytest.fixture
def incident(tmp_path: Path) -> Incident:
    fields = {
        "environment": "sandbox", "environment_title": "SANDBOX", "scenario": "checkout", "severity": "P1", "reason": "nobody can pay",
        "lead": "ana", "opened_at": "2026-11-22T02:37:00.000Z", "started_at": "2026-11-22T02:38:00.000Z",
        "bad_at": "2026-11-22T02:30:00.000Z", "state": "started", "rto": 900,
    }
    found = Store(tmp_path / "incidents").create(datetime(2026, 11, 22, tzinfo=UTC), "checkout", fields)
    found.run = "abc123"
    release = {"artifact": "a" * 40, "id": "dpl_1"}
    row = {"target": "storefront", "tier": "frontend", "changes": True, "from": {"artifact": "b" * 40, "id": "dpl_2"}, "to": release}
    found.keep_plan({"targets": [row]})
    found.journal.append("opened", by="ana")
    found.journal.append("overridden", id="approval-12345678", reason="it burns", by="ana", refusal="the CTO must approve it")
    found.journal.append("confirmed", by="ana", how="typed", phrase="ROLLBACK SANDBOX checkout")
    return found


def say(
    incident: Incident, slack: Workspace | str, stage: str, check: bool = False, telling: Any = None, plan: Any = None, run: str = "abc123",
    **more: Any,
) -> Result:
    url = slack if isinstance(slack, str) else slack.url
    row = {"name": "incidents", "kind": "slack", "channel": "C0INCIDENTS", "token": "${slack}", "base_url": url}
    options = {name: option.get("default") for name, option in ARGUMENTS.items()} | {
        "incident": {"store": str(incident.directory.parent), "run": run, **incident.fields, **({"plan": plan} if plan else {})},
        "stage": stage,
        "telling": {"channels": [row], "product": "Shop", **(telling or {})},
        "secrets": SECRETS,
    }
    return tell(options | more, Run(check=check))


def verdict(incident: Incident, word: str, reason: str = "5 of 5 checks pass") -> None:
    incident.journal.append("verdict", verdict=word, reason=reason)
    incident.update(verdict=word)


def events(incident: Incident) -> list[tuple[str, int, str]]:
    return [(event["stage"], event["number"], event["state"]) for event in incident.journal.events() if event["event"] == "told"]


def kept(incident: Incident) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((incident.directory / "told.json").read_text())
    return found


def test_from_start_to_end(slack: Workspace, incident: Incident) -> None:
    say(incident, slack, "started")
    say(incident, slack, "progress")
    verdict(incident, "RESTORED")
    say(incident, slack, "verdict")
    said = say(incident, slack, "committed")

    assert said["summary"] == "told incidents"
    assert events(incident) == [("started", 1, "sent"), ("progress", 1, "sent"), ("restored", 1, "sent"), ("committed", 1, "sent")]
    assert len(slack.parents) == 1
    assert "incident over" in slack.parents[0]


def test_overrides_and_approvals_are_announced(slack: Workspace, incident: Incident) -> None:
    say(incident, slack, "started")

    assert "⚠️ approval-12345678 (the CTO must approve it) was overridden by ana: it burns" in slack.parents[0]
    assert "Approved by: ana (confirmed: typed)" in slack.parents[0]
    assert "- storefront: bbbbbbb → aaaaaaa" in slack.parents[0]


def test_a_run_that_is_taken_up_again_says_nothing_twice(slack: Workspace, incident: Incident) -> None:
    say(incident, slack, "started")
    again = say(incident, slack, "started")
    verdict(incident, "NOT RESTORED", "still failing: checkout page")
    say(incident, slack, "verdict")
    say(incident, slack, "started")
    say(incident, slack, "verdict")
    verdict(incident, "RESTORED")
    say(incident, slack, "verdict")
    say(incident, slack, "verdict")

    assert again["told"] == []
    assert events(incident) == [("started", 1, "sent"), ("not_restored", 1, "sent"), ("restored", 1, "sent")]
    assert len(slack.thread) == 3


def test_down_then_told_with_the_next_message_in_order(slack: Workspace, incident: Incident) -> None:
    slack.outage(True)
    said = say(incident, slack, "started")
    say(incident, slack, "progress")
    assert said["warnings"] == [
        "incidents was not told of 'started': Slack says service_unavailable; it is tried again with the next message"
    ]
    slack.outage(False)
    verdict(incident, "RESTORED")

    say(incident, slack, "verdict")

    assert events(incident)[0] == ("started", 1, "queued")
    assert events(incident)[-2:] == [("started", 1, "sent"), ("restored", 1, "sent")]
    assert not any("Rollback goes on" in text for text in slack.thread), "progress of then is no news now"
    assert "ROLLBACK COMPLETE" in slack.parents[0]


@pytest.mark.parametrize("lost", ["chat.postMessage", "chat.update", "conversations.replies", "chat.getPermalink"])
def test_an_answer_that_was_lost(slack: Workspace, incident: Incident, lost: str) -> None:
    def meant(call: Exchange) -> bool:
        return lost in call.path

    with Proxy(slack.url, answering(LOST, to=meant, times=1, heard=True)) as proxy:
        say(incident, proxy.url, "started")
        verdict(incident, "RESTORED")
        say(incident, proxy.url, "verdict")
        say(incident, proxy.url, "committed")

    assert len(slack.parents) == 1
    assert len(slack.thread) == 3
    assert [state for *_, state in events(incident)].count("sent") == 3


def test_killed_between_the_post_and_its_record(slack: Workspace, incident: Incident) -> None:
    say(incident, slack, "started")
    path = incident.directory / "told.json"
    data = json.loads(path.read_text())
    data["channels"]["incidents"]["memory"] = {}
    data["channels"]["incidents"]["messages"][0]["state"] = "sending"
    path.write_text(json.dumps(data))

    say(incident, slack, "started")

    assert (len(slack.parents), len(slack.thread)) == (1, 1)
    assert kept(incident)["channels"]["incidents"]["messages"][0]["state"] == "sent"


def test_a_wrong_token_is_a_warning_and_is_not_tried_again(slack: Workspace, incident: Incident) -> None:
    said = say(incident, slack, "started", secrets={"slack": "xoxb-1234-secret"})
    again = say(incident, slack, "started", secrets={"slack": "xoxb-1234-secret"})

    assert said["warnings"] == ["incidents was not told of 'started': Slack says invalid_auth; look at its option token"]
    assert again["told"] == []
    assert "xoxb-1234" not in json.dumps(said) + (incident.directory / "told.json").read_text() + incident.journal.path.read_text()


def test_a_slow_channel_holds_nothing_up_and_is_told_once(slack: Workspace, incident: Incident) -> None:
    slack.slow(0.5)
    said = say(incident, slack, "started", seconds=0.2)
    assert "no answer in time" in said["warnings"][0]
    slack.slow(0)

    say(incident, slack, "started")

    assert len(slack.parents) == 1
    assert events(incident)[-1] == ("started", 1, "sent")


def test_check_mode_shows_what_would_be_told_and_tells_nothing(slack: Workspace, incident: Incident) -> None:
    plan = {"changes": True, "targets": incident.planned(), "expected": {"runs": 3, "p50": 20, "p95": 60}}

    said = say(incident, slack, "started", check=True, plan=plan)

    assert said["screen"] == ["  would tell incidents (team): 🚨 ROLLBACK IN PROGRESS: SANDBOX, checkout"]
    assert "ETA: 02:39 UTC (as in 3 earlier runs)" in said["messages"]["incidents"]["text"]
    assert slack.messages == []
    assert not (incident.directory / "told.json").exists()


def test_a_drill_is_rendered_and_recorded_and_not_delivered(slack: Workspace, incident: Incident) -> None:
    said = say(incident, slack, "started", deliver=False, test=True)

    assert said["summary"] == "not delivered to incidents: [TEST] 🚨 ROLLBACK IN PROGRESS: SANDBOX, checkout"
    assert events(incident) == [("started", 1, "not delivered")]
    assert "This is a drill" in kept(incident)["channels"]["incidents"]["messages"][0]["message"]["public"]
    assert slack.messages == []
    assert "every" not in said, "nothing is told meanwhile either"


def test_a_run_without_a_verdict_does_not_tell_that_of_an_earlier_one(slack: Workspace, incident: Incident) -> None:
    say(incident, slack, "started")
    verdict(incident, "RESTORED")
    incident.run = "def456"
    again = say(incident, slack, "verdict", run="def456")

    assert again == {}
    assert events(incident) == [("started", 1, "sent")]


def test_a_verdict_of_before_is_none_of_the_run_that_goes_on(slack: Workspace, incident: Incident) -> None:
    say(incident, slack, "started")
    verdict(incident, "PARTIAL", "still failing: login")
    say(incident, slack, "verdict")
    incident.journal.append("resumed", by="ben")
    say(incident, slack, "progress")

    assert "Rollback goes on" in slack.parents[0]
    assert "PARTIAL" not in slack.parents[0]
    assert "*ETA*" in slack.parents[0]


def test_who_has_no_channels_hears_nothing(incident: Incident) -> None:
    assert say(incident, "http://127.0.0.1:9/", "started", telling={"channels": []}) == {}


def test_an_end_without_a_beginning_is_not_told(slack: Workspace, incident: Incident) -> None:
    assert say(incident, slack, "committed") == {}


MISTAKES = [
    ({"message": "x"}, "telling has no message"),
    ({"messages": "none"}, "there are no messages 'none'"),
    ({"every": "soon"}, "every is 'soon'"),
    ({"channels": [{"kind": "smoke"}]}, "there is no kind of channel 'smoke'"),
    ({"channels": [{"kind": "slack", "channel": "C", "token": "${nothing}"}]}, "there is no ${nothing} in telling_secrets"),
    ({"channels": [{"kind": "slack", "channel": "C", "token": "t", "audience": "all"}]}, "there is no audience 'all'"),
    ({"channels": [{"kind": "slack", "channel": "C", "token": "t", "stages": ["start"]}]}, "no stages are called start"),
]


@pytest.mark.parametrize(("telling", "words"), MISTAKES)
def test_mistakes_in_the_inventory_are_found_by_check_mode(incident: Incident, slack: Workspace, telling: Any, words: str) -> None:
    with pytest.raises(Refused) as refused:
        say(incident, slack, "started", check=True, telling=telling)
    assert words in refused.value.message


@pytest.mark.parametrize(("telling", "words"), MISTAKES)
def test_and_stop_no_rollback(incident: Incident, slack: Workspace, telling: Any, words: str) -> None:
    said = say(incident, slack, "started", telling=telling)

    assert words in " ".join(said["warnings"])


def test_somebody_else_is_telling(incident: Incident, slack: Workspace) -> None:
    with alone(incident.directory, 0) as free:
        assert free
        said = say(incident, slack, "started", seconds=0.1)

    assert "still being told" in said["warnings"][0]


def test_a_damaged_record_stops_no_rollback(incident: Incident, slack: Workspace) -> None:
    (incident.directory / "told.json").write_text("{")

    assert say(incident, slack, "started")["warnings"] == ["nothing was told: JSONDecodeError"]


def test_customers_get_public_words_in_every_field(incident: Incident, slack: Workspace) -> None:
    row = {"name": "page", "kind": "slack", "audience": "status_page"}
    row |= {"channel": "C0ENGINEERING", "token": "${slack}", "base_url": slack.url}
    say(incident, slack, "started", telling={"channels": [row], "issues": {"checkout": "payments"}, "components": {"checkout": ["Pay"]}})

    message = kept(incident)["channels"]["page"]["messages"][0]["message"]
    assert message["text"] == message["public"]
    assert message["facts"] == []
    assert message["title"] == "Problem with Pay"
    assert "nobody can pay" not in json.dumps({key: message[key] for key in ("title", "text", "public", "facts")})
