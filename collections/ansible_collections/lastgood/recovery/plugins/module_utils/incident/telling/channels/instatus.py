# SPDX-License-Identifier: GPL-3.0-or-later
"""Instatus: incidents have no metadata, so each update ends with a reference by which it is known again."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import status_page, words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.status_page import Entry, Statuses, Update
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import rows
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

OPTIONS = {**status_page.options("https://api.instatus.com", "INSTATUS_API_KEY"), "page_url": {"type": "str", "default": ""}}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check token (INSTATUS_API_KEY): it must be an API key of a user of this page.",
    errors.NotFound: "Check page; an incident that was deleted there is not made again.",
    errors.BadRequest: "Check components: ids of this page, by the inventory's names.",
}
OUTAGES = {"P0": "MAJOROUTAGE", "P1": "PARTIALOUTAGE"}


class _Page:
    """Each update has the status of every component it changes."""

    operational = "OPERATIONAL"

    def __init__(self, options: dict[str, Any], run: Run) -> None:
        self.components, self.notify, self.address = options["components"], options["notify"], options["page_url"].rstrip("/")
        self.path = f"/v1/{quote(options['page'], safe='')}"
        kinds: dict[int, type[errors.RecoveryError]] = {422: errors.BadRequest}
        self.api = Api("Instatus", options["api_url"], bearer(options["token"]), run, explain=_explain, hints=HINTS, kinds=kinds)

    def key(self, message: Message) -> str:
        return words.reference(message)

    def read(self, id: str) -> Entry:
        return _entry(self.api.get(f"{self.path}/incidents/{quote(id, safe='')}"))

    def find(self, message: Message) -> Entry | None:
        ours = f"{words.mark(message)}/"
        found = map(_entry, rows(self.api.get(f"{self.path}/incidents")))
        return next((entry for entry in found if any(told.startswith(ours) for told in entry.told)), None)

    def statuses(self) -> Statuses:
        return {row["id"]: row["status"] for row in rows(self.api.get(f"{self.path}/components"))}

    def outage(self, severity: str) -> str:
        return OUTAGES.get(severity, "DEGRADEDPERFORMANCE")

    def publish(self, entry: Entry | None, update: Update) -> tuple[str, str]:
        message = update.message
        body: dict[str, Any] = {
            "message": words.with_reference(message),
            "components": sorted({*update.before, *update.affected}),
            "status": message.status.upper(),
            "notify": self.notify and not message.test,
            "statuses": [{"id": component, "status": status} for component, status in sorted(update.change.items())],
        }
        if entry:
            self.api.send("POST", f"{self.path}/incidents/{quote(entry.id, safe='')}/incident-updates", body)
            id = entry.id
        else:
            new = {"name": words.headline(message), "started": message.started_at, "shouldPublish": True}
            id = self.api.send("POST", f"{self.path}/incidents", {**new, **body})["id"]
        return id, f"{self.address}/incident/{id}" if self.address else ""


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(row["id"], words.references(update.get("message") for update in row.get("updates") or []))


def _explain(body: dict[str, Any]) -> str:
    said = body.get("error") or body.get("message") or ""
    return str(said.get("message") or "") if isinstance(said, dict) else str(said)


def channel(options: Mapping[str, Any]) -> status_page.StatusPage:
    """The channel that the inventory describes so."""
    return status_page.StatusPage("instatus", OPTIONS, _Page, options)
