# SPDX-License-Identifier: GPL-3.0-or-later
"""What a status page says, in one vocabulary for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

STATES = ("operational", "maintenance", "degraded", "partial outage", "outage")
"""From well to down."""


class Unreadable(Exception):
    """A document of another form than the page is known to have; what it means is unknown."""


@dataclass(frozen=True)
class Notice:
    """Something that the vendor has told and not yet taken back."""

    name: str
    state: str
    """One of STATES; C(operational) is an information."""
    since: str | None = None
    """As the vendor writes it."""
    url: str | None = None


@dataclass(frozen=True)
class Said:
    """The worst state, all notices and the parts that are not well."""

    state: str
    notices: tuple[Notice, ...] = ()
    affected: tuple[str, ...] = ()


def said(states: Iterable[str], notices: Sequence[Notice], affected: Iterable[str] = ()) -> Said:
    """The worst of what the page says of itself and of what its notices say: a page may call itself well beside an open incident."""
    worst = max([*states, *(notice.state for notice in notices)], key=STATES.index, default=STATES[0])
    return Said(worst, tuple(sorted(notices, key=lambda notice: -STATES.index(notice.state))), tuple(sorted(set(affected))))


def mapping(document: Any, name: str = "") -> dict[str, Any]:
    """The mapping of that name in the document, or the document itself."""
    found = mapping(document).get(name) if name else document
    if not isinstance(found, dict):
        raise Unreadable(f"no {name or 'object'}")
    return found


def listed(document: Any, name: str) -> list[dict[str, Any]]:
    """The list of mappings of that name; a page may leave an empty one out, or say null."""
    found = mapping(document).get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable(f"{name} is no list of objects")
    return found


def translated(word: Any, states: dict[str, str], name: str) -> str:
    """The state that the vendor's word means."""
    if not isinstance(word, str) or word not in states:
        raise Unreadable(f"{name} is {str(word)[:40]!r}")
    return states[word]


def text(value: Any) -> str | None:
    return " ".join(value.split())[:200] if isinstance(value, str) and value.strip() else None
