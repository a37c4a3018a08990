# SPDX-License-Identifier: GPL-3.0-or-later
"""What whoever alerts has sent, in one form: which alert, since when, and what tells it from any other."""
from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused


@dataclass(frozen=True)
class Event:
    """One alert that fires, or has ended. C(id) is the same however often it is sent."""

    id: str
    alert: str
    firing: bool
    fired_at: datetime
    environment: str = ""
    target: str = ""
    release: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "fired_at": moment.iso(self.fired_at)}


def body(text: str) -> Any:
    """The JSON in C(text), which is percent-encoded on its way through extra variables, where braces would be taken for a template."""
    try:
        return json.loads(text if text.lstrip().startswith(("{", "[")) else unquote(text))
    except ValueError:
        raise Refused("what came is no JSON", "Set the sender up as docs/triggers.md says.") from None


def read(sender: str, payload: Any) -> list[Event]:
    """Every alert in what C(sender) has sent; Refused where it is no such message."""
    try:
        return SENDERS[sender](payload)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecoveryError):
        raise Refused(f"what came is no message of {sender}", "Set the sender up as docs/triggers.md says.") from None


def of_rule(alert: str, names: Sequence[str]) -> str:
    """The one of C(names) that is meant: it may be written with other signs between its words, or inside a longer title."""
    exact = [name for name in names if _plain(name) == _plain(alert)]
    inside = [name for name in names if f" {_plain(name)} " in f" {_plain(alert)} "]
    found = exact or inside
    return found[0] if len(found) == 1 else ""


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.lower().replace("_", " ")))


def _alertmanager(payload: Any) -> list[Event]:
    """Prometheus Alertmanager, and Grafana, which sends the same and more: U(https://prometheus.io/docs/alerting/latest/configuration)."""
    return [_one_of_alertmanager(alert, alert["labels"]) for alert in payload["alerts"]]


def _one_of_alertmanager(alert: Mapping[str, Any], labels: Mapping[str, str]) -> Event:
    name, fired_at = labels["alertname"], moment.parse(alert["startsAt"])
    said = {key: str(labels.get(key, "")) for key in ("environment", "target", "release")}
    return Event(f"{alert.get('fingerprint') or name} {moment.iso(fired_at)}", name, alert["status"] == "firing", fired_at, **said)


def _datadog(payload: Any) -> list[Event]:
    """Datadog, with the payload that docs/triggers.md gives it: U(https://docs.datadoghq.com/integrations/webhooks)."""
    tags = dict(tag.strip().partition(":")[::2] for tag in str(payload.get("tags") or "").split(","))
    fired_at = moment.from_epoch_ms(float(payload["date"]))
    said = {key: tags.get(name, "") for key, name in (("environment", "env"), ("target", "service"), ("release", "version"))}
    firing = payload["transition"] in ("Triggered", "Re-Triggered")
    return [Event(str(payload["id"]), payload["alert"], firing, fired_at, **said)]


def _sentry(payload: Any) -> list[Event]:
    """Metric alerts: U(https://docs.sentry.io/organization/integrations/integration-platform/webhooks/metric-alerts/)."""
    alert = payload["data"]["metric_alert"]
    rule = alert["alert_rule"]
    fired_at = moment.parse(alert.get("date_detected") or alert["date_started"])
    id = f"{alert['id']} {moment.iso(fired_at)}"
    return [Event(id, rule["name"], payload["action"] == "critical", fired_at, environment=str(rule.get("environment") or ""))]


def _sns(payload: Any) -> list[Event]:
    """An alarm of CloudWatch, as SNS hands it to a queue or to an address: its message is JSON in a text."""
    alarm = json.loads(payload["Message"]) if "Message" in payload else payload
    fired_at = moment.parse(alarm["StateChangeTime"])
    id = f"{alarm.get('AlarmArn') or alarm['AlarmName']} {moment.iso(fired_at)}"
    return [Event(id, alarm["AlarmName"], alarm["NewStateValue"] == "ALARM", fired_at)]


SENDERS: dict[str, Callable[[Any], list[Event]]] = {
    "alertmanager": _alertmanager,
    "grafana": _alertmanager,
    "datadog": _datadog,
    "sentry": _sentry,
    "sns": _sns,
}
