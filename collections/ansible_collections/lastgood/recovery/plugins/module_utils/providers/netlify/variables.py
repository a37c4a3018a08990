# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlify's variables of one site: each has a value for every context, and only the one for production is touched."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Values, Variables
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.building import Building
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.releases import Netlify
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

OTHERS = ("dev", "dev-server", "branch-deploy", "deploy-preview")
"""The contexts beside production that a value for C(all) stands for."""


class NetlifyVariables(Variables):
    """They belong to the account that owns the site, are built into a deploy, and those it shares with all its sites are left alone."""

    name = "Netlify"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Netlify(options, run)
        self.building = Building(self.releases)
        self.api = self.releases.api
        self.key = options["token"].encode()
        self._place: tuple[str, str] | None = None

    def values(self) -> Values:
        found = {name: (row, _production(row)) for name, row in self._rows().items()}
        return {name: None if row.get("is_secret") else str(value["value"]) for name, (row, value) in found.items() if value}

    def as_of(self, when: datetime) -> Values:
        raise errors.Refused("Netlify keeps no history of variables", "Give variables, or a recovery_point.")

    def ready_for(self, gone: list[str], redeploy: bool) -> None:
        rows = self._rows()
        for name in gone:
            if name in rows and rows[name].get("is_secret") and _value(rows[name], "all"):
                raise errors.Refused(
                    f"{name} is secret, and one value serves production and other contexts: theirs could not be kept",
                    "Give it a value for each context at Netlify first.",
                )
        if redeploy:
            self.building.ready()

    def write(self, values: dict[str, str], gone: list[str]) -> None:
        rows = self._rows()
        fresh = [{"key": n, "values": [{"context": "production", "value": v}]} for n, v in values.items() if n not in rows]
        for name, value in values.items():
            if name in rows:
                self._set(name, "production", value)
        if fresh:
            self._send("POST", "", fresh)
        for name in gone:
            self._remove(rows[name])

    def outdated(self) -> bool | None:
        serving, rows = self.releases.current(), self._rows()
        if not serving:
            return False
        if not all(row.get("updated_at") for row in rows.values()):
            return None
        changed = self._last_change(rows)
        return changed is not None and changed > serving.created_at

    def redeploy(self) -> Release | None:
        serving = self.releases.current()
        return self.building.start(serving, self._last_change(self._rows())) if serving else None

    def serves(self, release: Release) -> bool:
        return self.building.serves(release)

    def _rows(self) -> dict[str, dict[str, Any]]:
        """The site's own variables by name."""
        account, site = self._where()
        return {row["key"]: row for row in self.api.get(f"/accounts/{account}/env", site_id=site)}

    def _where(self) -> tuple[str, str]:
        if self._place is None:
            site = self.releases.site()
            self._place = (site["account_id"], site["id"])
        return self._place

    def _send(self, method: str, path: str, body: Any = None) -> None:
        account, site = self._where()
        self.api.send(method, f"/accounts/{account}/env{path}", body, site_id=site)

    def _set(self, name: str, context: str, value: str) -> None:
        """One context's value: the call that replaces a variable loses all the others."""
        self._send("PATCH", f"/{name}", {"context": context, "value": value})

    def _remove(self, row: dict[str, Any]) -> None:
        """A value that all contexts share stays the others': it is written for each of them before it goes."""
        name, shared = row["key"], _value(row, "all")
        if shared:
            for context in OTHERS:
                if not _value(row, context):
                    self._set(name, context, shared["value"])
        elif all(value["context"] == "production" for value in row["values"]):
            self._send("DELETE", f"/{name}")
            return
        for value in filter(None, (_value(row, "production"), shared)):
            self._send("DELETE", f"/{name}/value/{value['id']}")

    def _last_change(self, rows: dict[str, dict[str, Any]]) -> datetime | None:
        """Of any of the variables there are, in any context; one that was removed leaves no trace."""
        return max((moment.parse(row["updated_at"]) for row in rows.values() if row.get("updated_at")), default=None)


def _production(row: dict[str, Any]) -> dict[str, Any] | None:
    """What a production build gets: its own value, or that for all contexts."""
    return _value(row, "production") or _value(row, "all")


def _value(row: dict[str, Any], context: str) -> dict[str, Any] | None:
    return next((value for value in row["values"] if value["context"] == context), None)
