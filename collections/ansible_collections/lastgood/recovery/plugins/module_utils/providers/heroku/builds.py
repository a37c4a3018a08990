# SPDX-License-Identifier: GPL-3.0-or-later
"""What was built: the slug of a Cedar app or the image of a Fir app, which many releases share."""
from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.release import is_commit

Row = dict[str, Any]
AT_ONCE = 8
"""Slugs that are read side by side: each is a call of its own, and a history has dozens."""


@dataclass(frozen=True)
class Build:
    """C(kind) is the field of a new release that names it: C(slug) or C(oci_image)."""

    kind: str
    id: str
    artifact: str
    """The commit it was built from; its own id where that is not told."""
    message: str = ""
    deleted: bool = False


class Builds:
    """The builds of the app at C(path). They never change, but may be deleted."""

    def __init__(self, api: Api, path: str) -> None:
        self.api, self.path = api, path
        self._known: dict[str, Build] = {}

    def of(self, release: Row) -> Build | None:
        """What this release runs; None when it runs nothing, as an app's first one."""
        return self.of_all([release])[0]

    def of_all(self, releases: Iterable[Row]) -> list[Build | None]:
        """The same for many."""
        named = [_named(release) for release in releases]
        new = sorted({name for name in named if name and name[1] not in self._known})
        with ThreadPoolExecutor(max_workers=max(1, min(AT_ONCE, len(new)))) as pool:
            self._known.update({build.id: build for build in pool.map(lambda name: self._read(*name), new)})
        return [name and self._known[name[1]] for name in named]

    def _read(self, kind: str, id: str) -> Build:
        path = f"{self.path}/{'slugs' if kind == 'slug' else 'oci-images'}/{id}"
        try:
            row = self._once_more(path)
        except errors.NotFound:
            return Build(kind, id, id, deleted=True)
        row = row[0] if isinstance(row, list) else row  # the description of the API promises a list for a single image
        if row["id"] != id:
            raise ValueError("another build was asked for")
        commit = row.get("commit") or ""
        return Build(kind, id, commit if is_commit(commit) else id, row.get("commit_description") or "", bool(row.get("deleted_at")))

    def _once_more(self, path: str) -> Any:
        """What is there; NotFound only when it is said twice, for a good release would be passed over."""
        try:
            return self.api.get(path)
        except errors.NotFound:
            return self.api.get(path)


def _named(release: Row) -> tuple[str, str] | None:
    """Kind and id of what a release runs."""
    for kind in ("slug", "oci_image"):
        if release.get(kind):
            return kind, release[kind]["id"]
    for artifact in release.get("artifacts") or []:
        return str(artifact["type"]).replace("-", "_"), artifact["id"]
    return None
