"""What all of Stripe's objects share: ids, and lists that are turned page by page."""

from __future__ import annotations

import secrets

from sandbox.emulator import Call, Refusal
from sandbox.state import Row


def new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(12)}"


def said(call: Call, name: str) -> str:
    """A parameter of the form, empty without it."""
    return str((call.body or {}).get(name, ""))


def many(call: Call, name: str) -> list[str]:
    """A list in the form: `name[0]=…`."""
    return [str(value) for key, value in (call.body or {}).items() if key.startswith(f"{name}[")]


def between(row: Row, call: Call) -> bool:
    """Whether it was created within what `created[gte]` and `created[lte]` say."""
    return call.number("created[gte]", 0) <= row["created"] <= call.number("created[lte]", 2**40)


def listing(url: str, rows: list[Row], call: Call) -> Row:
    """Newest first, from behind `starting_after` on."""
    limit = call.number("limit", 10)
    if not 1 <= limit <= 100:
        raise Refusal(400, "Invalid integer: limit", "parameter_invalid_integer")
    after = call.query.get("starting_after")
    start = next((number + 1 for number, row in enumerate(rows) if row["id"] == after), 0) if after else 0
    return {"object": "list", "url": url, "has_more": len(rows) > start + limit, "data": rows[start : start + limit]}
