"""Heroku Postgres: a fork, or a rollback, is a new add-on; which one an app uses is for the attachment DATABASE to say."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox import real_database
from sandbox.clock import DAY, from_iso, iso, now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.heroku import addons, attachments
from sandbox.heroku.book import new_id
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku

SERVICE = "heroku-postgresql"
WINDOW = {"standard-0": 4, "premium-0": 7}
"""Days that a plan can be rolled back."""
COLORS = ("AMBER", "BLUE", "CYAN", "GREEN", "IVORY", "JADE", "MAROON", "OLIVE", "PINK", "ROSE", "SILVER", "TEAL", "VIOLET", "WHITE")


def real(addon: Row) -> str:
    """The name of the real database behind it."""
    return str(addon["name"])


def addresses(heroku: Heroku, app: Row) -> dict[str, str]:
    """The variables of the app's databases, where the sandbox was given a server: addresses of real ones."""
    found = {}
    for attachment in heroku.book.of_app("attachments", app):
        addon = heroku.book.addons[attachment["addon"]]
        if url := real_database.url(heroku.state, real(addon)):
            found[f"{attachment['name']}_URL"] = url
    return {name: url for name, url in found.items() if name in app["config"]}


def create_addon(heroku: Heroku, call: Call) -> Reply:
    """Provisioned later; then its variable is there, which is a release."""
    app, body = heroku.book.app(call.match["app"]), call.body or {}
    service, _, plan = attachments.identity(body.get("plan", "")).partition(":")
    if service != SERVICE or plan not in (*WINDOW, "essential-0"):
        raise Refusal(422, "Couldn't find either the add-on service or the add-on plan.", "not_found", resource="plan")
    name = body.get("name") or f"postgresql-{secrets.token_hex(4)}"
    if not re.fullmatch(r"[a-zA-Z][A-Za-z0-9_-]+", name) or any(row["name"] == name for row in heroku.book.addons.values()):
        raise Refusal(422, "Name is already taken", "invalid_params")
    given = body.get("config") or {}
    wanted = given.get("rollback") or given.get("fork")
    source = named(heroku, str(wanted)) if wanted else None
    at = _moment(source, given["to"]) if source and given.get("rollback") else now_ms()
    attached = (body.get("attachment") or {}).get("name") or _color(heroku, app)
    addon = {
        "id": new_id(),
        "app": app["id"],
        "name": name,
        "plan": f"{service}:{plan}",
        "plan_id": new_id(),
        "service_id": new_id(),
        "config_vars": [f"{attached}_URL"],
        "state": "provisioning",
        "problem": "",
        "url": f"postgres://{secrets.token_hex(7)}:{secrets.token_hex(8)}@db.lastgood.test:5432/{secrets.token_hex(7)}",
        "created_at": now_ms(),
        "updated_at": now_ms(),
    }
    heroku.book.addons[addon["id"]] = addon
    row = attachments.attached(heroku, app, addon, attached)
    details = {"addon": addon["id"], "attachment": row["id"], "source": source and source["id"], "at": at}
    heroku.state.later(heroku.state.latency("heroku.addon"), "heroku.provisioned", app["name"], **details)
    return Reply(201, addons.addon_row(heroku, app, addon))


def _moment(source: Row, text: str) -> int:
    days = WINDOW.get(source["plan"].partition(":")[2], 0)
    try:
        at = from_iso(text if re.search(r"(Z|[+-]\d\d:?\d\d)$", text) else f"{text}+00:00")
    except ValueError:
        raise Refusal(422, "Invalid rollback time", "invalid_params") from None
    if not max(source["created_at"], now_ms() - days * DAY) <= at <= now_ms():
        raise Refusal(422, "Rollback time is outside of the available window", "invalid_params")
    return at


def _color(heroku: Heroku, app: Row) -> str:
    taken = {row["name"] for row in heroku.book.of_app("attachments", app)}
    return next(name for name in (f"HEROKU_POSTGRESQL_{color}" for color in COLORS) if name not in taken)


def provisioned(heroku: Heroku, target: str, addon: str, attachment: str, source: str | None, at: int) -> None:
    row = heroku.book.addons.get(addon)
    if row is None:
        return
    if heroku.state.fails_now(target):
        row.update(problem="the database could not be prepared", updated_at=now_ms())
        return
    row.update(state="provisioned", updated_at=now_ms())
    if source:
        real_database.copy(heroku.state, real(heroku.book.addons[source]), real(row), at)
    else:
        real_database.empty(heroku.state, real(row))
    attachments.released(heroku, heroku.book.attachments[attachment], "Attach")


def named(heroku: Heroku, name: str) -> Row:
    """By id, name, or an attachment's name."""
    for row in heroku.book.addons.values():
        if name in (row["id"], row["name"]):
            return row
    for attachment in heroku.book.attachments.values():
        if name in (attachment["name"], f"{attachment['name']}_URL"):
            return heroku.book.addons[attachment["addon"]]
    raise Refusal(404, "Couldn't find that add-on.", "not_found", resource="addon")


def get_database(heroku: Heroku, call: Call) -> Row:
    """Rows for people; how far it can be rolled back is one of them."""
    addon = named(heroku, call.match["database"])
    if addon.get("state") == "provisioning":
        raise Refusal(404, "Couldn't find that database.", "not_found")
    plan = addon["plan"].partition(":")[2]
    earliest = max(addon["created_at"], now_ms() - WINDOW.get(plan, 0) * DAY)
    back = [f"earliest from {(iso(earliest + 59_999) or '')[:16].replace('T', ' ')} UTC"] if plan in WINDOW else ["Unsupported"]
    info = [{"name": "Plan", "values": [plan]}, {"name": "Status", "values": ["Available"]}, {"name": "Rollback", "values": back}]
    return {
        "addon_id": addon["id"],
        "name": addon["name"],
        "plan": plan,
        "created_at": iso(addon["created_at"]),
        "info": [*info, {"name": "Add-on", "values": [addon["name"]]}],
        "resource_url": addon.get("url", ""),
        "waiting?": False,
        "following": None,
        "num_bytes": 31_000_000,
    }


def get_wait_status(heroku: Heroku, call: Call) -> Row:
    addon = named(heroku, call.match["database"])
    if addon.get("problem"):
        return {"message": addon["problem"], "waiting?": False, "error?": True}
    waiting = addon.get("state") == "provisioning"
    return {"message": "preparing" if waiting else "available", "waiting?": waiting}


_DATA = "/client/v11"
ROUTES: list[Route] = [("POST", "/apps/{app}/addons", create_addon)]
# The data API has an address of its own, and no published description.
DATA: list[Route] = [
    ("GET", _DATA + "/databases/{database}", get_database),
    ("GET", _DATA + "/databases/{database}/wait_status", get_wait_status),
]
STEPS: dict[str, Callable[..., None]] = {"provisioned": provisioned}
