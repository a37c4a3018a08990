# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence of an incident: its files with their hashes, and the head of its journal's chain."""
from __future__ import annotations

import hashlib
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident

WRITTEN_LATER = frozenset({"report.md", "report.html", "postmortem.md", "lessons.md", "told.json"})
"""Made of the evidence, or for people to write on; what was told is in the journal as well."""
JOURNAL = "journal.jsonl"


def find_evidence(incident: Incident) -> list[dict[str, str]]:
    """The files by name: {file, sha256, note}; C(note) of the journal says its lines and the head of its chain, of a lost file why."""
    root = incident.directory
    files = sorted(path for path in root.rglob("*") if path.is_file() and not _passed_over(path.relative_to(root)))
    return [_hashed(root, path) for path in files]


def _passed_over(path: Path) -> bool:
    return str(path) in WRITTEN_LATER or any(part.startswith(".") for part in path.parts)


def _hashed(root: Path, path: Path) -> dict[str, str]:
    name = path.relative_to(root).as_posix()
    try:
        with path.open("rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
        return {"file": name, "sha256": found, "note": _chained(path.read_bytes()) if name == JOURNAL else ""}
    except OSError as error:  # gone, or not for this reader: the report is written all the same
        return {"file": name, "sha256": "", "note": f"could not be read: {error.strerror}"}


def _chained(content: bytes) -> str:
    found = chain.last_link(content)
    return f"{len(content.splitlines())} lines" + (f", chain head {found[0]}" if found else ", no chain")
