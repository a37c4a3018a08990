# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence of an exercise as Markdown."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.screen import title
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.tables import facts, tables
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import as_section, escape


def as_markdown(evidence: Mapping[str, Any]) -> str:
    """All that the evidence says; everything quoted from outside is escaped."""
    head = [f"# {title(evidence)} — {escape(evidence['name'])}",
            f"**{escape(evidence['environment_title'])}** · {escape(evidence['came_to'])}",
            "\n".join(f"- {escape(name)}: {escape(value)}" for name, value in facts(evidence))]
    return "\n\n".join([*head, *map(as_section, tables(evidence))]) + "\n"
