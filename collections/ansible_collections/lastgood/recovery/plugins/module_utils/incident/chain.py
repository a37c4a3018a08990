# SPDX-License-Identifier: GPL-3.0-or-later
"""The hash chain of a journal: each line names the hash of the one before and its own, so that no line can be changed alone.

A line is one JSON object in its canonical form. C(prev) is the hash of the line before, or of the incident's name; C(hash) is that
of the line without it; C(gap) is that of whatever stands between the two lines: what a crash cut off, or lines older than the chain.
"""
from __future__ import annotations

import hashlib
import json
from typing import Any

LINKS = ("prev", "gap", "hash")
"""The fields of a line that belong to the chain and not to the event."""


def canonical(value: Any) -> bytes:
    """The one form that a JSON value is hashed and signed in: keys sorted, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode(errors="backslashreplace")  # half of a surrogate pair stays the escape that it is in JSON


def digest(kind: str, content: bytes) -> str:
    """SHA-256 in hexadecimal. C(kind) keeps the hash of one thing from being taken for that of another."""
    return hashlib.sha256(f"lastgood {kind} 1\n".encode() + content).hexdigest()


def beginning(name: str) -> str:
    """What the first line of the journal of the incident C(name) follows."""
    return digest("journal of", name.encode())


def link(event: dict[str, Any], previous: str, gap: bytes) -> bytes:
    """The line of the event, with its newline; C(event) is JSON already."""
    entry = {**event, "prev": previous, **({"gap": digest("gap", gap)} if gap else {})}
    return canonical({**entry, "hash": hash_of(entry)}) + b"\n"


def hash_of(entry: dict[str, Any]) -> str:
    """The hash that a line must have."""
    return digest("line", canonical({key: value for key, value in entry.items() if key != "hash"}))


def parse(line: bytes) -> Any:
    """The JSON in a line; None when there is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def is_linked(entry: Any) -> bool:
    """Whether the line claims to be one of a chain."""
    return isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in ("prev", "hash"))


def last_link(content: bytes) -> tuple[str, bytes] | None:
    """The hash of the last whole line of a chain, and what stands behind it; None when there is no such line."""
    end = len(content)
    while end > 0:
        start = content.rfind(b"\n", 0, end - 1) + 1
        entry = parse(content[start:end])
        if is_linked(entry):
            return entry["hash"], content[end:]
        end = start
    return None
