# SPDX-License-Identifier: GPL-3.0-or-later
"""How variables were before an incident changed any, encrypted in a file of the incident; and whether what was written runs yet."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Change, Variables
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import keep
from ansible_collections.lastgood.recovery.plugins.module_utils.memory import forget
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.wish import CLOCKS_AGREE


class Memory:
    """Without a path nothing is remembered."""

    def __init__(self, path: str | None, run: Run) -> None:
        self.path, self.run = path or "", run
        self.content: dict[str, Any] | None = run.load(self.path) if self.path and Path(self.path).exists() else None

    def ready(self) -> None:
        """Refused where there is nothing to encrypt with what would have to be remembered."""
        if self.path and self.run.save is None:
            raise Refused(
                "the variables as they are now have to be remembered for an undo, and there is nothing to encrypt them with",
                "Give a vault password: ANSIBLE_VAULT_PASSWORD_FILE or --vault-password-file.",
            )

    def wanted(self) -> tuple[dict[str, str], list[str], list[str]]:
        """The values to put back, the names that were changed, and those of them that the vendor did not show."""
        content = self.content or {}
        changed, hidden = content.get("changed") or [], content.get("unreadable") or []
        return captured.variables(content, self.path), changed, sorted(set(changed) & set(hidden))

    @property
    def due(self) -> bool:
        """Whether something was written of which nobody knows that it runs: the run that wrote it was cut off."""
        return bool(self.content and self.content.get("deploy"))

    @property
    def since(self) -> datetime | None:
        """Since when all of it is written, by the vendor's clock; None when that was cut off, too."""
        written = self.due and self.content and self.content["deploy"].get("since")
        return moment.parse(written) if written else None

    def before(self, variables: Variables, change: Change) -> None:
        """The first values stand: a second run would only remember what the first one did. What is changed is added."""
        if not self.path:
            return
        if self.content is None:
            readable = {name: value for name, value in change.there.items() if value is not None}
            self.content = {
                "captured_at": moment.iso(datetime.now(UTC)),
                "vendor": variables.name,
                "unreadable": sorted(set(change.there) - set(readable)),
                "variables": readable,
                "changed": [],
            }
        self.content["changed"] = sorted({*self.content["changed"], *change.values, *change.gone})
        self._save({"since": ""})

    def written(self, variables: Variables) -> None:
        """All of it is read back; what was made before now has the old values."""
        ahead = variables.clock_ahead()
        self._save({"since": moment.iso(datetime.now(UTC) + timedelta(seconds=ahead if abs(ahead) > CLOCKS_AGREE else 0))})

    def deployed(self) -> None:
        """It runs."""
        if self.due:
            self._save(None)

    def forget(self) -> None:
        """It is put back: nothing is remembered from here on."""
        forget(self.path)

    def _save(self, deploy: dict[str, str] | None) -> None:
        if self.content is not None and self.run.save is not None and self.path:
            self.content["deploy"] = deploy
            self.run.save(self.path, self.content)
            keep(Path(self.path))
