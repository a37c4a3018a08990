# SPDX-License-Identifier: GPL-3.0-or-later
"""PagerDuty: one alert for an incident, told apart by a key of our own, and a change event when something was rolled back."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message, NotTold, Told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import options as given
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.trying import attempt

OPTIONS: given.Specification = {
    "routing_key": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["PAGERDUTY_ROUTING_KEY"])},
    "alerts": {"type": "bool", "default": True},
    "change_events": {"type": "bool", "default": True},
    "api_url": {"type": "str", "default": "https://events.pagerduty.com"},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.BadRequest: "Check routing_key (PAGERDUTY_ROUTING_KEY): it must be the integration key of an Events API v2 integration.",
    errors.NotAuthorised: "Check routing_key (PAGERDUTY_ROUTING_KEY).",
}
SEVERITIES = {"P0": "critical", "P1": "error", "P2": "warning"}
CHANGES = ("restored", "not_restored", "partial", "unverified", "undone")
"""The stages after which production is another."""
LONGEST = 1024


class PagerDuty:
    """The alert may be sent any number of times: PagerDuty adds what has the same key to the same alert."""

    recognises = True

    def __init__(self, options: Mapping[str, Any]) -> None:
        read = given.read("pagerduty", OPTIONS, options)
        self.name, self._alerts, self._changes = read["name"], read["alerts"], read["change_events"]
        self._url, self._key = read["api_url"], read["routing_key"]

    def tell(self, message: Message, memory: Mapping[str, Any]) -> Told:
        told = list(memory.get("told", []))
        if words.key(message) in told or words.late(message, memory):
            return Told(memory)
        with attempt(self.name, [self._key]) as run:
            api = Api("PagerDuty", self._url, {}, run, explain=_explain, hints=HINTS)
            if self._alerts:
                api.send("POST", "/v2/enqueue", self._alert(message))
            if self._changes and message.stage in CHANGES:
                try:
                    api.send("POST", "/v2/change/enqueue", self._change(message))
                except errors.Unanswered:
                    # Nothing tells whether it is there, and a second one would be another change; beside an alert it can be missing.
                    if not self._alerts:
                        raise NotTold(f"{self.name}: the change event may or may not have been recorded", again=False) from None
        return Told({"told": [*told, words.key(message)], "over": words.ends(message)})

    def _alert(self, message: Message) -> dict[str, Any]:
        event: dict[str, Any] = {"routing_key": self._key, "dedup_key": f"lastgood-{words.mark(message)}"}
        if words.ends(message):
            return {**event, "event_action": "resolve"}
        severity = "info" if message.test else SEVERITIES.get(message.severity, "info")
        details = {"severity": severity, "group": message.environment, "class": "rollback"}
        return {**event, "event_action": "trigger", "client": "lastgood", "payload": {**_payload(message), **details}}

    def _change(self, message: Message) -> dict[str, Any]:
        return {"routing_key": self._key, "payload": _payload(message)}


def _payload(message: Message) -> dict[str, Any]:
    details = {**dict(message.facts), "incident": message.incident, "message": words.text(message)}
    return {"summary": words.headline(message)[:LONGEST], "source": message.environment, "custom_details": details}


def _explain(body: dict[str, Any]) -> str:
    return "; ".join([str(body.get("message") or ""), *map(str, body.get("errors") or [])])
