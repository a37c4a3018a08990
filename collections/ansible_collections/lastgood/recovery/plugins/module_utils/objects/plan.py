# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do with each key so that it shows what it showed at a moment: as little as possible, and nothing that loses a version.

Everything here is computed from the list of versions alone.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Unreadable
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import ARCHIVED, Version


class Unsettled(Unreadable):
    """The list was read while the key was written, as servers show it that are not AWS's; or it is in no order."""


class Action(StrEnum):
    UNDELETE = "undelete"
    """Only markers are above what is wanted: they are deleted, and it shows again as it was, tags, class and all."""
    HIDE = "hide"
    """There was nothing: a marker is put on top, and what is there now stays as a version."""
    COPY = "copy"
    """It was written over: the version is copied on top."""
    COMPARE = "compare"
    """As COPY, unless what shows now turns out to be the same; metadata and tags are in no list."""
    REMOVE = "remove"
    """Rewound: all that is newer is deleted for good."""
    ARCHIVED = "archived"
    """It would be copied, but its content has to be fetched from the archive first."""
    KEEP = "keep"
    """There was nothing, or it has expired since; it was asked for that such keys are left alone."""


class Step(NamedTuple):
    """C(wanted) is the version to show, None for nothing; C(shown) what shows now, None for nothing; C(remove) are ids of versions."""

    action: Action
    key: str
    wanted: Version | None = None
    shown: Version | None = None
    remove: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """Versions count from before C(until)."""

    until: datetime
    rewind: bool = False
    removes: bool = True
    """Whether versions and markers may be deleted at all; MFA delete forbids it."""
    keep_created: bool = False
    keep_markers: bool = False
    """What was only deleted is copied on top of its markers, so that what was shown before is in the history still."""
    opaque: bool = False
    """ETags say nothing about the content, as those of SSE-KMS."""


@dataclass
class Seen:
    """What passed by."""

    keys: int = 0
    versions: int = 0
    nulls: int = 0
    """Keys that were written while versioning was suspended, after the moment: such a write destroys the one before."""
    parts: int = 0
    """Versions to show that were uploaded in parts; AWS dates them by the beginning of the upload."""


def steps(versions: Iterable[Version], rules: Rules, seen: Seen) -> Iterator[Step]:
    """The keys that do not show what they showed, from C(versions) with the newest of each key first. Flat in memory but for one key."""
    key: str | None = None
    newer: list[Version] = []
    wanted: Version | None = None
    until = rules.until
    for version in versions:
        if version.key != key:
            if newer:
                yield from _step(newer, wanted, rules, seen)
                newer = []
            key, wanted = version.key, None
            seen.keys += 1
        elif version.is_latest:
            raise Unsettled(f"S3's list of versions does not begin with the newest of {key!r}", "Run the same command again.")
        seen.versions += 1
        if wanted is None:
            if version.last_modified < until:
                wanted = version
            else:
                newer.append(version)
    if newer:
        yield from _step(newer, wanted, rules, seen)


def _step(newer: list[Version], at: Version | None, rules: Rules, seen: Seen) -> Iterator[Step]:
    """For a key with versions newer than the moment; C(at) is the newest from before it."""
    key = newer[0].key
    wanted = None if at is None or at.is_marker else at
    shown = None if newer[0].is_marker else newer[0]
    seen.nulls += any(version.version_id == "null" for version in newer)
    seen.parts += wanted is not None and "-" in wanted.etag
    if wanted is None:
        if shown is None:
            return
        if at is None and rules.keep_created:
            yield Step(Action.KEEP, key, None, shown)
        elif rules.rewind:
            yield Step(Action.REMOVE, key, None, shown, tuple(version.version_id for version in newer))
        else:
            yield Step(Action.HIDE, key, None, shown)
    elif rules.rewind:
        yield Step(Action.REMOVE, key, wanted, shown, tuple(version.version_id for version in newer))
    elif rules.removes and all(version.is_marker for version in newer) and not (rules.keep_markers and copying(wanted) is Action.COPY):
        yield Step(Action.UNDELETE, key, wanted, None, tuple(version.version_id for version in newer))
    elif shown is not None and may_be_same(wanted, shown, rules.opaque):
        yield Step(Action.COMPARE, key, wanted, shown)
    else:
        yield Step(copying(wanted), key, wanted, shown)


def copying(wanted: Version) -> Action:
    return Action.ARCHIVED if wanted.storage_class in ARCHIVED and not wanted.restored else Action.COPY


def may_be_same(wanted: Version, shown: Version, opaque: bool) -> bool:
    """As far as a list can tell. What was copied in one piece has another ETag than what was uploaded in parts."""
    if wanted.size != shown.size:
        return False
    if wanted.storage_class != shown.storage_class and wanted.storage_class not in ARCHIVED:
        return False
    return wanted.etag == shown.etag or opaque or "-" in wanted.etag or "-" in shown.etag
