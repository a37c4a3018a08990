# SPDX-License-Identifier: GPL-3.0-or-later
"""Better Stack: a status report and its updates; what it affects goes back by itself when the report says that it is resolved."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import status_page, words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.status_page import Entry, Statuses, Update
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import rows
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

OPTIONS = {**status_page.options("https://uptime.betterstack.com", "BETTERSTACK_API_TOKEN"), "page_url": {"type": "str", "default": ""}}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check token (BETTERSTACK_API_TOKEN): it must be an Uptime API token of the page's team.",
    errors.NotFound: "Check page; a report that was deleted there is not made again.",
    errors.BadRequest: "Check components: ids of this page's resources, by the inventory's names.",
}
OUTAGES = {"P0": "downtime", "P1": "downtime"}
PAGES = 5
"""How many pages of reports are looked through for one that nobody remembers the id of."""


class _Page:
    """Reports have no metadata: one is found by when it started, and each update ends with a reference."""

    operational = "resolved"

    def __init__(self, options: dict[str, Any], run: Run) -> None:
        self.components: Mapping[str, str] = {name: str(id) for name, id in options["components"].items()}
        self.notify, self.address = options["notify"], options["page_url"].rstrip("/")
        self.path = f"/api/v2/status-pages/{quote(options['page'], safe='')}/status-reports"
        kinds: dict[int, type[errors.RecoveryError]] = {422: errors.BadRequest}
        self.api = Api("Better Stack", options["api_url"], bearer(options["token"]), run, explain=_explain, hints=HINTS, kinds=kinds)

    def key(self, message: Message) -> str:
        return words.reference(message)

    def read(self, id: str) -> Entry:
        updates = rows(self.api.get(f"{self.path}/{quote(id, safe='')}/status-updates")["data"])
        return Entry(id, words.references(update["attributes"].get("message") for update in updates))

    def find(self, message: Message) -> Entry | None:
        started, ours = datetime.fromisoformat(message.started_at), f"{words.mark(message)}/"
        for page in range(1, PAGES + 1):
            answer = self.api.get(self.path, **({"page": page} if page > 1 else {}))
            for row in rows(answer["data"]):
                since = row["attributes"].get("starts_at")
                if since and datetime.fromisoformat(since) == started:
                    entry = self.read(row["id"])
                    if any(told.startswith(ours) for told in entry.told):
                        return entry
            if not (answer.get("pagination") or {}).get("next"):
                break
        return None

    def statuses(self) -> Statuses:
        return {}

    def outage(self, severity: str) -> str:
        return OUTAGES.get(severity, "degraded")

    def publish(self, entry: Entry | None, update: Update) -> tuple[str, str]:
        message = update.message
        affects = update.change if words.ends(message) else update.set
        body: dict[str, Any] = {
            "message": words.with_reference(message),
            "affected_resources": [{"status_page_resource_id": id, "status": status} for id, status in sorted(affects.items())],
            "notify_subscribers": self.notify and not message.test,
        }
        if entry:
            self.api.send("POST", f"{self.path}/{quote(entry.id, safe='')}/status-updates", body)
            return entry.id, self.address
        new = {"title": words.headline(message), "report_type": "manual", "starts_at": message.started_at}
        return self.api.send("POST", self.path, {**new, **body})["data"]["id"], self.address


def _explain(body: dict[str, Any]) -> str:
    return str(body.get("errors") or body.get("error") or "")


def channel(options: Mapping[str, Any]) -> status_page.StatusPage:
    """The channel that the inventory describes so."""
    return status_page.StatusPage("better_stack", OPTIONS, _Page, options)
