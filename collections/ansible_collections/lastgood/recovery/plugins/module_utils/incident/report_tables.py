# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's tables, the same for both pages: {title, note, heads, rows, listed}, a cell being {text, tone}.

C(listed) rows are too wide for a table in a terminal, so Markdown shows them as a list.
"""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_forecast import JUDGED, expected_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_record import SENT, TICKS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import CHECKS, both_clocks, span

Facts = dict[str, Any]
Table = dict[str, Any]
OBJECTIVES = {"met": ("✓", "good"), "missed": ("✗", "bad"), "running": ("▸", "running"), "unknown": ("?", "unknown")}


def tables_of_work(facts: Facts) -> list[Table]:
    """Tiers against their objectives, forecast against actual, data loss."""
    return [table for table in (_tiers(facts), _forecast(facts), _losses(facts)) if table["rows"] or table["always"]]


def tables_after_checks(facts: Facts) -> list[Table]:
    """What slowed databases down, the watch, and the checklists."""
    return [table for table in (_queries(facts), _watch(facts), *(_checklist(one) for one in facts["checklists"])) if table["rows"]]


def tables_of_record(facts: Facts) -> list[Table]:
    """Contacts, holds, communications, evidence."""
    return [table for table in (_contacts(facts), _holds(facts), _communications(facts), _evidence(facts)) if table["rows"]]


def _cell(text: str, tone: str = "") -> dict[str, str]:
    return {"text": text, "tone": tone}


def _table(title: str, heads: tuple[str, ...], rows: list[list[Any]], note: str = "", listed: bool = False, always: bool = False) -> Table:
    cells = [[cell if isinstance(cell, dict) else _cell(cell) for cell in row] for row in rows]
    return {"title": title, "note": note, "heads": heads, "rows": cells, "listed": listed, "always": always}


def _objective(seconds: float | None, judged: str, name: str = "") -> dict[str, str]:
    if not seconds:
        return _cell(f"{name}none declared")
    symbol, tone = OBJECTIVES.get(judged, ("", ""))
    return _cell(f"{symbol} {name}{span(seconds)} {judged}".strip(), tone)


def _tiers(facts: Facts) -> Table:
    rows = [[row["name"] + (" (target)" if row["kind"] == "target" else ""), f"{row['back']} of {row['due']}", span(row["seconds"]),
             span(row["after"]), _objective(row["rto"] and row["rto"]["seconds"], row["rto"]["judged"] if row["rto"] else "")]
            for row in facts["tiers"] if row["due"]]
    note = "Back after is counted from the fault, as the RTO is. It is met only where the verdict is RESTORED."
    return _table("Tiers against their objectives", ("tier", "went back", "work", "back after", "RTO"), rows, note)


def _forecast(facts: Facts) -> Table:
    rows = []
    for row in facts["forecast"]:
        symbol, tone = JUDGED[row["judged"]]
        rows.append([row["name"], expected_words(row), span(row["seconds"]), _cell(f"{symbol} {row['judged']}", tone)])
    return _table("Forecast against actual", ("what", "expected (p50)", "took", ""), rows)


def _losses(facts: Facts) -> Table:
    rows = []
    for loss in facts["losses"]:
        since = both_clocks(loss["since"], facts["zone"])
        words = "; ".join(loss["rows"]) or "rows not known"
        how = loss["how"] if loss["happened"] else f"{loss['how']}, did not happen"
        rpo = _objective(loss["rpo"], loss["judged"], "RPO ") if loss["newest"] else _cell("")
        rows.append([loss["target"], how, span(loss["seconds"]), since, rpo, words])
    note = "" if rows else "No target of this rollback says that data is lost by it."
    return _table("Data loss", ("target", "how known", "window", "since", "RPO", "rows"), rows, note, listed=True,
                  always=bool(facts["targets"]))


def _queries(facts: Facts) -> Table:
    rows = []
    for row in facts["queries"]:
        waits = f"waits for {', '.join(row['waits_for'])}" if row["waits_for"] else ""
        in_the_way = f"in the way of {row['waited_for_by']:g}" if row["waited_for_by"] else ""
        rows.append([both_clocks(row["at"], facts["zone"]), row["database"], span(row["seconds"]), row["who"],
                     ", ".join(filter(None, (in_the_way, waits))), row["query"]])
    return _table("Slow queries", ("seen at", "database", "running for", "who", "", "statement, without values"), rows, listed=True)


def _watch(facts: Facts) -> Table:
    rows = []
    for look in facts["watch"]:
        symbol, tone = CHECKS[look["verdict"]]
        rows.append([look["phase"], both_clocks(look["at"], facts["zone"]), _cell(f"{symbol} {look['verdict']}", tone),
                     "; ".join(look["wrong"])])
    return _table("Watch", ("reading", "at", "verdict", "what is wrong"), rows, listed=True)


def _checklist(checklist: Facts) -> Table:
    rows = []
    for item in checklist["items"]:
        symbol, tone = TICKS[item["state"]]
        rows.append([_cell(f"{symbol} {item['state']}", tone), item["text"], f"by a {item['by']}", item["why"]])
    states = [item["state"] for item in checklist["items"]]
    note = ", ".join(f"{states.count(state)} {state}" for state in TICKS if state in states)
    return _table(f"Checklist: {checklist['name']}", ("", "item", "who", "why"), rows, note, listed=True)


def _holds(facts: Facts) -> Table:
    def words(held: bool | None) -> str:
        return "not known" if held is None else "held back" if held else "go live"

    rows: list[list[Any]] = []
    for row in facts["holds"]:
        now = words(row["now"])
        if not row["now"] and not row["holds"]:
            rows.append([row["target"], words(row["before"]), _cell("! go live: its vendor cannot hold them", "warn")])
        else:
            rows.append([row["target"], words(row["before"]), now])
    return _table("Holds", ("target", "pushes before", "pushes now"), rows)


def _communications(facts: Facts) -> Table:
    rows = []
    for told in facts["communications"]:
        symbol, tone = SENT.get(told["state"], ("?", "unknown"))
        rows.append([both_clocks(told["at"], facts["zone"]), told["channel"], told["stage"].replace("_", " "),
                     _cell(f"{symbol} {told['state']}", tone), told["summary"], told["link"]])
    return _table("Communications", ("at", "channel", "stage", "state", "what", "where"), rows, listed=True)


def _contacts(facts: Facts) -> Table:
    return _table("Whom to call", ("who", "how"), [[one["who"], one["how"]] for one in facts["contacts"]])


def _evidence(facts: Facts) -> Table:
    rows = [[one["file"], one["sha256"], one["note"]] for one in facts["evidence"]]
    note = f"SHA-256 of the incident's files as they were at {both_clocks(facts['written_at'], facts['zone'])}."
    return _table("Evidence", ("file", "sha256", ""), rows, note, listed=True)
