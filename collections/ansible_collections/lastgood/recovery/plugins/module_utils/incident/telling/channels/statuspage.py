# SPDX-License-Identifier: GPL-3.0-or-later
"""Atlassian Statuspage: it mails every subscriber unless told not to, and resolving leaves components as they are."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import status_page, words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.status_page import Entry, Statuses, Update
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import rows
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

OPTIONS = status_page.options("https://api.statuspage.io", "STATUSPAGE_API_KEY")
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check token (STATUSPAGE_API_KEY): it must be a key of a user who may edit this page.",
    errors.NotFound: "Check page; an incident that was deleted there is not made again.",
    errors.BadRequest: "Check components: ids of this page, by the inventory's names.",
}
OUTAGES = {"P0": "major_outage", "P1": "partial_outage"}
IMPACTS = {"P0": "critical", "P1": "major"}
LONGEST_NAME, LONGEST_BODY = 255, 25_000
NAMESPACE = "lastgood"


class _Page:
    """What was told, and how components were before, is kept in the incident's metadata, where customers do not see it."""

    operational = "operational"

    def __init__(self, options: dict[str, Any], run: Run) -> None:
        self.components, self.notify = options["components"], options["notify"]
        self.path = f"/v1/pages/{quote(options['page'], safe='')}"
        kinds: dict[int, type[errors.RecoveryError]] = {420: errors.RateLimited, 422: errors.BadRequest}
        header = {"Authorization": f"OAuth {options['token']}"}
        self.api = Api("Statuspage", options["api_url"], header, run, explain=_explain, hints=HINTS, kinds=kinds)

    def key(self, message: Message) -> str:
        return words.key(message)

    def read(self, id: str) -> Entry:
        return _entry(self.api.get(f"{self.path}/incidents/{quote(id, safe='')}"))

    def find(self, message: Message) -> Entry | None:
        found = rows(self.api.get(f"{self.path}/incidents", limit=100))
        return next((_entry(row) for row in found if _kept(row).get("incident") == words.mark(message)), None)

    def statuses(self) -> Statuses:
        return {row["id"]: row["status"] for row in rows(self.api.get(f"{self.path}/components"))}

    def outage(self, severity: str) -> str:
        return OUTAGES.get(severity, "degraded_performance")

    def publish(self, entry: Entry | None, update: Update) -> tuple[str, str]:
        message = update.message
        incident: dict[str, Any] = {
            "status": message.status,
            "body": words.public(message)[:LONGEST_BODY],
            "deliver_notifications": self.notify and not message.test,
            "metadata": {
                NAMESPACE: {
                    "incident": words.mark(message),
                    "told": " ".join(sorted(update.told)),
                    "before": _written(update.before),
                    "set": _written(update.set),
                }
            },
            **({"components": update.change} if update.change else {}),
        }
        if entry:
            made = self.api.send("PATCH", f"{self.path}/incidents/{quote(entry.id, safe='')}", {"incident": incident})
        else:
            incident.update(name=words.headline(message)[:LONGEST_NAME], component_ids=list(update.affected))
            incident["impact_override"] = IMPACTS.get(message.severity, "minor")
            made = self.api.send("POST", f"{self.path}/incidents", {"incident": incident})
        return made["id"], made.get("shortlink") or ""


def _entry(row: dict[str, Any]) -> Entry:
    kept = _kept(row)
    told = frozenset(kept.get("told", "").split())
    return Entry(row["id"], told, _read(kept.get("before")), _read(kept.get("set")))


def _kept(row: dict[str, Any]) -> dict[str, str]:
    """Statuspage wants objects at the top of the metadata; texts inside of them are safe."""
    return (row.get("metadata") or {}).get(NAMESPACE) or {}


def _written(statuses: Statuses) -> str:
    return " ".join(f"{component}={status}" for component, status in sorted(statuses.items()))


def _read(text: str | None) -> Statuses | None:
    return None if text is None else dict(part.split("=", 1) for part in text.split())


def _explain(body: dict[str, Any]) -> str:
    said = body.get("error") or body.get("message") or ""
    return "; ".join(map(str, said)) if isinstance(said, list) else str(said)


def channel(options: Mapping[str, Any]) -> status_page.StatusPage:
    """The channel that the inventory describes so."""
    return status_page.StatusPage("statuspage", OPTIONS, _Page, options)
