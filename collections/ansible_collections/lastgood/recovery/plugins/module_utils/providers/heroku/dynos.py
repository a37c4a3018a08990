# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app's dynos run: a release that is current serves nothing until they are up."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.access import every

RUNNING = ("up", "idle")
"""An idle dyno wakes with the first visitor."""
DOWN = ("crashed", "down")


@dataclass(frozen=True)
class Dynos:
    """Those of the formation, as they were when they were read; one-off ones, and those of release phases, serve nobody."""

    wanted: dict[str, int]
    """How many of each process type the formation keeps."""
    rows: list[dict[str, Any]]

    @classmethod
    def of(cls, api: Api, path: str) -> Dynos:
        """Of the app at C(path), read afresh."""
        wanted = {row["type"]: row["quantity"] for row in every(api, f"{path}/formation") if row["quantity"]}
        return cls(wanted, [row for row in every(api, f"{path}/dynos") if row["type"] in wanted])

    @property
    def newest(self) -> int:
        """The highest version that any of them runs; 0 without any."""
        return max((_version(row) for row in self.rows), default=0)

    def crashed(self, version: int) -> list[str]:
        """Names of those that run this version and are down."""
        return sorted(row["name"] for row in self.rows if _version(row) == version and row["state"] in DOWN)

    def all_run(self, version: int) -> bool:
        """Whether as many as are wanted are up with this version, and no other version is left; so with none wanted."""
        up = Counter(row["type"] for row in self._up(version))
        return not self._others(version) and all(up[type] >= quantity for type, quantity in self.wanted.items())

    def serve(self, version: int) -> bool:
        """Whether visitors get this version and no other; so where no dyno is wanted at all."""
        if self._others(version):
            return False
        visited = "web" if "web" in self.wanted else None
        return not self.wanted or any(visited in (None, row["type"]) for row in self._up(version))

    def _others(self, version: int) -> list[dict[str, Any]]:
        return [row for row in self.rows if _version(row) != version]

    def _up(self, version: int) -> list[dict[str, Any]]:
        return [row for row in self.rows if _version(row) == version and row["state"] in RUNNING]


def _version(row: dict[str, Any]) -> int:
    version: int = row["release"]["version"]
    return version
