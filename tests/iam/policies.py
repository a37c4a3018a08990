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
    """A statement for each resource."""
    by_resource: dict[str, set[str]] = {}
    for right in needed:
        by_resource.setdefault(right.resource, set()).add(right.action)
    statements = [{"Effect": "Allow", "Action": sorted(actions), "Resource": resource} for resource, actions in sorted(by_resource.items())]
    return {"Version": "2012-10-17", "Statement": statements}


def agrees(name: str, calls: Iterable[Exchange]) -> None:
    """AssertionError unless docs/iam/NAME.json allows what these calls need, and nothing else; written with LASTGOOD_WRITE_IAM."""
    needed = {right for call in calls for right in rights(call)}
    assert needed, "no call was seen"
    file = FOLDER / f"{name}.json"
    made = json.dumps(policy(needed), indent=2) + "\n"
    if os.environ.get(WRITE):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(made)
    assert file.read_text() == made, f"{file.name} is another than the calls need; {WRITE}=1 writes it"
