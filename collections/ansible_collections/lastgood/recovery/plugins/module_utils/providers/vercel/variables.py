# SPDX-License-Identifier: GPL-3.0-or-later
"""Vercel's project variables, as the next production deployment gets them."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Values, Variables
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.releases import Vercel
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

HIDDEN = ("sensitive", "system")


class VercelVariables(Variables):
    """One variable may serve several environments, and an answer of 201 may carry failures."""

    name = "Vercel"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Vercel(options, run)
        self.api = self.releases.api
        self.key = options["token"].encode()
        self.path = f"/projects/{options['project']}"

    def values(self) -> Values:
        return {name: self._value(row) for name, row in self._rows().items()}

    def as_of(self, when: datetime) -> Values:
        raise errors.Refused("Vercel keeps no history of variables", "Give variables, or a recovery_point.")

    def write(self, values: dict[str, str], gone: list[str]) -> None:
        rows = self._rows()
        fresh = [{"key": n, "value": v, "type": "encrypted", "target": ["production"]} for n, v in values.items() if n not in rows]
        for name, value in values.items():
            if name in rows:
                self.api.send("PATCH", f"/v9{self.path}/env/{rows[name]['id']}", {"value": value})
        if fresh:
            self._create(fresh)
        for name in gone:
            others = [target for target in rows[name]["target"] if target != "production"]
            if others:  # the same row serves them too
                self.api.send("PATCH", f"/v9{self.path}/env/{rows[name]['id']}", {"target": others})
            else:
                self.api.send("DELETE", f"/v9{self.path}/env/{rows[name]['id']}")

    def outdated(self) -> bool | None:
        serving, changed = self.releases.current(), self._last_change()
        return serving is not None and changed is not None and changed > serving.created_at

    def redeploy(self) -> Release | None:
        serving = self.releases.current()
        return self.releases.deploy_again(serving, since=self._last_change()) if serving else None

    def serves(self, release: Release) -> bool:
        return self.releases.promoted(release)

    def _last_change(self) -> datetime | None:
        changes = [row["updatedAt"] for row in self._rows().values() if row.get("updatedAt")]
        return moment.from_epoch_ms(max(changes)) if changes else None

    def _rows(self) -> dict[str, dict[str, Any]]:
        """Production's variables by name; those of a single branch or of a custom environment are others."""
        rows = self.api.get(f"/v10{self.path}/env")["envs"]
        return {row["key"]: row for row in rows if "production" in (row.get("target") or []) and not row.get("gitBranch")}

    def _value(self, row: dict[str, Any]) -> str | None:
        if row["type"] in HIDDEN:
            return None
        if row["type"] == "plain":
            return str(row["value"])
        return str(self.api.get(f"/v1{self.path}/env/{row['id']}")["value"])  # a list holds ciphertext

    def _create(self, fresh: list[dict[str, Any]]) -> None:
        answer = self.api.send("POST", f"/v10{self.path}/env", fresh, upsert="true")
        failed = [row["error"] for row in answer.get("failed") or []]
        if failed:
            told = ", ".join(f"{error.get('key') or error.get('envVarKey') or '?'} ({error.get('code')})" for error in failed)
            raise errors.BadRequest(f"Vercel accepted the call and refused {told}", "The other variables are written; correct these names.")
