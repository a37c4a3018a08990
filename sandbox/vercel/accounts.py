"""Who is asking: the user, and the teams the user can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Route
from sandbox.state import Row
from sandbox.vercel.book import TEAM, USER

if TYPE_CHECKING:
    from sandbox.vercel import Vercel

# Calls about the account itself carry no team.
WITHOUT_TEAM = ("/v2/user", "/v1/teams", "/v2/teams")
_CREATED = 1_735_689_600_000


def _team() -> Row:
    role = {"confirmed": True, "role": "OWNER", "createdAt": _CREATED, "created": _CREATED}
    return {
        **TEAM,
        "avatar": None,
        "creatorId": USER["uid"],
        "createdAt": _CREATED,
        "updatedAt": _CREATED,
        "description": None,
        "stagingPrefix": TEAM["slug"],
        "membership": role | {"uid": USER["uid"], "teamId": TEAM["id"]},
        "billing": {"plan": "pro", "status": "active"},
    }


def get_user(vercel: Vercel, call: Call) -> Row:
    return {
        "user": {
            "id": USER["uid"],
            "email": USER["email"],
            "username": USER["username"],
            "name": "On call",
            "avatar": None,
            "defaultTeamId": TEAM["id"],
            "limited": True,
        }
    }


def list_teams(vercel: Vercel, call: Call) -> Row:
    return {"teams": [_team()], "pagination": {"count": 1, "next": None, "prev": None}}


def get_team(vercel: Vercel, call: Call) -> Row:
    if call.match["teamId"] not in (TEAM["id"], TEAM["slug"]):
        raise Refusal(403, "Not authorized", "forbidden")
    return _team()


ROUTES: list[Route] = [
    ("GET", "/v2/user", get_user),
    ("GET", "/{version:v1|v2}/teams", list_teams),
    ("GET", "/{version:v1|v2}/teams/{teamId}", get_team),
]
