# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an incident can be told."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Channel

KINDS: dict[str, Callable[[Mapping[str, Any]], Channel]] = {}
"""By the name that the inventory has for the kind: what takes its options, C(name) among them."""
