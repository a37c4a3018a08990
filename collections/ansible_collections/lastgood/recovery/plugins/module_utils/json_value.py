# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as vendors keep them for applications: compared, and written for people."""
from __future__ import annotations

import json
from typing import Any


def rows(answer: Any) -> list[dict[str, Any]]:
    """The answer if it is a list: an empty object would look like an empty one, and nothing there like off."""
    if not isinstance(answer, list):
        raise TypeError("not a list")
    return answer


def same(one: Any, other: Any) -> bool:
    """Whether both are the same in JSON, where true is not 1 but 1.0 is."""
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {"object": sorted((key, _canonical(one)) for key, one in value.items())}
    if isinstance(value, list):
        return [_canonical(one) for one in value]
    return (isinstance(value, bool), value)


def words(value: Any) -> str:
    """C(on) and C(off) for a flag, C(absent) or its JSON for an item."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict) and value.get("state") == "absent":
        return "absent"
    return json.dumps(value["value"] if isinstance(value, dict) else value, sort_keys=True)
