"""The real Unleash server, from npm, on a PostgreSQL of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from sandbox import postgres
from sandbox.addresses import HOST
from sandbox.testing import free_ports
from tests.vendor_clients import Unavailable, modules

PACKAGE = "unleash-server@7.5.1"  # later ones need Node 22 and have another licence
ADMIN = "*:*.unleash-insecure-admin-api-token"
CLIENT = "default:production.unleash-insecure-client-api-token"
ELSEWHERE = "default:development.unleash-insecure-client-api-token"
START_SECONDS = 60


@dataclass
class Unleash:
    """One server, and its admin API for tests."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a call below C(/api/admin) that has to succeed."""
        answer = self.session.request(method, f"{self.url}/api/admin{path}", json=body, headers={"Authorization": ADMIN}, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def flag(self, name: str, enabled: bool = True, environment: str = "production") -> str:
        """Make a flag, or set the one there is; its name, once SDKs get it."""
        names = [one["name"] for one in self.admin("GET", "/projects/default/features")["features"]]
        if name not in names:
            self.admin("POST", "/projects/default/features", {"name": name, "type": "release"})
        self.admin("POST", f"/projects/default/features/{name}/environments/{environment}/{'on' if enabled else 'off'}")
        deadline = time.monotonic() + 10
        while self.seen(CLIENT if environment == "production" else ELSEWHERE).get(name) is not enabled:
            assert time.monotonic() < deadline, f"{name} never became {enabled}"
            time.sleep(0.02)
        return name

    def enabled(self, name: str, environment: str = "production") -> bool:
        return bool(self.admin("GET", f"/projects/default/features/{name}/environments/{environment}")["enabled"])

    def seen(self, token: str = CLIENT) -> dict[str, bool]:
        """What an SDK gets, by flag."""
        answer = self.session.get(f"{self.url}/api/client/features", headers={"Authorization": token}, timeout=10)
        return {row["name"]: row["enabled"] for row in answer.json()["features"]}


@contextlib.contextmanager
def running(directory: Path) -> Iterator[Unleash]:
    """A server with no flags; Unavailable when this machine has no Node or npm cannot install it."""
    node = shutil.which("node")
    if node is None:
        raise Unavailable("node is not installed")
    program = modules(PACKAGE) / "unleash-server" / "dist" / "server.js"
    port = free_ports()
    database = postgres.Postgres(directory, port)
    database.start()
    try:
        with (directory / "unleash.log").open("w") as log:
            server = subprocess.Popen([node, str(program)], env=os.environ | _settings(port), stdout=log, stderr=log)
        try:
            yield _ready(Unleash(f"http://{HOST}:{port + 1}"), server, directory / "unleash.log")
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()
    finally:
        database.stop()
        postgres.delete(directory)


def _settings(port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": f"postgres://shop@{HOST}:{port}/shop",
        "DATABASE_SSL": "false",
        "HTTP_HOST": HOST,
        "PORT": str(port + 1),
        "INIT_ADMIN_API_TOKENS": ADMIN,
        "INIT_CLIENT_API_TOKENS": f"{CLIENT},{ELSEWHERE}",
        "CHECK_VERSION": "false",
        "SEND_TELEMETRY": "false",
    }


def _ready(unleash: Unleash, server: subprocess.Popen[bytes], log: Path) -> Unleash:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException):
            if unleash.session.get(f"{unleash.url}/health", timeout=5).ok:
                return unleash
        time.sleep(0.1)
    raise RuntimeError(f"Unleash did not start: {log.read_text()[-500:]}")
