# SPDX-License-Identifier: GPL-3.0-or-later
"""A database in the plan: what a database module foresees in check mode, as a row, with the data that would be lost."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.forecast import as_release

TABLES_SHOWN = 3
UNKNOWN = "the vendor tells the time alone; rows are not counted"
STAYS = ("roles and passwords of the server", "what other systems were told meanwhile")


def plan_database(target: str, tier: str, reading: Mapping[str, Any], good_at: str, only_if: str) -> dict[str, Any]:
    """One row of the plan, for a database; its C(loss) has C(seconds), C(since), C(rows) by table and how these are known."""
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    loss = lost(reading.get("loss"))
    changes = bool(reading.get("goes_back", reading.get("changed")))
    back_to = reading.get("holds") or (loss and loss["since"]) or good_at
    way = reading.get("way")
    why = [f"option {way['option']}"] if way else []
    why += [in_words(loss)] if loss else []
    return {
        "target": target,
        "tier": tier,
        "vendor": reading.get("vendor") or "database",
        "from": as_release(moment.iso(now)),
        "to": as_release(back_to),
        "why": ("; ".join(why) or "as it was then") if changes else "serves it already",
        "changes": changes,
        "held": False,
        "holds": True,
        "condemns": [],
        "only_if": only_if,
        "comes_back": [f"the schema from before {way['migration']}"] if way and schema_only(way) else ["all data as of then"],
        "stays": ["all data"] if schema_only(way) else list(STAYS),
        "loss": loss if changes else None,
        "way": way,
    }


def schema_only(way: Mapping[str, Any] | None) -> bool:
    """Whether a migration is taken back and no data goes with it; an undo does not apply it again, the next deploy does."""
    return bool(way) and way is not None and way["option"] == "A"


def lost(loss: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """In one form, whatever module says it. C(rows) is null where nobody counted; C(estimated) where only numbers of rows were compared."""
    if not loss:
        return None
    tables, rows = loss.get("tables"), loss.get("rows")
    counted: dict[str, int] | None = None
    if tables is not None and rows is not None:
        counted = {name: _number(one) for name, one in tables.items()}
    elif "documents" in loss:
        counted = {name: sum(abs(int(number)) for number in one.values()) for name, one in loss["documents"].items()}
    return {
        "seconds": loss["seconds"],
        "since": loss["since"],
        "rows": counted,
        "uncounted": sorted(loss.get("uncounted") or {}),
        "estimated": any("difference" in one for one in (tables or {}).values()),
        "how": loss.get("how") or (UNKNOWN if counted is None else "by the documents that were compared"),
    }


def in_words(loss: Mapping[str, Any]) -> str:
    """C(loses 27 min 3 s: 312 rows (orders 300, users 12))."""
    seconds = loss["seconds"]
    if seconds == 0 and loss["rows"] == {}:
        return "loses nothing"
    span = "nobody knows how much" if seconds is None else moment.span(max(0.0, float(seconds)))
    rows = loss["rows"]
    if rows is None:
        return f"loses {span}, rows not counted"
    first = ", ".join(f"{name.removeprefix('public.')} {number}" for name, number in list(rows.items())[:TABLES_SHOWN])
    more = f" and {len(rows) - TABLES_SHOWN} more tables" if len(rows) > TABLES_SHOWN else ""
    about = "about " if loss["estimated"] or loss["uncounted"] else ""
    return f"loses {span}: {about}{sum(rows.values())} rows" + (f" ({first}{more})" if rows else "")


def _number(table: Mapping[str, int]) -> int:
    """Rows that only the live database has; where they were deleted or changed the old ones come back, and nothing is lost."""
    return int(table["written"]) if "written" in table else abs(int(table["difference"]))
