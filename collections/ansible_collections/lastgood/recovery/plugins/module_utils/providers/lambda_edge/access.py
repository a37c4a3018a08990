# SPDX-License-Identifier: GPL-3.0-or-later
"""How a function at the edge is reached: by the behaviour of a distribution and the event that it runs on."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import past
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.access import OPTIONS as DISTRIBUTION
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.functions import EVENTS

OPTIONS: dict[str, Any] = {
    **DISTRIBUTION,
    "event": {"type": "str", "required": True, "choices": list(EVENTS)},
    "path_pattern": {"type": "str"},
    "function": {"type": "str"},
}
ALSO: dict[str, dict[str, Any]] = {"releases": past.ARGUMENTS}
