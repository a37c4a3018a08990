"""Messages of whoever alerts in one form, and every reason for which one sets nothing off."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rule import RULE
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger import beginning, deciding, ending, switching
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.event import SENDERS, body, of_rule, read
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.record import Triggers

pytestmark = pytest.mark.once
NAMES = ("failed checkouts", "memory", "memory of the API")
MESSAGES: dict[str, Any] = {
    "alertmanager": {"status": "firing", "alerts": [{
        "status": "firing", "labels": {"alertname": "failed checkouts", "environment": "production", "target": "api"}, "annotations": {},
        "startsAt": "2026-11-22T02:38:00.123456789Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "1af523cc13dfbe6c"}]},
    "grafana": {"receiver": "lastgood", "status": "firing", "orgId": 1, "state": "alerting", "title": "[FIRING:1]", "alerts": [{
        "status": "firing", "labels": {"alertname": "failed checkouts", "environment": "production", "grafana_folder": "shop"},
        "startsAt": "2026-11-22T03:38:00.123+01:00", "fingerprint": "c6eadffa33fcdf37", "values": {"B": 38}}]},
    "datadog": {"id": "2548", "alert": "[Triggered] Failed checkouts", "transition": "Triggered", "date": "1795315080123",
                "tags": "env:production, service:api,monitor"},
    "sentry": {"action": "critical", "actor": {"id": "sentry"}, "data": {"metric_alert": {
        "id": "4", "date_detected": "2026-11-22T02:38:00.123Z", "date_started": "2026-11-22T02:33:00Z",
        "alert_rule": {"name": "failed-checkouts", "environment": "production"}}}},
    "sns": {"Type": "Notification", "MessageId": "da41e39f", "Message": json.dumps({
        "AlarmName": "failed_checkouts", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:1:alarm:failed_checkouts", "NewStateValue": "ALARM",
        "OldStateValue": "OK", "StateChangeTime": "2026-11-22T02:38:00.123+0000"})},
}  # fmt: skip


@pytest.mark.parametrize("sender", sorted(SENDERS))
def test_every_sender_says_the_same_in_one_form(sender: str) -> None:
    (event,) = read(sender, MESSAGES[sender])
    assert (of_rule(event.alert, NAMES), event.firing, moment.iso(event.fired_at)) == ("failed checkouts", True, "2026-11-22T02:38:00.123Z")
    assert event.environment in ("production", "")
    assert read(sender, MESSAGES[sender])[0].id == event.id


@pytest.mark.parametrize("sender", sorted(SENDERS))
@pytest.mark.parametrize("payload", [{}, [], None, "x", {"alerts": [{}]}, {"alerts": 1}, {"data": {"metric_alert": {}}}, {"Message": "{"}])
def test_what_is_no_message_of_the_sender_is_refused(sender: str, payload: Any) -> None:
    with pytest.raises(Refused, match=f"no message of {sender}"):
        read(sender, payload)


def test_a_body_comes_through_whatever_is_in_it() -> None:
    said = {"a": "{{ 1 + 1 }} 100% %7B", "b": ["ä", {"c": None}]}
    assert body(quote(json.dumps(said), safe="")) == said == body(json.dumps(said))
    with pytest.raises(Refused):
        body("%7Bx")


def test_an_alert_is_known_by_its_name_unless_two_could_be_meant() -> None:
    assert [of_rule(name, NAMES) for name in ("memory of the API", "[Triggered] Memory", "disk", "Memory of the API on api-1")] == [
        "memory of the API", "memory", "", "",
    ]  # fmt: skip


def options(operation_arguments: dict[str, Any], store: Path, **said: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in operation_arguments.items()}
    return {**defaults, "store": str(store), "environment_name": "production", **said}


def alert(ago: float = 0, name: str = "failed checkouts", status: str = "firing", **labels: str) -> dict[str, Any]:
    at = moment.iso(datetime.now(UTC) - timedelta(seconds=ago))
    return {"status": status, "labels": {"alertname": name, **labels}, "startsAt": at, "fingerprint": name}


def begun(store: Path, *alerts: dict[str, Any], **said: Any) -> Result:
    rules = [{**{key: option.get("default") for key, option in RULE.items()}, "name": name, "over": 10.0, "for": 300.0} for name in NAMES]
    answers = [{"alerts": ["failed checkouts"], "scenario": "checkout", "playbook": "rollback-checkout.yml", "variables": {}}]
    given = {"sender": "alertmanager", "payload": json.dumps({"alerts": alerts}), "alerts": rules, "answers": answers, "allowed": True}
    return beginning.begin(options(beginning.ARGUMENTS, store, **given | said), Run())


def decided(store: Path, trigger: Result, serving: str = "a1", **said: Any) -> Result:
    sure = {"severity": "P0", "action": "roll_back", "automatic": True}
    detected = {"facts": {}, "bad_at": "2026-11-22T02:33:00.000Z"}
    given = {"trigger": trigger["trigger"], "answer": trigger["answer"], "detected": detected}
    given["readings"] = {"api": {"serving": {"artifact": serving}}}
    given["decided"] = {"at_least": sure, "approval": [], "summary": "P0"}
    return deciding.decide(options(deciding.ARGUMENTS, store, **given | said), Run())


def ended(store: Path, trigger: Result, serving: str) -> Result:
    given = {"trigger": trigger["trigger"], "outcome": "acting", "played": {"code": 0, "incident": {"id": "i", "verdict": "RESTORED"}}}
    readings = {"api": {"serving": {"artifact": serving}}}
    return ending.end(options(ending.ARGUMENTS, store, **given, readings=readings), Run())


def test_a_fresh_alert_is_worth_a_look_and_its_duration_counts(tmp_path: Path) -> None:
    result = begun(tmp_path, alert(60, environment="production", target="{{ 1 }}"))
    assert (result["go"], result["answer"]["scenario"]) == (True, "checkout")
    assert 360 <= result["lasted"]["failed checkouts"] < 370
    assert Triggers(Store(tmp_path), "production").read()["rows"][0]["outcome"] == "looking"


@pytest.mark.parametrize(("came", "said", "why"), [
    (alert(status="resolved"), {}, "has ended"),
    (alert(environment="staging"), {}, "it is of staging, not of production"),
    (alert(name="disk"), {}, "no alert of the inventory is called disk"),
    (alert(name="memory"), {}, "the inventory has no answer to memory"),
    (alert(-3600), {}, "still to come"),
    (alert(3600), {}, "more than 15 min ago"),
    (alert(), {"allowed": False}, "does not allow"),
    (alert(), {"freezes": [{"from": "2020-01-01", "to": "2120-01-01", "reason": "Black Friday"}]}, "a freeze is on: Black Friday"),
])  # fmt: skip
def test_why_nothing_is_set_off_is_written_down(tmp_path: Path, came: dict[str, Any], said: dict[str, Any], why: str) -> None:
    result = begun(tmp_path, came, **said)
    assert (result["go"], result["answer"]) == (False, {})
    (row,) = Triggers(Store(tmp_path), "production").read()["rows"]
    assert row["outcome"] == "nothing"
    assert why in row["why"]


def test_nothing_is_set_off_while_somebody_is_at_it_or_an_incident_is_going_on(tmp_path: Path) -> None:
    store = Store(tmp_path)
    lock = Lock(store.root, "production")
    lock.take({"by": "maria", "environment": "production", "incident": "x", "reason": ""}, os.getpid())
    assert "maria rolls production back" in begun(tmp_path, alert())["summary"]
    lock.path.unlink()
    fields = {"environment": "production", "scenario": "edge", "state": "rolled_back", "opened_at": "2026-11-22T02:38:00.000Z"}
    store.create(datetime.now(UTC), "edge", fields)
    assert "-edge is going on" in begun(tmp_path, alert())["summary"]


def test_an_event_is_answered_once_and_so_is_a_release(tmp_path: Path) -> None:
    first, more = alert(1), alert()
    trigger, late = begun(tmp_path, first), begun(tmp_path, first)
    assert decided(tmp_path, trigger, "bad")["outcome"] == "acting"
    assert "it was answered" in decided(tmp_path, late, "bad")["summary"], "two looked at the same time"
    ended(tmp_path, trigger, "good")
    assert "it was answered" in begun(tmp_path, first)["summary"]
    assert "less than 30 min ago" in begun(tmp_path, more)["summary"]
    for serving in ("bad", "good"):
        again = decided(tmp_path, begun(tmp_path, more, cool_down=0.0), serving, cool_down=0.0)
        assert again["outcome"] == "nothing"
        assert "nothing was deployed since" in again["summary"]
    assert decided(tmp_path, begun(tmp_path, more, cool_down=0.0), "newer", cool_down=0.0)["outcome"] == "acting"


@pytest.mark.parametrize(("said", "outcome", "play"), [
    ({}, "acting", True),
    ({"detected": {"msg": "no alert fired"}}, "nothing", False),
    ({"decided": {}}, "asked", False),
    ({"decided": {"at_least": {"severity": "P1", "action": "roll_back", "automatic": True}, "approval": ["lead"]}}, "asked", False),
    ({"decided": {"at_least": {"severity": "P0", "action": "roll_back", "automatic": False}, "approval": []}}, "asked", False),
    ({"decided": {"at_least": {"severity": "P0", "action": "roll_back", "automatic": True}, "approval": ["CTO"]}}, "asked", False),
    ({"decided": {"at_least": {"severity": "P0", "action": "fix_forward", "automatic": True}, "approval": []}}, "nothing", False),
    ({"readings": {"api": {"msg": "wrong token"}}}, "asked", False),
    ({"decided": {"at_least": {"severity": "P1", "action": "roll_back"}, "approval": ["lead"]}, "approvals": {"roles": {}}}, "asked", True),
])  # fmt: skip
def test_it_acts_only_where_the_policy_lets_it_and_asks_where_somebody_has_a_say(
    tmp_path: Path, said: dict[str, Any], outcome: str, play: bool
) -> None:
    trigger = begun(tmp_path, alert())
    result = decided(tmp_path, trigger, **said)
    assert (result["outcome"], result["play"]) == (outcome, play)
    asked = said.get("decided", {}).get("approval")
    assert result["variables"].get("decision") == ({"approval": asked} if asked else None)


def test_the_switch_holds_for_what_is_being_looked_at_too(tmp_path: Path) -> None:
    def switch(to: str | None) -> Result:
        return switching.switch(options(switching.ARGUMENTS, tmp_path, switch=to, reason="we move", lead="ken"), Run())

    trigger = begun(tmp_path, alert())
    assert [switch(to)["changed"] for to in ("off", "off", None)] == [True, False, False]
    assert "ken has switched it off" in decided(tmp_path, trigger)["summary"]
    assert "ken has switched it off" in begun(tmp_path, alert())["summary"]
    assert (switch("on")["changed"], switch(None)["active"]) == (True, True)
    assert begun(tmp_path, alert())["go"]


def test_what_cannot_be_read_sets_nothing_off(tmp_path: Path) -> None:
    (tmp_path / "triggers-production.json").write_text("[]")
    with pytest.raises(Refused, match="cannot be read"):
        begun(tmp_path, alert())
