# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of S3 Batch Operations: the manifest that says what to copy, and the report of what was not copied."""
from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Failure


class Row(NamedTuple):
    """One copy of a version onto its own key, which C(takes) says it takes."""

    key: str
    version_id: str
    size: int
    storage_class: str


def manifests(folder: Path, bucket: str, rows: Iterable[Row]) -> Iterator[tuple[str, Path, int]]:
    """Of each storage class its name, its manifest, and how many rows that has."""
    counts: dict[str, int] = {}
    with ExitStack() as files:
        writers: dict[str, Any] = {}
        for row in rows:
            if row.storage_class not in writers:
                file = files.enter_context((folder / row.storage_class).open("w", encoding="ascii", newline=""))
                writers[row.storage_class] = csv.writer(file, lineterminator="\n")
            # Keys are URL-encoded, so that none can break a line.
            writers[row.storage_class].writerow((bucket, quote(row.key, safe="/"), row.version_id))
            counts[row.storage_class] = counts.get(row.storage_class, 0) + 1
    for storage_class, count in counts.items():
        yield storage_class, folder / storage_class, count


def reported(report: str) -> Iterator[Failure]:
    """Bucket, key, version, status, then code and HTTP status, of which AWS's own examples have either first, and a message."""
    for _bucket, key, version_id, status, *codes, message in csv.reader(StringIO(report)):
        if status != "succeeded":
            code = next((code for code in codes if code and not code.isdigit()), next(iter(codes), status))
            yield Failure(unquote(key), version_id or None, code, message)
