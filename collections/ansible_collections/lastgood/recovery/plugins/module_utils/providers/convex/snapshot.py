# SPDX-License-Identifier: GPL-3.0-or-later
"""What an export of Convex holds: the documents of each table, told apart by what is in them."""
from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup

_DOCUMENTS = re.compile(r"(?P<table>(?:_components/[^/]+/)*[^/]+)/documents\.jsonl")
_TABLES = "_tables"
FILES = "_storage"
Documents = dict[str, bytes]


@dataclass(frozen=True)
class Snapshot:
    """By table, by id, a hash of each document; C(newest) is when the newest of them was made."""

    tables: dict[str, Documents]
    born: dict[str, dict[str, float]]
    """By table, by id, when the document was made, in milliseconds since the epoch."""

    @property
    def newest(self) -> datetime | None:
        times = [at for ages in self.born.values() for at in ages.values()]
        return moment.from_epoch_ms(max(times)) if times else None

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(documents) for name, documents in sorted(self.tables.items())}


def read(path: str) -> Snapshot:
    """BadBackup when the file is cut off, altered, or no export."""
    tables: dict[str, Documents] = {}
    born: dict[str, dict[str, float]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                found = _DOCUMENTS.fullmatch(member)
                if not found or found["table"].rpartition("/")[2] == _TABLES:
                    continue
                with archive.open(member) as lines:  # reading to the end compares the checksum
                    rows = [json.loads(line) for line in lines if line.strip()]
                tables[found["table"]] = {str(row["_id"]): _hash(row) for row in rows}
                born[found["table"]] = {str(row["_id"]): float(row.get("_creationTime") or 0) for row in rows}
            whole = _TABLES + "/documents.jsonl" in archive.namelist()
    except (zipfile.BadZipFile, EOFError, ValueError, KeyError, TypeError, OSError, NotImplementedError, RuntimeError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged, cut off, or no ZIP of Convex"
        raise BadBackup(f"{path} cannot be read as an export: {said}", "Name another one.") from None
    if not whole:
        raise BadBackup(f"{path} has no list of its tables, so it is no export of Convex", "Name another one.")
    return Snapshot(tables, born)


def _hash(row: dict[str, Any]) -> bytes:
    return hashlib.blake2b(json.dumps(row, sort_keys=True).encode(), digest_size=16).digest()


def difference(now: Snapshot, wanted: Snapshot) -> dict[str, dict[str, int]]:
    """By table, how many documents would be lost, how many changed back, how many come back; tables without any are left out."""
    found = {}
    for table in sorted({*now.tables, *wanted.tables}):
        here, there = now.tables.get(table, {}), wanted.tables.get(table, {})
        if table.rpartition("/")[2] == FILES:  # an import keeps the files that it does not know
            here = {id: known for id, known in here.items() if id in there}
        numbers = {
            "lost": len(here.keys() - there.keys()),
            "changed_back": sum(1 for id in here.keys() & there.keys() if here[id] != there[id]),
            "come_back": len(there.keys() - here.keys()),
        }
        if any(numbers.values()):
            found[table] = numbers
    return found


def without_newer(found: Snapshot, wanted: Snapshot, since: float) -> tuple[Snapshot, dict[str, int]]:
    """The same without documents that were made after C(since), in ms; and how many these are, by table."""
    kept: dict[str, Documents] = {}
    written: dict[str, int] = {}
    for table, documents in found.tables.items():
        known = wanted.tables.get(table, {})
        newer = {id for id in documents if id not in known and found.born[table][id] >= since}
        kept[table] = {id: value for id, value in documents.items() if id not in newer}
        if newer:
            written[table] = len(newer)
    return Snapshot(kept, found.born), written
