# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exercise came to, as people read it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.screen import PASSED
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.controls import NOT_SHOWN, SHOWN, WITH_FINDINGS
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

SIGNS = {SHOWN: "✔", WITH_FINDINGS: "!", NOT_SHOWN: "·"}


def title(evidence: Mapping[str, Any]) -> str:
    """C(EXERCISE PASSED); who reads it learns first of all that nobody has signed it."""
    return f"EXERCISE {evidence['verdict']}" + ("" if evidence["signer"] else ", NOT SIGNED")


def total_in_words(trend: Mapping[str, Any]) -> str:
    """C(12.1 s, 0.9 s less than before), of one duration; empty where it is not known."""
    if trend["now"] is None:
        return ""
    if trend["change"] is None:
        return span(trend["now"])
    return f"{span(trend['now'])}, {span(abs(trend['change']))} {'more' if trend['change'] > 0 else 'less'} than before"


def screen(evidence: Mapping[str, Any], page: str) -> list[str]:
    """The verdict, every drill with its trend, the controls, and where the evidence is, in lines of 80 columns."""
    lines = [paragraph(f"{'✔' if evidence['verdict'] == PASSED else '✘'} {title(evidence)} · {evidence['name']} · {evidence['came_to']}")]
    wide = max((len(step["step"]) for step in evidence["steps"]), default=0)
    for step in evidence["steps"]:
        took = total_in_words(evidence["trends"]["steps"][step["step"]]["total"])
        words = [step["failure"], step["verdict"], *([took] if took else []), *([step["came_to"]] if step["verdict"] != PASSED else [])]
        lines.append(paragraph(f"  {'✔' if step['verdict'] == PASSED else '✘'} {step['step']:<{wide}}  {' · '.join(words)}"))
    lines += [paragraph(f"  · {step} was left out: {why}") for step, why in evidence["left_out"].items()]
    if evidence["communication"]:
        lines.append(paragraph(f"  told: {evidence['communication']['says']}"))
    for one in evidence["controls"]:
        lines.append(paragraph(f"  {SIGNS[one['state']]} {one['standard']} {one['id']}: {one['state']}"))
    lines.append(f"  signed by {evidence['signer']}" if evidence["signer"] else "  nobody has signed it")
    return [*lines, f"  evidence: {page}"]
