# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads while it runs: one line a step, 80 columns, the clock (UTC) on the left and a time on the right."""
from __future__ import annotations

import textwrap
from datetime import UTC, datetime

from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

WIDTH = 80
WHO = 12
INDENT = 10 + WHO


def line(who: str, text: str, right: str = "", now: datetime | None = None) -> str:
    """C(02:41:31  storefront  live on 3 of 3 domains  22.8 s); what does not fit goes on below, aligned."""
    clock = (now or datetime.now(UTC)).strftime("%H:%M:%S")
    room = WIDTH - INDENT - (len(right) + 2 if right else 0)
    name = who if len(who) < WHO else who[: WHO - 2] + "…"
    first, *rest = textwrap.wrap(" ".join(text.split()), room, break_on_hyphens=False) or [""]
    lines = [f"{clock}  {name:<{WHO}}{first:<{room}}" + (f"  {right}" if right else "")]
    return "\n".join([lines[0].rstrip(), *(" " * INDENT + more for more in rest)])


def paragraph(text: str) -> str:
    """The text in 80 columns, what follows the first line indented."""
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def countdown(since: datetime | None, rto: float | None, now: datetime | None = None) -> str:
    """C(RTO 14:32) while there is time left, C(RTO +2 min over) after it; empty without an RTO."""
    if since is None or not rto:
        return ""
    left = rto - max(0.0, ((now or datetime.now(UTC)) - since).total_seconds())
    if left < 0:
        return f"RTO +{span(-left)}"
    return f"RTO {int(left) // 60:02d}:{int(left) % 60:02d}"
