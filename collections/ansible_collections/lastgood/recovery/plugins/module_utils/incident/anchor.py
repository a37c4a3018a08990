# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the head of a journal is kept outside the incident store, so that whoever may write to the store cannot rewrite it unnoticed.

Another place is another class with C(keep) and C(kept), and one line in C(anchor_at).
"""
from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused, Unavailable
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.anchor_s3 import S3Anchor
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.unsent import Unsent
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import Anchored, verify
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import iso


class Anchor(Protocol):
    """Keeps heads, oldest first; RecoveryError or OSError when it cannot be reached."""

    def keep(self, incident: str, anchored: Anchored) -> None: ...

    def kept(self, incident: str) -> list[Anchored]: ...


class DirectoryAnchor:
    """C(file:/mnt/elsewhere): a file of JSON lines for each incident, which the operators may only append to, if they are wise."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def keep(self, incident: str, anchored: Anchored) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"at": iso(datetime.now(UTC)), "incident": incident, "lines": anchored.lines, "head": anchored.head}) + "\n"
        handle = os.open(self._path(incident), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def kept(self, incident: str) -> list[Anchored]:
        path = self._path(incident)
        if not path.exists():
            return []
        return [_read(line, path) for line in path.read_text(encoding="utf-8").splitlines()]

    def _path(self, incident: str) -> Path:
        if not re.fullmatch(r"[\w.-]+", incident):
            raise Refused(f"{incident} is not the name of an incident", "Look at the names in the incident store.")
        return self.root / f"{incident}.heads.jsonl"


def anchor_at(url: str) -> Anchor:
    """The anchor of a URL."""
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return DirectoryAnchor(unquote(parts.path))
    if parts.scheme == "s3":
        return S3Anchor(url)
    raise Refused(f"{url} is no place for the heads of journals", "Give file:/mnt/elsewhere/heads or s3://BUCKET/PREFIX?retain=400.")


def keep_head(journal: Journal, url: str | None) -> str:
    """Keep the journal's head outside; what went wrong, in words, because no rollback may fail for want of an anchor."""
    if not url:
        return ""
    incident = journal.path.parent.name
    try:
        unsent = Unsent.of(journal.path.parent).lines()
        if unsent:  # they may yet have to be linked to lines of others
            raise Unavailable(f"{unsent} lines are on this machine only")
        now = verify(journal.path.read_bytes(), incident)
        if now.lines:
            anchor_at(url).keep(incident, Anchored(now.lines, now.head))
    except (RecoveryError, OSError) as error:
        why = error.message if isinstance(error, RecoveryError) else error.strerror or type(error).__name__
        journal.append("not_anchored", why=why)
        return f"the journal's head was not kept outside: {why}"
    return ""


def _read(line: str, path: Path) -> Anchored:
    try:
        row = json.loads(line)
        return Anchored(int(row["lines"]), str(row["head"]))
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{path} cannot be read", "It was damaged, or tampered with: look at it.") from None
