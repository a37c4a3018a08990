"""ministack in a process of its own, with what the sandbox needs besides: it remembers, puts back, and dates what it holds.

    python -m sandbox.aws.kept PORT STATE_FILE

It ends, and writes the file, when its standard input does: however the sandbox ended.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import pickle
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

OWN = "/_sandbox/"
SERVICES = ("s3", "lambda_svc", "cloudwatch", "cloudwatch_logs", "cloudfront", "iam", "acm", "sts", "kms")
AT_START = "s3", "lambda_svc", "cloudwatch", "cloudfront"
QUIET = 0.3
"""Seconds after a change until it is written; more where that takes long."""


class Kept:
    """What ministack's services hold, as one value."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._named: dict[str, bytes] = {}
        self._took = 0.0
        self._saving: asyncio.TimerHandle | None = None
        if path.exists():
            now, self._named = pickle.loads(path.read_bytes())
            self._put(now)

    def _stores(self) -> Iterator[tuple[str, str, dict[Any, Any]]]:
        for service in SERVICES:
            module: ModuleType | None = sys.modules.get(f"ministack.services.{service}")
            for name, value in vars(module).items() if module else ():
                if type(value).__name__ in ("AccountScopedDict", "AccountRegionScopedDict"):
                    yield service, name, value._data

    def _now(self) -> bytes:
        return pickle.dumps({(service, name): data for service, name, data in self._stores()})

    def _put(self, value: bytes) -> None:
        held = pickle.loads(value)
        for service in {service for service, _ in held}:
            importlib.import_module(f"ministack.services.{service}")
        for service, name, data in self._stores():
            data.clear()
            data.update(held.get((service, name), {}))

    def keep(self, name: str) -> None:
        self._named[name] = self._now()

    def put_back(self, name: str) -> None:
        """Raises KeyError."""
        self._put(self._named[name])

    def clear(self) -> None:
        for _service, _name, data in self._stores():
            data.clear()

    def date(self, rows: list[dict[str, str]]) -> None:
        """`{bucket, key, version, at}` or `{function, version, at}`: that version is as old as `at` says."""
        for row in rows:
            if "bucket" in row:
                self._date_object(row)
            else:
                self._date_function(row)

    def _date_object(self, row: dict[str, str]) -> None:
        s3 = sys.modules["ministack.services.s3"]
        for (_account, where), versions in s3._object_versions._data.items():
            for version in versions if where == (row["bucket"], row["key"]) else ():
                if version["version_id"] == row["version"]:
                    version["last_modified"] = row["at"]
        for (_account, bucket), held in s3._buckets._data.items():
            current = held["objects"].get(row["key"]) if bucket == row["bucket"] else None
            if current and current.get("version_id") == row["version"]:
                current["last_modified"] = row["at"]

    def _date_function(self, row: dict[str, str]) -> None:
        for scoped, function in sys.modules["ministack.services.lambda_svc"]._functions._data.items():
            if scoped[-1] == row["function"]:
                rows = [function] if row["version"] == "$LATEST" else [function["versions"][row["version"]]]
                rows[0]["config"]["LastModified"] = row["at"]

    def save(self) -> None:
        """The file is the old one or the new one, never half of one."""
        fresh = self.path.with_suffix(".new")
        began = time.monotonic()
        fresh.write_bytes(pickle.dumps((self._now(), self._named)))
        os.replace(fresh, self.path)
        self._took = time.monotonic() - began

    def save_soon(self) -> None:
        if self._saving:
            self._saving.cancel()
        self._saving = asyncio.get_running_loop().call_later(QUIET + 10 * self._took, self.save)

    def code(self, function: str, version: str) -> bytes:
        """The zip file of that version; ministack hands out the newest one whichever is asked for."""
        for scoped, held in sys.modules["ministack.services.lambda_svc"]._functions._data.items():
            if scoped[-1] == function:
                packed: bytes = held["versions"][version]["code_zip"]
                return packed
        raise KeyError(function)

    def own(self, path: str, body: bytes) -> bytes:
        """A call of the sandbox itself; raises KeyError."""
        what, _, name = path.removeprefix(OWN).partition("/")
        match what:
            case "keep":
                self.keep(name)
            case "back":
                self.put_back(name)
            case "clear":
                self.clear()
            case "date":
                self.date(json.loads(body))
            case "code":
                return self.code(*name.split("/"))
            case _:
                raise KeyError(path)
        self.save_soon()
        return b""


def _application(kept: Kept) -> Any:
    from ministack.app import app

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(OWN):
            await app(scope, receive, send)
            if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
                kept.save_soon()
            return
        body = b""
        while (message := await receive()) and message["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        try:
            status, told = 200, kept.own(scope["path"], body)
        except KeyError:
            status, told = 404, b""
        headers = [(b"content-length", str(len(told)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    return answer


async def _serve(port: int, path: Path) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    for name in AT_START:
        importlib.import_module(f"ministack.services.{name}")
    kept = Kept(path)
    config = Config()
    config.bind, config.loglevel, config.keep_alive_timeout = [f"127.0.0.1:{port}"], "WARNING", 75
    ended = asyncio.Event()
    silence = sys.stdin.fileno()

    def heard() -> None:
        if not os.read(silence, 100):
            kept.save()  # before the port is free: whoever waits for that reads the file
            asyncio.get_running_loop().remove_reader(silence)
            ended.set()

    asyncio.get_running_loop().add_reader(silence, heard)
    await serve(_application(kept), config, shutdown_trigger=ended.wait)


def main() -> None:
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
    os._exit(0)  # ministack has threads that would go on


if __name__ == "__main__":
    main()
