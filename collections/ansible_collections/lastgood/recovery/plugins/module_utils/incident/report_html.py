# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report as one self-contained page: no script, no request, light and dark, screen and paper."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import report_words as words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_page import PAGE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_style import STYLE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.timeline import draw_timeline


def as_html(facts: dict[str, Any]) -> str:
    """The page of C(read_report)'s facts; everything quoted from outside is escaped."""
    # Imported here because ansible-test imports module_utils where Jinja2 need not be.
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        span=words.span, clock=words.clock, day=words.day_and_clock, artifact=words.artifact_name, rto=words.rto_words,
        held=words.held_words, resumed=words.resumed_words,
    )
    at = facts["moments"]["verdict_at"] or facts["written_at"]
    return environment.from_string(PAGE).render(
        facts, style=Markup(STYLE), timeline=Markup(draw_timeline(facts)), spoken_at=at,
        local=words.local_clock(at, facts["zone"]), check_marks=words.CHECKS, outcomes=words.OUTCOMES,
    )
