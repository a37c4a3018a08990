# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be broken on purpose, and which of it a drill takes."""
from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

Failure = Mapping[str, Any]
"""One entry of the inventory's C(failures)."""
FAILURE: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "says": {"type": "str", "required": True},
    "tier": {"type": "str", "required": True},
    "scenario": {"type": "str", "required": True},
    "playbook": {"type": "str", "required": True},
    "inject": {"type": "list", "elements": "str", "required": True},
    "repair": {"type": "list", "elements": "str", "default": []},
    "before": {"type": "list", "elements": "str", "default": []},
    "limit": {"type": "str"},
    "variables": {"type": "dict", "default": {}},
    "moment": {"type": "str", "choices": ["bad_at", "good_at"], "default": "bad_at"},
    "actions": {"type": "list", "elements": "str", "default": ["roll_back", "fix_or_roll_back"]},
    "by_chance": {"type": "bool", "default": True},
}
ANY, LIST = "any", "list"


def distinct(failures: Sequence[Failure]) -> None:
    """Refused where there is none, or two cannot be told apart."""
    names = [failure["name"] for failure in failures]
    if not names:
        raise Refused("there is nothing to break", "Write some failures into the inventory: docs/drills.md.")
    wrong = sorted({name for name in names if names.count(name) > 1 or name in (ANY, LIST)})
    if wrong:
        raise Refused(f"a failure cannot be called {wrong[0]}", "Give every failure a name of its own.")


def chosen(failures: Sequence[Failure], wanted: str, seed: str) -> Failure:
    """The one of that name, the first of that scenario, or by chance: the same seed and the same list give the same one."""
    if wanted == ANY:
        likely = [failure for failure in failures if failure["by_chance"]]
        if not likely:
            raise Refused("none of the failures is for chance", "Name one of them.")
        return random.Random(seed).choice(sorted(likely, key=lambda failure: str(failure["name"])))
    for failure in (*(one for one in failures if one["name"] == wanted), *(one for one in failures if one["scenario"] == wanted)):
        return failure
    raise Refused(f"there is no failure {wanted}", f"Known are {', '.join(failure['name'] for failure in failures)}, and {ANY}.")


def new_seed() -> str:
    return secrets.token_hex(4)
