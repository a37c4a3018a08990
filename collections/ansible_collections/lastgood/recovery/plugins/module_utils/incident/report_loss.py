# SPDX-License-Identifier: GPL-3.0-or-later
"""Data loss: what the plan said would be lost, what the databases' modules measured, and the recovery point objective (RPO)."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_steps import Event, plan_rows
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_targets import Target
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_tiers import BACK
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import number, stamp, text, texts, time_of

Loss = dict[str, Any]
FORESEEN, MEASURED = "foreseen", "measured"


def read_losses(events: list[Event], targets: list[Target], objectives: dict[str, dict[str, float | None]]) -> list[Loss]:
    """In order: {target, how: foreseen|measured, seconds, since, rows: [text], happened, newest, rpo, judged}.

    Foreseen is what the newest plan says of a target, measured what a module found when it did it, which supersedes it: only what
    is C(newest) is judged, as met, missed or unknown.
    """
    found: dict[tuple[str, str], Any] = {}
    for event in events:
        for row in plan_rows(event):
            found[text(row.get("target")), FORESEEN] = row.get("loss")
        if event.get("event") in ("loss", "result"):
            found[text(event.get("target")), MEASURED] = event.get("loss") or found.get((text(event.get("target")), MEASURED))
    tiers = {target["target"]: target["tier"] for target in targets}
    back = {target["target"] for target in targets if target["outcome"] in BACK}
    losses = []
    for (name, how), loss in found.items():
        if not isinstance(loss, dict):
            continue
        own = objectives.get(name, {}).get("rpo") or objectives.get(tiers.get(name, ""), {}).get("rpo")
        happened, seconds = how == MEASURED or name in back, number(loss.get("seconds"))
        newest = happened and (how == MEASURED or not isinstance(found.get((name, MEASURED)), dict))
        judged = "" if not own or not newest else "unknown" if seconds is None else "met" if seconds <= own else "missed"
        losses.append({"target": name, "how": how, "seconds": seconds, "since": stamp(time_of(loss.get("since"))),
                       "rows": _rows(loss), "happened": happened, "newest": newest,
                       "rpo": own, "judged": judged})
    return losses


def _rows(loss: dict[str, Any]) -> list[str]:
    """C(public.orders: 312 written, 4 changed or deleted), for each table; or the one number there is."""
    by_table = next((loss[key] for key in ("tables", "rows", "documents") if isinstance(loss.get(key), dict)), None)
    if by_table is None:
        return [f"{_count(loss['rows'])} rows"] if _count(loss.get("rows")) else texts(loss.get("how"))
    uncounted = [f"{name}: not counted" for name in texts(loss.get("uncounted") or [])]
    return [f"{text(name)}: {_counts(counts)}" for name, counts in by_table.items()] + uncounted + texts(loss.get("how"))


def _counts(counts: Any) -> str:
    if isinstance(counts, dict):
        return ", ".join(f"{_count(value) or text(value) or '?'} {text(name).replace('_', ' ')}" for name, value in counts.items())
    return f"{_count(counts)} rows" if _count(counts) else text(counts) or "unknown"


def _count(value: Any) -> str:
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and -1e15 < value < 1e15
    return f"{value:g}" if whole and abs(value) < 1e6 else f"{value:.0f}" if whole else ""
