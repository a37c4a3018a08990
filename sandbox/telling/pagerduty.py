"""PagerDuty's Events API v2: what has the key of an open alert goes into that alert, and change events are only kept."""

from __future__ import annotations

from typing import ClassVar

from sandbox.emulator import Bucket, Call, Refusal, Reply, Route
from sandbox.state import Row
from sandbox.telling import Telling, body_of, now

ROUTING_KEY = "e93facc04764012d7bfb002500d5d1a6"
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")


def enqueue(vendor: PagerDuty, call: Call) -> Reply:
    given = vendor.checked(call)
    action, payload = given.get("event_action"), given.get("payload") or {}
    problems = [
        *(["'event_action' is invalid"] if action not in ACTIONS else []),
        *(["'payload.severity' is invalid"] if action == "trigger" and payload.get("severity") not in SEVERITIES else []),
        *([f"'payload.{name}' is missing or blank" for name in ("summary", "source") if action == "trigger" and not payload.get(name)]),
        *(["'dedup_key' is missing"] if action != "trigger" and not given.get("dedup_key") else []),
    ]
    if problems:
        raise Refusal(400, "Event object is invalid", errors=problems)
    key = given.get("dedup_key") or vendor.new_id()
    alerts: list[Row] = vendor.rows["alerts"]
    alert = next((row for row in alerts if row["dedup_key"] == key and row["status"] != "resolved"), None)
    if action == "trigger" and alert is None:
        alert = {"dedup_key": key, "status": "triggered", "log": []}
        alerts.append(alert)
    if alert is not None:
        alert["status"] = {"trigger": alert["status"], "acknowledge": "acknowledged", "resolve": "resolved"}[str(action)]
        alert["log"].append({"at": now(), "action": action, "payload": payload})
    return Reply(202, {"status": "success", "message": "Event processed", "dedup_key": key})


def enqueue_change(vendor: PagerDuty, call: Call) -> Reply:
    payload = vendor.checked(call).get("payload") or {}
    if not payload.get("summary"):
        raise Refusal(400, "Event object is invalid", errors=["'payload.summary' is missing or blank"])
    vendor.rows["changes"].append(payload)
    return Reply(202, {"status": "success", "message": "Change event processed"})


class PagerDuty(Telling):
    """The API of events.pagerduty.com."""

    name = "pagerduty"
    tokens = (ROUTING_KEY,)
    limits: ClassVar = {"call": (120, 60.0)}
    routes: ClassVar[list[Route]] = [("POST", "/v2/enqueue", enqueue), ("POST", "/v2/change/enqueue", enqueue_change)]

    @classmethod
    def history(cls, friday: int) -> Row:
        return {"alerts": [], "changes": []}

    def authorize(self, call: Call) -> None:
        """The key is in the body."""

    def checked(self, call: Call) -> Row:
        given = body_of(call)
        if given.get("routing_key") not in self.tokens:
            raise Refusal(400, "Invalid routing key", errors=["Invalid routing key"])
        return given

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "Too many requests", errors=[])

    def error_body(self, refusal: Refusal) -> Row:
        return {"status": "invalid event", "message": refusal.message, "errors": refusal.extra.get("errors", [])}
