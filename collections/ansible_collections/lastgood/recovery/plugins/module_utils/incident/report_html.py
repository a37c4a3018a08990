# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report as one self-contained page: no script, no request, light and dark, screen and paper."""
from __future__ import annotations

from functools import cache
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import report_words as words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_page import PAGE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_plot import draw_plots
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_style import STYLE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_tables import (
    tables_after_checks,
    tables_of_record,
    tables_of_work,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.timeline import draw_timeline


def as_html(facts: dict[str, Any]) -> str:
    """The page of C(read_report)'s facts; everything quoted from outside is escaped."""
    from markupsafe import Markup

    at = facts["moments"]["verdict_at"] or facts["written_at"]
    page: str = _template().render(
        facts, style=Markup(STYLE), timeline=Markup(draw_timeline(facts)), spoken_at=at,
        plots=[{**plot, "svg": Markup(plot["svg"])} for plot in draw_plots(facts)], beside=words.zone_words(facts["zone"]),
        work=tables_of_work(facts), afterwards=tables_after_checks(facts), record=tables_of_record(facts),
        local=words.local_clock(at, facts["zone"]), check_marks=words.CHECKS, outcomes=words.OUTCOMES,
    )
    return page


@cache
def _template() -> Any:
    # Imported here because ansible-test imports module_utils where Jinja2 need not be.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        span=words.span, clock=words.clock, day=words.day_and_clock, artifact=words.artifact_name, rto=words.rto_words,
        held=words.held_words, resumed=words.resumed_words, clocks=words.both_clocks, days=words.both_days,
    )
    return environment.from_string(PAGE)
