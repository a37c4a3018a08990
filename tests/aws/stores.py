"""Incident stores as a URL: a directory and a bucket, each seen from several machines, and a bucket that does not answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store

from tests.postgres.s3 import BUCKET, KEYS, S3


class TroubledS3(S3):
    """C(trouble) is asked for each write: C(down) is answered with 503 and not done, C(lost) is done and answered with 503."""

    def __init__(self) -> None:
        self.trouble: dict[int, str] = {}
        self.down = False
        self.ignores = ""
        """A header that it does not know, in the words of WSGI."""
        self.writes = 0
        self.wrote: Callable[[str], object] = lambda path: None
        """Told of each write that was done."""
        super().__init__()

    def empty(self) -> None:
        self.trouble, self.down, self.ignores, self.writes, self.wrote = {}, False, "", 0, lambda path: None
        super().empty()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop(self.ignores, None)
        what = "down" if self.down else ""
        if environ["REQUEST_METHOD"] == "PUT" and not what:
            what = self.trouble.get(self.writes, "")
            self.writes += 1
        if what == "lost":
            list(super()._answer(environ, lambda *told: None))
        elif what == "down":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        else:
            answer = super()._answer(environ, start_response)
            if environ["REQUEST_METHOD"] == "PUT":
                self.wrote(environ["PATH_INFO"])
            return answer
        # 501: an error that botocore does not repeat by itself
        start_response("501 Not Implemented", [("Content-Type", "application/xml")])
        return [b"<Error><Code>NotImplemented</Code><Message>not now</Message></Error>"]


@dataclass
class World:
    """C(place) is what the inventory says."""

    place: str
    machines: Path
    s3: TroubledS3 | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def store(self, machine: str = "one") -> Store:
        """As a run on that machine opens it."""
        os.environ["XDG_CACHE_HOME"] = self.environment["XDG_CACHE_HOME"] = str(self.machines / machine)
        return Store(self.place)


@contextmanager
def served() -> Iterator[TroubledS3]:
    s3 = TroubledS3()
    try:
        yield s3
    finally:
        s3.stop()


def world_of(kind: str, s3: TroubledS3, directory: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """C(kind): file, path or s3."""
    environment = {
        "AWS_URL": s3.url,
        "AWS_REGION": KEYS["region"],
        "AWS_ACCESS_KEY_ID": KEYS["access_key"],
        "AWS_SECRET_ACCESS_KEY": KEYS["secret_key"],
        "XDG_CACHE_HOME": str(directory / "machines" / "one"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    places = {"s3": f"s3://{BUCKET}/shop/incidents", "file": f"file:{directory}/incidents", "path": f"{directory}/incidents"}
    return World(places[kind], directory / "machines", s3 if kind == "s3" else None, environment)
