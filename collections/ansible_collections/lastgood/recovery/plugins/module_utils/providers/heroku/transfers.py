# SPDX-License-Identifier: GPL-3.0-or-later
"""The API of Heroku's databases, which has an address of its own: how far one goes back, whether it is there, and its backups."""
from __future__ import annotations

import os
import re
from datetime import datetime
from typing import Any

from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import FAILED, PENDING, READY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.access import api

Row = dict[str, Any]


def address_of_environment() -> str:
    """HEROKU_DATA_HOST, which is a host for Heroku's own CLI, and may be an address here."""
    if host := os.environ.get("HEROKU_DATA_HOST"):
        return host if host.startswith("http") else f"https://{host}"
    raise AnsibleFallbackNotFound


OPTIONS: dict[str, Any] = {
    "attachment": {"type": "str", "default": "DATABASE"},
    "data_url": {"type": "str", "default": "https://api.data.heroku.com", "fallback": (address_of_environment,)},
}


class Transfers:
    """No published description says what it answers; what is used here is what Heroku's own CLI uses."""

    def __init__(self, options: Options, run: Run) -> None:
        self.api = api({**options, "api_url": options["data_url"]}, run, of_releases=False)
        self.path = f"/client/v11/apps/{options['app']}/transfers"

    def earliest(self, addon: str) -> datetime | None:
        """How far it can be rolled back; None when its plan has none. Only people are told: C(earliest from 2026-11-18 16:04 UTC)."""
        info = self.api.get(f"/client/v11/databases/{addon}")["info"]
        words = " ".join(value for row in info if row["name"] == "Rollback" for value in row["values"])
        found = re.search(r"earliest from (\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?) UTC", words)
        return moment.parse(found[1]) if found else None

    def state(self, addon: str) -> tuple[str, str]:
        """PENDING, READY or FAILED, and what Heroku says to it."""
        try:
            status = self.api.get(f"/client/v11/databases/{addon}/wait_status")
        except errors.NotFound:  # for a while after it was asked for
            return PENDING, ""
        if status.get("error?"):
            return FAILED, str(status["message"])
        return (PENDING if status["waiting?"] else READY), str(status["message"])

    def backups(self) -> list[Row]:
        """Those that are whole, with the C(name) that people know them by."""
        rows = (row for row in self.api.get(self.path) if row["from_type"] == "pg_dump" and row["to_type"] == "gof3r")
        return [{**row, "name": f"b{row['num']:03}"} for row in rows if row["succeeded"]]

    def restore(self, backup: str, addon: str) -> None:
        """Into an add-on that is empty."""
        for row in self.backups():
            if row["name"] == backup:
                self.api.send("POST", f"/client/v11/databases/{addon}/restores", {"backup_url": row["to_url"]})
                return
        raise errors.NotRestorable(f"there is no backup {backup} any more", "Name another one.")

    def restored_into(self, name: str) -> tuple[str, str]:
        """An add-on that was made for a backup is nothing until that is in it."""
        rows = [row for row in self.api.get(self.path) if row["to_type"] == "pg_restore" and row["to_name"] == name]
        if not rows:
            return FAILED, "its backup was never restored into it"
        newest = max(rows, key=lambda row: str(row["created_at"]))
        if not newest["finished_at"]:
            return PENDING, ""
        return (READY, "") if newest["succeeded"] else (FAILED, "its backup could not be restored")
