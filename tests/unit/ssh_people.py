"""People with SSH keys, made by the real ssh-keygen, and the incident that they are to approve."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import approval, signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approval import Approval, Request

NOW = datetime(2026, 11, 22, 2, 45, tzinfo=UTC)
PLAN = "3f2a9c1b" * 8
ROLES = {"engineering-lead": ["anna@x.com", "ben@x.com"], "cto": ["carl@x.com", "anna@x.com"]}


class People:
    """Each has a key in C(directory), and a line in its C(allowed_signers)."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.signers = directory / "allowed_signers"
        self.signers.write_text("# who may sign\n")

    def add(self, name: str, options: str = "", listed: bool = True) -> Path:
        key = self.directory / f"{name}.key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key)], check=True)
        if listed:
            self.list(name, key, options)
        return key

    def list(self, name: str, key: Path, options: str = "") -> None:
        kind, blob, _comment = key.with_name(key.name + ".pub").read_text().split(maxsplit=2)
        with self.signers.open("a") as file:
            file.write(" ".join(filter(None, (name, options, kind, blob))) + "\n")


def request(**other: Any) -> Request:
    known: dict[str, Any] = {
        "environment": "production",
        "incident": "2026-11-22-checkout",
        "plan": PLAN,
        "nonce": "0f" * 16,
        "expires": NOW + timedelta(hours=1),
        "requesters": frozenset({"maria"}),
    }
    return Request(**known | other)


def judged(
    people: People, content: bytes, armoured: bytes, asked: Request | None = None, revoked: Path | None = None, at: datetime = NOW
) -> Approval:
    return approval.judge(content, armoured, asked or request(), ROLES, people.signers, revoked, at)


def signed(name: str, key: Path, asked: Request | None = None, at: datetime = NOW) -> tuple[bytes, bytes]:
    content = approval.payload(asked or request(), name, at)
    return content, signature.sign(content, key)
