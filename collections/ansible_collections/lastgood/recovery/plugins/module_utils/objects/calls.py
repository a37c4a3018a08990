# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to S3 that are made by the thousand, and how each of them ended."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

MOST_DELETED = 1_000
"""Keys that S3 takes in one DeleteObjects."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that keys may have and XML 1.0 cannot name."""


class Named(NamedTuple):
    """A version, or with None whatever the key shows now: to delete that puts a marker on top."""

    key: str
    version_id: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One CopyObject of a version onto its own key. S3 keeps metadata, headers and tags; C(headers) say what else is wanted."""

    key: str
    version_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """C(x-amz-storage-class), C(x-amz-acl), C(if-match) … in lower case."""


@dataclass(frozen=True, slots=True)
class Delete:
    """One DeleteObjects (one DeleteObject where the key cannot be written in XML), as C(deletions) makes them."""

    names: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """One call that changes nothing: HeadObject, or with C(part) C(tagging) or C(acl) the XML of those."""

    key: str
    version_id: str | None = None
    part: str = ""


Call: TypeAlias = "Copy | Delete | Read"


class Failure(NamedTuple):
    """C(code) is S3's own, C(AccessDenied), or one of NO_ANSWER and UNREADABLE."""

    key: str
    version_id: str | None
    code: str
    message: str


NO_ANSWER, UNREADABLE = "NoAnswer", "Unreadable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended after all its repeats. Without failures all of it was done."""

    call: Call
    failures: tuple[Failure, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the answer, in lower case: C(x-amz-version-id) is the new version of a Copy."""
    body: bytes = b""
    """Of the answer to a Read."""


def deletions(names: Iterable[Named], most: int = MOST_DELETED) -> Iterator[Delete]:
    """Few calls for many keys, in their order but for keys that need a call of their own, which come at once."""
    batch: list[Named] = []
    for name in names:
        if _NOT_XML.search(name.key):
            yield Delete((name,))
            continue
        batch.append(name)
        if len(batch) == most:
            yield Delete(tuple(batch))
            batch.clear()
    if batch:
        yield Delete(tuple(batch))


def needs_own_call(call: Delete) -> bool:
    """Whether it is to be DeleteObject, not DeleteObjects."""
    return len(call.names) == 1 and bool(_NOT_XML.search(call.names[0].key))
