# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an incident in a bucket, but for its journal. As in a directory, who writes one last has written it."""
from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Conflict
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.bucket import Bucket, Taken
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.files import replace
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.unsent import Unsent

NAME = re.compile(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*")
"""What a key may be called to become a file here."""


class MirroredFiles:
    """Which version of each is here is told by its ETag in the bucket."""

    def __init__(self, bucket: Bucket, directory: Path) -> None:
        self._bucket, self._directory = bucket, directory

    def send(self, name: str, content: bytes, new: bool = False) -> None:
        """Put it into the bucket, then here. C(new): Taken when it is there."""
        tag = self._bucket.put(self._key(name), content, new=new)
        self._here(name, content, tag)

    def keep(self, name: str, content: bytes, unsent: Unsent) -> None:
        """Write it here only."""
        if name not in unsent.files:
            unsent.files.append(name)
            unsent.keep()
        replace(self._path(name), content, 0o600)

    def send_kept(self, name: str) -> None:
        """What is here only, unless somebody else has written it meanwhile: then theirs is taken, and ours is kept beside it."""
        path, tag = self._directory / name, self._tags().get(name)
        if not path.exists():
            return
        content = path.read_bytes()
        try:
            self._note(name, self._bucket.put(self._key(name), content, new=tag is None, tag=tag))
        except Taken:
            there = self._bucket.get(self._key(name))
            if there is None:
                raise Conflict(f"{name} is being written by another run", "Run the same command again.") from None
            if there[0] != content:
                replace(path.with_name(f".{path.name}.unsent"), content, 0o600)
            self._here(name, *there)

    def pull(self) -> None:
        """What others have written."""
        self.take(self._bucket.listed(f"incidents/{self._directory.name}/"))

    def take(self, there: Mapping[str, str]) -> None:
        """Of these files, by name with their ETags, what is here in no version or another one."""
        known, kept = self._tags(), Unsent.of(self._directory).files
        wanted = [
            name
            for name, tag in there.items()
            if NAME.fullmatch(name) and name != "journal.jsonl" and name not in kept
            and not (known.get(name) == tag and (self._directory / name).exists())
        ]
        for name, (_key, found) in zip(wanted, self._bucket.get_all(map(self._key, wanted)), strict=True):
            if found:
                self._here(name, *found)

    def _here(self, name: str, content: bytes, tag: str) -> None:
        replace(self._path(name), content, 0o600)
        self._note(name, tag)

    def _path(self, name: str) -> Path:
        path = self._directory / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _key(self, name: str) -> str:
        return f"incidents/{self._directory.name}/{name}"

    def _tags(self) -> dict[str, str]:
        path = self._directory / ".etags.json"
        tags: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return tags

    def _note(self, name: str, tag: str) -> None:
        replace(self._directory / ".etags.json", json.dumps({**self._tags(), name: tag}).encode(), 0o600)
