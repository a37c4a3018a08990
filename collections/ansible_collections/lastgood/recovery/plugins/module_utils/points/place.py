# SPDX-License-Identifier: GPL-3.0-or-later
"""Where recovery points are kept: C(points/<id>/) in the incident store. What has no manifest.json is none."""
from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store, keep, write

FOLDER = "points"
MANIFEST = "manifest.json"
VERSION = 1
UNFINISHED_FOR = 86400
"""Seconds after which a directory without a manifest is that of a capture which was cut off."""
Manifest = dict[str, Any]


class Points:
    """All recovery points of an incident store, of every environment."""

    def __init__(self, place: str | Path) -> None:
        self.store = Store(place)
        self.root = self.store.root / FOLDER
        self.unreadable: dict[str, str] = {}
        """By name, why a manifest could not be read at the last look."""

    def all(self, environment: str | None = None) -> list[Manifest]:
        """The manifests, oldest first."""
        if self.store.mirror:
            self.store.mirror.pull_points(MANIFEST)
        return self.here(environment)

    def here(self, environment: str | None = None) -> list[Manifest]:
        """Those that are on this machine."""
        found: list[Manifest] = []
        self.unreadable = {}
        for path in sorted(self.root.glob(f"*/{MANIFEST}")):
            try:
                manifest = json.loads(path.read_text(encoding="utf-8"))
                if manifest["version"] > VERSION:
                    raise ValueError(f"it was written by a newer version ({manifest['version']})")
                if environment in (None, manifest["environment"]):
                    found.append({**manifest, "id": path.parent.name})
            except (ValueError, KeyError, TypeError, OSError) as error:
                self.unreadable[path.parent.name] = f"{type(error).__name__}: {error}"
        return sorted(found, key=lambda manifest: (manifest["captured_at"], manifest["id"]))

    def find(self, name: str, environment: str | None = None) -> Manifest:
        """The point of that id, or of the only id that begins like it; C(newest) is the newest."""
        found = self.all(environment)
        fit = found[-1:] if name == "newest" else [each for each in found if each["id"] == name]
        fit = fit or [each for each in found if name and each["id"].startswith(name)]
        if len(fit) == 1:
            return fit[0]
        what = f"several recovery points begin with {name}" if fit else f"there is no recovery point {name}"
        raise Refused(f"{what} in {self.store.address}", "playbooks/points.yml lists them.")

    def path(self, manifest: Manifest, file: str) -> Path:
        """The file of a point, as it was captured; Refused when it is missing or something else by now."""
        path = self.root / manifest["id"] / file
        if self.store.mirror and not path.exists():
            self.store.mirror.pull_point(manifest["id"])
        known = {each["file"]: each["sha256"] for each in manifest["files"]}
        if not path.is_file() or known.get(file) != hashlib.sha256(path.read_bytes()).hexdigest():
            state = "is not what was captured" if path.is_file() else "is missing"
            raise Refused(f"{file} of recovery point {manifest['id']} {state}", "Name another recovery point, or another source.")
        return path

    def spoilt(self, manifest: Manifest) -> str:
        """Why the first file that is not as it was captured is not; empty where all are."""
        try:
            for row in manifest["files"]:
                self.path(manifest, row["file"])
        except RecoveryError as error:
            return error.message
        return ""

    def keep(self, name: str, manifest: Mapping[str, Any]) -> Manifest:
        """The captured files, and then the manifest with their hashes: only now it is a recovery point."""
        directory = self.root / name
        files = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != MANIFEST)
        rows = []
        for path in files:
            content = path.read_bytes()
            file = path.relative_to(directory).as_posix()
            rows.append({"file": file, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)})
            keep(path)
        whole = {"version": VERSION, "id": name, **manifest, "files": rows}
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(directory / MANIFEST, json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
        return whole

    def remove(self, name: str) -> None:
        """First the manifest: half of a point is none."""
        directory = self.root / name
        if self.store.mirror:
            self.store.mirror.remove_point(name, MANIFEST)
        (directory / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(directory, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what captures that were cut off have left on this machine."""
        for directory in self.root.glob("*Z-*"):
            if not (directory / MANIFEST).exists() and time.time() - directory.stat().st_mtime > UNFINISHED_FOR:
                shutil.rmtree(directory, ignore_errors=True)


def name_of(at: datetime, mark: str) -> str:
    """What a point is called: names sort as times do, and two captures of one second differ by their mark."""
    return f"{at:%Y%m%dT%H%M%SZ}-{mark}"
