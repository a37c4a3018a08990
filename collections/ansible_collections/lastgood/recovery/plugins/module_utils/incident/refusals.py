# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals that a person may go on against: each has a name, and an override names it, gives a reason, and is recorded."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

APPROVAL, COHERENCE = "approval", "coherence"
KINDS = (APPROVAL, COHERENCE)
ARGUMENTS: dict[str, Any] = {"override": {"type": "str", "default": ""}, "override_reason": {"type": "str", "default": ""}}
Event = Mapping[str, Any]


def name_of(kind: str, digest: str) -> str:
    """C(approval-3f2a9c1b): of what it is about, so that an override of one lifts no other."""
    return f"{kind}-{digest[:8]}"


def how_to_override(name: str) -> str:
    return f"In an emergency: -e override={name} -e override_reason='why it cannot wait'"


def overridden(events: Iterable[Event], name: str) -> Event | None:
    """The event by which somebody went on against it in this incident."""
    return next((event for event in events if event["event"] == "overridden" and event["id"] == name), None)


def asked(kind: str, name: str, options: Mapping[str, Any]) -> bool:
    """Whether the options lift this refusal; Refused when they name another of its kind, no kind at all, or no reason."""
    given = (options.get("override") or "").strip()
    if not given:
        return False
    other = given.partition("-")[0]
    if other != kind and other in KINDS:
        return False  # it is for another step to judge
    if given != name:
        raise Refused(
            f"{given} is not the refusal that stands in the way, {name}",
            "An override is for one plan only; look at this one, then name its refusal.",
        )
    if not (options.get("override_reason") or "").strip():
        raise Refused("an override needs a reason", "Say why it cannot wait: -e override_reason='…'")
    return True


def record(journal: Any, events: Iterable[Event], name: str, refusal: str, options: Mapping[str, Any], **more: Any) -> None:
    """Into the journal, once: C(id), C(refusal) in words, C(reason), C(by)."""
    if overridden(events, name) is None:
        by = options["incident"]["by"]
        journal.append("overridden", id=name, refusal=refusal, reason=options["override_reason"], by=by, **more)
