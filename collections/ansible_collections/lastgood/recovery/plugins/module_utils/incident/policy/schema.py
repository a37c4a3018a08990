# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a policy by its schema, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import json_schema

KEYWORDS = json_schema.KEYWORDS


def faults(document: Any, schema: json_schema.Schema, at: str = "") -> Iterator[str]:
    """What is wrong with the document, each with the place, which begins with C(at); nothing when it is valid."""
    for fault in json_schema.faults(document, schema):
        words = fault.in_words(at or "the policy")
        yield f"{at}{'' if words.startswith('[') else '.'}{words}" if at and fault.place else words
