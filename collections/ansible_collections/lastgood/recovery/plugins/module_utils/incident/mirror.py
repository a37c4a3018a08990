# SPDX-License-Identifier: GPL-3.0-or-later
"""An incident store in a bucket, C(s3://BUCKET/PREFIX), and the directory of this machine in which it is read.

C(incidents/<id>/<file>) are the files, C(journals/<id>/000012.json) the lines of the journals, C(locks/<environment>.json) the locks,
C(record/<file>) what is told of all incidents, C(points/<id>/<file>) the recovery points, C(readiness/<file>) what was found each night,
C(exercises/<name>/<file>) the evidence of exercises.
"""
from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused, Unavailable
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.bucket import Address, Bucket, Taken
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.files import replace
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.guard import alone
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirrored_files import NAME
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirrored_incident import MirroredIncident
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.unsent import Unsent

MARKER = ".store.json"
AT_FIRST = ("incident.yml", "plan.json")
"""What is read of every incident; the rest once somebody asks for that one."""
POINTS = "points"
"""The directory of the recovery points, beside those of the incidents."""
READINESS = "readiness"
"""The directory of what was found each night."""
EXERCISES = "exercises"
"""The directory of the exercises' evidence."""


class Mirror:
    """C(root) is the directory; C(url) is as it was given."""

    def __init__(self, root: Path, url: str) -> None:
        self.root, self.url = root, url
        self.bucket = Bucket(Address.of(url))

    @classmethod
    def at(cls, url: str) -> Mirror:
        """The mirror of that store, in a directory that nobody else can read."""
        address = Address.of(url)
        name = hashlib.sha256(f"{address} {address.region} {address.endpoint_url}".encode()).hexdigest()[:16]
        return cls._in(cache() / name, url)

    @classmethod
    @contextmanager
    def fresh(cls, url: str) -> Iterator[Mirror]:
        """One that shows nothing but what is in the bucket, and goes when it is done with."""
        Address.of(url)
        _private(cache())
        root = Path(tempfile.mkdtemp(dir=cache(), prefix="fresh-"))
        try:
            yield cls._in(root, url)
        finally:
            shutil.rmtree(root, ignore_errors=True)

    @classmethod
    def of(cls, path: Path) -> Mirror | None:
        """The mirror that the path belongs to; None where it is an ordinary directory."""
        if not path.is_relative_to(cache()) or path == cache():
            return None
        root = cache() / path.relative_to(cache()).parts[0]
        marker = root / MARKER
        return cls(root, json.loads(marker.read_text(encoding="utf-8"))["url"]) if marker.exists() else None

    @classmethod
    def _in(cls, root: Path, url: str) -> Mirror:
        _private(cache())
        _private(root)
        replace(root / MARKER, json.dumps({"url": url}).encode(), 0o600)
        return cls(root, url)

    def write(self, path: Path, content: bytes) -> None:
        """A file of an incident, or one beside them all, which is made anew from them at any time."""
        if path.parent == self.root:
            self.bucket.put(f"record/{path.name}", content)
            replace(path, content, 0o600)
        elif path.parent == self.root / READINESS:
            self.bucket.put(f"{READINESS}/{path.name}", content)
            replace(path, content, 0o600)
        elif path.is_relative_to(self.root / POINTS) or path.is_relative_to(self.root / EXERCISES):
            self._put(path, content)
        else:
            self.incident(path).write(path, content)

    def read(self, path: Path) -> bytes | None:
        """What is in the bucket of a file beside all incidents; None when there is none."""
        found = self.bucket.get(f"record/{path.name}")
        return found[0] if found else None

    def incident(self, path: Path) -> MirroredIncident:
        """The one to whose directory the path belongs."""
        return MirroredIncident(self.bucket, self.root / path.relative_to(self.root).parts[0])

    def pull_points(self, name: str) -> None:
        """The file of that name of every recovery point, and no other point than the bucket has."""
        there = self.bucket.listed(f"{POINTS}/")
        names = {key.partition("/")[0] for key in there if re.fullmatch(rf"[\w-]+/{re.escape(name)}", key)}
        for directory in (self.root / POINTS).glob("*"):
            if directory.name not in names and (directory / name).exists():
                shutil.rmtree(directory)
        self._pull([key for key in there if key.partition("/")[2] == name and key.partition("/")[0] in names])

    def pull_point(self, point: str) -> None:
        """All files of a recovery point that are not here."""
        self._pull([f"{point}/{key}" for key in self.bucket.listed(f"{POINTS}/{point}/") if NAME.fullmatch(key)])

    def pull_exercises(self) -> None:
        """The evidence of all exercises as it is in the bucket, and of no others."""
        keys = [key for key in self.bucket.listed(f"{EXERCISES}/") if NAME.fullmatch(key)]
        shutil.rmtree(self.root / EXERCISES, ignore_errors=True)
        self._pull(keys, EXERCISES)

    def remove_point(self, point: str, first: str) -> None:
        """Of recovery points alone something is ever deleted: a whole one, that file first."""
        rest = [key for key in self.bucket.listed(f"{POINTS}/{point}/") if key != first]
        for key in (first, *rest):
            self.bucket.remove(f"{POINTS}/{point}/{key}")

    def _pull(self, keys: list[str], below: str = POINTS) -> None:
        wanted = [key for key in keys if not (self.root / below / key).exists()]  # a file of a point is never written again
        for key, (_name, found) in zip(wanted, self.bucket.get_all(f"{below}/{key}" for key in wanted), strict=True):
            if found:
                path = self.root / below / key
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace(path, found[0], 0o600)

    def _put(self, path: Path, content: bytes) -> None:
        self.bucket.put(path.relative_to(self.root).as_posix(), content)
        replace(path, content, 0o600)

    def shown(self, path: Path) -> str:
        """Where others find the file."""
        if path.is_relative_to(self.root / POINTS) or path.is_relative_to(self.root / EXERCISES):
            return f"{self.bucket.address}/{path.relative_to(self.root).as_posix()}"
        folder = "record" if path.parent == self.root else "incidents"
        return f"{self.bucket.address}/{folder}/{path.relative_to(self.root).as_posix()}"

    def pull(self) -> None:
        """Which incidents there are, and what is read of all of them."""
        with self._alone():
            try:
                found = self.bucket.listed("incidents/")
            except RecoveryError as error:
                raise Unavailable(f"the incident store {self.bucket.address} is out of reach: {error.message}", error.hint) from None
            there: dict[str, dict[str, str]] = {}
            for name, tag in found.items():
                incident, _slash, file = name.partition("/")
                if re.fullmatch(r"[\w-][\w.-]*", incident) and file in AT_FIRST:
                    there.setdefault(incident, {})[file] = tag
            for name, files in there.items():
                one = MirroredIncident(self.bucket, self.root / name)
                one.take(files)
                one.ask_again()
            for directory in self.root.iterdir():
                if directory.is_dir() and directory.name not in (*there, POINTS, EXERCISES) and not Unsent.of(directory):
                    shutil.rmtree(directory)

    def create(self, path: Path, text: str) -> bool:
        """Write the file of a new incident; false when there is one of that name."""
        self.prove()
        with self._alone():
            try:
                self.incident(path).create(path, text.encode())
            except Taken:
                return False
            return True

    def prove(self) -> None:
        """Refused where two runs could take one lock; asked once on each machine."""
        proved = self.root / ".proved"
        if not proved.exists():
            self.bucket.prove()
            proved.touch()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with alone(self.root / ".guard"):
            yield


def cache() -> Path:
    """Where this user's mirrors are."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser().absolute() / "lastgood" / "incidents"


def _private(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{directory} cannot be made: {error.strerror}", "Set XDG_CACHE_HOME to a directory that can be written.") from None
    if directory.stat().st_uid != os.getuid():
        raise Refused(f"{directory} belongs to somebody else", "Set XDG_CACHE_HOME to a directory of your own.")
    directory.chmod(0o700)
