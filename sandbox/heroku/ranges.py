"""Heroku's lists: asked for by a `Range` header, answered with 206 and `Next-Range` while there is more."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.emulator import Call, Refusal, Reply
from sandbox.state import Row

DEFAULT, MOST = 200, 1000
_RANGE = re.compile(r"(?P<field>\w+) +(?P<after>\]?)(?P<start>[^;]*?)\.\.(?P<end>[^;]*)(?:;(?P<options>.*))?")


def ranged(rows: list[Row], call: Call, write: Callable[[Row], Row], *fields: str) -> Reply:
    """The part of the rows that the header asks for; the first field orders them when it asks for none."""
    asked = _RANGE.fullmatch(call.headers.get("Range", f"{fields[0]} ..").strip())
    if asked is None or asked["field"] not in fields:
        raise Refusal(416, f"Invalid `Range` header. Please use {', '.join(fields)}.", "range_not_satisfiable")
    field = asked["field"]
    options = dict(part.strip().partition("=")[::2] for part in re.split("[;,]", asked["options"] or "") if part.strip())
    limit, falling = int(options.get("max", DEFAULT)), options.get("order") == "desc"
    if not 1 <= limit <= MOST:
        raise Refusal(416, f"Invalid `Range` header: max is 1 to {MOST}.", "range_not_satisfiable")
    rows = sorted(rows, key=lambda row: row[field], reverse=falling)
    if asked["start"]:
        keys = [str(row[field]) for row in rows]
        start = keys.index(asked["start"]) if asked["start"] in keys else len(keys)
        rows = rows[start + bool(asked["after"]) :]
    shown = rows[:limit]
    headers = {"Accept-Ranges": ", ".join(fields)}
    if shown:
        headers["Content-Range"] = f"{field} {shown[0][field]}..{shown[-1][field]}"
    if len(shown) == len(rows):
        return Reply(200, [write(row) for row in shown], headers)
    order = ", order=desc" if falling else ""
    headers["Next-Range"] = f"{field} ]{shown[-1][field]}..; max={limit}{order}"
    return Reply(206, [write(row) for row in shown], headers)
