# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether people were told of a rollback: that it began and what came of it, on every channel, each message once."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.record import SENT, VERDICTS

STARTED = "started"


def read_told(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """{at, channel, stage, number, state} of every message, in order."""
    return [{key: event.get(key) for key in ("at", "channel", "stage", "number", "state")}
            for event in events if event.get("event") == "told"]


def judge_told(told: Sequence[dict[str, Any]]) -> list[str]:
    """What is wrong with it, each in words; nothing when everybody was told everything once. That nobody was told is wrong."""
    if not told:
        return ["nobody was told anything"]
    wrong = []
    for channel in dict.fromkeys(one["channel"] for one in told):
        mine = [one for one in told if one["channel"] == channel]
        sent = Counter((one["stage"], one["number"]) for one in mine if one["state"] == SENT)
        stages = {stage for stage, _number in sent}
        if STARTED not in stages:
            wrong.append(f"{channel} was not told that it began")
        if not stages & set(VERDICTS):
            wrong.append(f"{channel} was not told what came of it")
        lost = {(one["stage"], one["number"]): one["state"] for one in mine if (one["stage"], one["number"]) not in sent}
        wrong += [f"'{stage}' was {state} for {channel}" for (stage, _number), state in lost.items() if stage not in (STARTED, *VERDICTS)]
        wrong += [f"{channel} was told '{stage}' {times} times" for (stage, _number), times in sent.items() if times > 1]
    return wrong


def told_in_words(told: Sequence[dict[str, Any]]) -> str:
    """C(incidents: started, progress, restored), of what was sent."""
    by_channel: dict[str, list[str]] = {}
    for one in told:
        if one["state"] == SENT:
            by_channel.setdefault(str(one["channel"]), []).append(str(one["stage"]))
    return "; ".join(f"{channel}: {', '.join(dict.fromkeys(stages))}" for channel, stages in by_channel.items())
