# SPDX-License-Identifier: GPL-3.0-or-later
"""What could not be restored, and why: all of it in a file, the first of it in the result."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Failure
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version

SHOWN = 20
"""How many a result lists."""
FUTILE = 1_000
"""Failures with nothing that went well, after which nothing more is tried."""
RESTORE_TIMES = {
    "GLACIER": {"Expedited": "1 to 5 minutes", "Standard": "3 to 5 hours", "Bulk": "5 to 12 hours"},
    "DEEP_ARCHIVE": {"Standard": "within 12 hours", "Bulk": "within 48 hours"},
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html"""


class Failures:
    """Keys, written down at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.codes: Counter[str] = Counter()
        self.first: list[dict[str, Any]] = []
        self._well = False
        path.unlink(missing_ok=True)

    def add(self, action: Action, failure: Failure) -> None:
        row = {**failure._asdict(), "action": action.value}
        self.codes[failure.code] += 1
        if len(self.first) < SHOWN:
            self.first.append(row)
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def went_well(self) -> None:
        self._well = True

    @property
    def futile(self) -> bool:
        return not self._well and self.codes.total() >= FUTILE

    @property
    def words(self) -> str:
        """C(3 AccessDenied, 1 NoSuchVersion)."""
        return ", ".join(f"{number:,} {code}" for code, number in self.codes.most_common())


class Archive:
    """Versions whose content has to be fetched from the archive before they can be copied."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.first: list[dict[str, Any]] = []
        path.unlink(missing_ok=True)

    def add(self, step: Step) -> None:
        if not step.wanted:
            return
        row = self.row(step.wanted)
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(row)
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    @staticmethod
    def row(version: Version) -> dict[str, Any]:
        """As a result shows it."""
        times = RESTORE_TIMES.get(version.storage_class, {"Standard": "3 to 12 hours"})
        kept = {"version_id": version.version_id, "storage_class": version.storage_class, "size": version.size}
        return {"key": version.key, **kept, "restore_times": times}

    def rows(self) -> Iterator[dict[str, Any]]:
        """All of them."""
        if self.count:
            with self.path.open() as file:
                yield from map(json.loads, file)
