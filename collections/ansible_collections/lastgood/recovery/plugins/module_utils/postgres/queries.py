# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures that a team asks its database for by queries of its own, and what is expected of them."""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import BEFORE
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.comparison import first_before
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.look import BAD, OK, UNKNOWN, Connection, Finding, Look

QUERY: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "sql": {"type": "str", "required": True},
    "equals": {"type": "str"},
    "at_least": {"type": "float"},
    "at_most": {"type": "float"},
    "may_lose": {"type": "float"},
}
RULES: dict[str, Any] = {
    "required_one_of": [["equals", "at_least", "at_most", "may_lose"]],
    "mutually_exclusive": [["equals", "at_least"], ["equals", "at_most"]],
}
NOTHING_BEFORE = (BEFORE, "validate")
"""Phases in which there is nothing yet to compare with."""
LONGEST = 120
"""Characters of an answer that are told."""
Figures = Mapping[str, float]


def looks(queries: Iterable[Mapping[str, Any]], before: Figures | None) -> list[Look]:
    """C(before) are the figures from before the rollback; None while they are being taken."""
    wanted = [Look(query["name"], _expected(query), _asking(query, before)) for query in queries]
    if len({look.name for look in wanted}) < len(wanted):
        raise Refused("two queries have the same name", "Give every query a name of its own.")
    return wanted


def figures_before(incident: Mapping[str, Any] | None, phase: str | None) -> Figures | None:
    """What the incident's journal has of the same queries from before anything was changed; None in that phase itself."""
    if phase in NOTHING_BEFORE:
        return None
    path = (incident or {}).get("journal")
    events = Journal(path).events() if path else []
    seen = [check for check in first_before(events) if check.get("kind") == "data"]
    return {check["name"]: check["value"] for check in seen if check.get("value") is not None}


def _asking(query: Mapping[str, Any], before: Figures | None) -> Any:
    def at(connection: Connection) -> Finding:
        # Prepared: so it can be one statement only, and none that ends the transaction in which nothing can be changed.
        cursor = connection.execute(query["sql"], prepare=True)
        rows = cursor.fetchmany(2) if cursor.description else []
        if len(rows) != 1 or len(rows[0]) != 1:
            return Finding(UNKNOWN, "not one value" if rows else "no value")
        return judged(query, rows[0][0], before)

    return at


def judged(query: Mapping[str, Any], value: Any, before: Figures | None) -> Finding:
    """NULL, and a text where a number is expected, are UNKNOWN."""
    got = str(value)[:LONGEST]
    if value is None:
        return Finding(UNKNOWN, "NULL")
    if query["equals"] is not None and query["may_lose"] is None:
        return Finding(OK if _same(value, query["equals"]) else BAD, got)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or math.isnan(value):
        return Finding(UNKNOWN, f"{got}, which is no number")
    figure, least = float(value), query["at_least"]
    facts = {"value": figure, "at_least": least, "at_most": query["at_most"]}
    beyond = (least is not None and figure < least) or (query["at_most"] is not None and figure > query["at_most"])
    unequal = query["equals"] is not None and not _same(value, query["equals"])
    if query["may_lose"] is None or before is None or beyond or unequal:
        return Finding(BAD if beyond or unequal else OK, got, facts)
    was = before.get(query["name"])
    if was is None:
        return Finding(UNKNOWN, f"{got}, and there is no figure from before", facts)
    return Finding(BAD if figure < was - query["may_lose"] else OK, f"{got}, was {was:g}", {**facts, "at_least": was - query["may_lose"]})


def _same(value: Any, wanted: str) -> bool:
    """As a number where both are one, else as PostgreSQL writes it."""
    if isinstance(value, bool):
        return wanted.strip().lower() in (("true", "t", "yes") if value else ("false", "f", "no"))
    if isinstance(value, int | float | Decimal):
        try:
            return Decimal(str(value)) == Decimal(wanted)
        except ArithmeticError:
            return False
    return str(value) == wanted


def _expected(query: Mapping[str, Any]) -> str:
    words = [
        f"{query['equals']}" if query["equals"] is not None else "",
        f"at least {query['at_least']:g}" if query["at_least"] is not None else "",
        f"at most {query['at_most']:g}" if query["at_most"] is not None else "",
        f"at most {query['may_lose']:g} less than before" if query["may_lose"] is not None else "",
    ]
    return " and ".join(word for word in words if word)
