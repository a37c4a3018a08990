"""Policies of IAM as files in docs/iam: made from the calls of a scenario, and compared with them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.iam.rights import Right, rights
from tests.vendor_proxy import Exchange

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "iam"
WRITE = "LASTGOOD_WRITE_IAM"


def policy(needed: Iterable[Right]) -> dict[str, Any]:
    """A statement for all actions that are allowed for the same."""
    resources: dict[str, set[str]] = {}
    for right in needed:
        resources.setdefault(right.action, set()).add(right.resource)
    together: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(resources):
        together.setdefault(tuple(sorted(resources[action])), []).append(action)
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": where[0] if len(where) == 1 else where}
        for where, actions in sorted(together.items())
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def agrees(name: str, calls: Iterable[Exchange], also: Iterable[Right] = ()) -> None:
    """AssertionError unless docs/iam/NAME.json allows what these calls need, and nothing else; written with LASTGOOD_WRITE_IAM."""
    needed = {right for call in calls for right in rights(call)} | set(also)
    assert needed, "no call was seen"
    file = FOLDER / f"{name}.json"
    made = json.dumps(policy(needed), indent=2) + "\n"
    if os.environ.get(WRITE):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(made)
    assert file.read_text() == made, f"{file.name} is another than the calls need; {WRITE}=1 writes it"
