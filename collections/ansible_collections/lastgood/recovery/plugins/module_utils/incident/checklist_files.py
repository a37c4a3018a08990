# SPDX-License-Identifier: GPL-3.0-or-later
"""Checklists from files, by the names of the ready ones, or as they stand."""
from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import schema
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.reading import document_in

READY = Path(__file__).resolve().parents[3] / "checklists"
"""The checklists that come with the collection, and their schema."""
DEFAULT = "default"


def names() -> list[str]:
    """The ready checklists."""
    return sorted(path.stem for path in READY.glob("*.yml"))


def checklist(given: Any) -> dict[str, Any]:
    """The checklist of that ready name, or in that mapping; Refused when it is not right."""
    if isinstance(given, str):
        return _ready(given)
    return _valid(given, "the checklist")


def settled(given: list[Any]) -> list[Any]:
    """What an incident keeps: names of ready lists stay names, files become what they say, so that a report needs no other file."""
    return [one if isinstance(one, str) and one in (DEFAULT, *names()) else _own(one) for one in given]


def _own(given: Any) -> dict[str, Any]:
    if not isinstance(given, str):
        return _valid(given, "the checklist")
    path = Path(given).expanduser()
    if not path.is_file():
        raise Refused(f"there is no checklist '{given}'", f"Give the path of a file, or one of {', '.join(names())}.")
    return _valid(document_in(path), given)


@cache
def _ready(name: str) -> dict[str, Any]:
    if name not in names():
        raise Refused(f"there is no checklist '{name}'", f"The ready ones are {', '.join(names())}.")
    return _valid(document_in(READY / f"{name}.yml"), name)


def _valid(document: Any, what: str) -> dict[str, Any]:
    found = list(schema.faults(document, published(), at="checklist"))
    if found:
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise Refused(f"{what} is no valid checklist: {'; '.join(found[:3])}{more}", "docs/checklists.md describes every part.")
    valid: dict[str, Any] = document
    return valid


@cache
def published() -> Any:
    """The schema, as it is published."""
    return json.loads((READY / "checklist.schema.json").read_text(encoding="utf-8"))
