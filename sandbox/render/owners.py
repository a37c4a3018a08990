"""Workspaces and the user behind the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Route
from sandbox.render.book import OWNER, wrapped
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.render import Render


def list_owners(render: Render, call: Call) -> list[Row]:
    wanted = call.repeated("name")
    rows: list[Row] = [dict(OWNER)] if not wanted or OWNER["name"] in wanted else []
    return wrapped("owner", rows, call, lambda row: row)


def get_owner(render: Render, call: Call) -> Row:
    if call.match["ownerId"] != OWNER["id"]:
        raise Refusal(404, f"not found: {call.match['ownerId']}")
    return dict(OWNER)


def get_user(render: Render, call: Call) -> Row:
    return {"email": OWNER["email"], "name": "On call"}


ROUTES: list[Route] = [
    ("GET", "/v1/owners", list_owners),
    ("GET", "/v1/owners/{ownerId}", get_owner),
    ("GET", "/v1/users", get_user),
]
