# SPDX-License-Identifier: GPL-3.0-or-later
"""One version of one key, or one marker that hides it, as a list of S3 shows it."""
from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Storage classes whose content has to be asked for hours before it can be read."""


class Version(NamedTuple):
    """C(last_modified) is UTC and whole seconds at AWS. A marker has neither C(etag), C(size) nor C(storage_class)."""

    key: str
    version_id: str
    last_modified: datetime
    is_latest: bool
    is_marker: bool = False
    etag: str = ""
    size: int = 0
    storage_class: str = "STANDARD"
    restored: bool = False
    """Of an archived one: its content can be read for the time being."""
