# SPDX-License-Identifier: GPL-3.0-or-later
"""The headline: the verdict the journal bears out, never a better one."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import (
    IN_PROGRESS,
    VERDICTS,
    clock,
    stamp,
    text,
    time_of,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import COULD_NOT_VERIFY, RESTORED


def read_verdict(incident: dict[str, Any], events: list[Event]) -> dict[str, Any]:
    """The verdict with what speaks against it: {word, symbol, tone, reason, at, restored_at, doubts: [..]}.

    The journal decides. A run that took the incident up again supersedes an earlier verdict. RESTORED needs the last recorded
    checks to be OK, and a verdict that only incident.yml claims is not believed: both turn into COULD NOT VERIFY.
    C(restored_at) is the first of the RESTORED verdicts that no look has contradicted since: a second run does not move it.
    """
    word, reason, at, looked, restored_at = IN_PROGRESS, "", None, "", None
    doubts: list[str] = []
    for event in events:
        name = event.get("event")
        if name == "checked":
            looked = text(event.get("verdict"))
            restored_at = restored_at if looked == "OK" else None
        elif name == "verdict":
            word, reason, at = text(event.get("verdict")), text(event.get("reason")), stamp(time_of(event.get("at")))
            doubts = _doubts(word, looked)
            restored_at = (restored_at or at) if word == RESTORED and not doubts else None
        elif name in ("resumed", "opened") and word != IN_PROGRESS:
            doubts = [f"taken up again after the verdict {word} of {clock(at)} UTC"]
            word, reason, at = IN_PROGRESS, "", None
    claimed = text(incident.get("verdict"))
    if claimed and word == IN_PROGRESS and not doubts:
        doubts = [f"incident.yml says {claimed}, the journal holds no verdict"]
        word = COULD_NOT_VERIFY
    elif doubts and word != IN_PROGRESS:
        word = COULD_NOT_VERIFY
    symbol, tone = VERDICTS[word]
    return {"word": word, "symbol": symbol, "tone": tone, "reason": reason, "at": at, "doubts": doubts,
            "restored_at": restored_at if word == RESTORED else None}


def _doubts(word: str, looked: str) -> list[str]:
    if word not in VERDICTS or word == IN_PROGRESS:
        return [f"the journal's verdict '{word}' is none this report knows"]
    if word == RESTORED and looked != "OK":
        found = f"the last checks say {looked}" if looked else "it holds no checks"
        return [f"the journal says RESTORED, yet {found}"]
    return []
