"""PostgreSQL at Render: a recovery makes a new instance and leaves the old one as it is; exports are logical and kept for a week."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox import real_database
from sandbox.clock import DAY, MINUTE, from_iso, iso, now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.render.book import OWNER, new_id, wrapped
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.render import Render

REGION = "frankfurt"
# Days that a plan can be taken back, and how close to now nothing can be recovered yet.
WINDOW = {"free": 0, "basic_256mb": 3, "pro_4gb": 7}
UNTIL = 10 * MINUTE
# A new instance has no backup of its own before this; the number is the sandbox's own.
FIRST_BACKUP = 30 * MINUTE
EXPORTS_KEPT = 7 * DAY
_INWARD = ("password", "real", "exports")


def instance(id: str, name: str, plan: str, created: int, **more: object) -> Row:
    """An instance as the state keeps it; instants in ms."""
    return {
        "id": id,
        "name": name,
        "plan": plan,
        "status": "available",
        "createdAt": created,
        "updatedAt": created,
        "databaseName": "shop",
        "databaseUser": "shop",
        "password": f"pw-{id}",
        "real": name,
        "exports": [],
        **more,
    }


def row(database: Row) -> Row:
    """An instance as the API writes it."""
    known = {name: value for name, value in database.items() if name not in _INWARD}
    return known | {
        "createdAt": iso(database["createdAt"]),
        "updatedAt": iso(database["updatedAt"]),
        "dashboardUrl": f"https://dashboard.render.com/d/{database['id']}",
        "diskSizeGB": 15,
        "highAvailabilityEnabled": False,
        "ipAllowList": [{"cidrBlock": "0.0.0.0/0", "description": "everywhere"}],
        "owner": dict(OWNER),
        "readReplicas": [],
        "region": REGION,
        "role": "primary",
        "suspended": "not_suspended",
        "suspenders": [],
        "version": "16",
    }


def detail(database: Row) -> Row:
    """One of them alone: with its project, which recorded traffic leaves out and the published description wants."""
    created = iso(database["createdAt"])
    about = {"id": "prj-lastgood", "name": "rachelfoods", "createdAt": created, "updatedAt": created}
    return row(database) | {"project": {**about, "owner": dict(OWNER), "environmentIds": ["evm-production"]}}


def connection(render: Render, database: Row) -> Row:
    """Its addresses; the external one leads to a real database where the sandbox was given a server."""
    user, name, host = f"{database['databaseUser']}:{database['password']}", database["databaseName"], database["id"]
    outside = f"{host}.{REGION}-postgres.render.com"
    external = real_database.url(render.state, database["real"]) or f"postgresql://{user}@{outside}/{name}"
    return {
        "password": database["password"],
        "internalConnectionString": f"postgresql://{user}@{host}/{name}",
        "externalConnectionString": external,
        "psqlCommand": f"PGPASSWORD={database['password']} psql -h {outside} -U {database['databaseUser']} {name}",
    }


def list_databases(render: Render, call: Call) -> list[Row]:
    rows = list(render.book.databases.values())
    if names := call.repeated("name"):
        rows = [database for database in rows if database["name"] in names]
    if owners := call.repeated("ownerId"):
        rows = rows if OWNER["id"] in owners else []
    return wrapped("postgres", rows, call, row)


def get_database(render: Render, call: Call) -> Row:
    return detail(_database(render, call))


def update_database(render: Render, call: Call) -> Row:
    database = _database(render, call)
    database.update({name: value for name, value in (call.body or {}).items() if name in ("name", "plan")}, updatedAt=now_ms())
    return detail(database)


def delete_database(render: Render, call: Call) -> Reply:
    del render.book.databases[_database(render, call)["id"]]
    return Reply(204)


def get_connection(render: Render, call: Call) -> Row:
    return connection(render, _database(render, call))


def _database(render: Render, call: Call) -> Row:
    id = call.match["postgresId"]
    if id not in render.book.databases:
        raise Refusal(404, f"not found: {id}")
    return render.book.databases[id]


def _window(database: Row) -> tuple[str, int]:
    """Whether it can be recovered, and from which instant on."""
    days = WINDOW[database["plan"]]
    if not days:
        return "NOT_AVAILABLE", 0
    if now_ms() - database["createdAt"] < FIRST_BACKUP:
        return "BACKUP_NOT_READY", 0
    return "AVAILABLE", max(database["createdAt"], now_ms() - days * DAY)


def get_recovery(render: Render, call: Call) -> Row:
    status, earliest = _window(_database(render, call))
    return {"recoveryStatus": status, **({"startsAt": iso(earliest)} if earliest else {})}


def recover(render: Render, call: Call) -> Row:
    """A new instance as of `restoreTime`; the source is not touched."""
    source, body = _database(render, call), call.body or {}
    status, earliest = _window(source)
    if status != "AVAILABLE":
        raise Refusal(400, f"point-in-time recovery is not available: {status}")
    try:
        at = from_iso(body["restoreTime"])
    except (KeyError, ValueError):
        raise Refusal(400, "invalid restoreTime") from None
    if not earliest <= at <= now_ms() - UNTIL:
        raise Refusal(400, "restoreTime is outside the recovery window")
    id = new_id("dpg-") + "-a"
    name: str = body.get("restoreName") or f"{source['name']}-recovery"
    fresh = instance(id, name, body.get("plan") or source["plan"], now_ms(), status="creating", real=id)
    render.book.databases[id] = fresh
    seconds = render.state.latency("render.recovery")
    render.state.later(seconds * 0.2, "render.recovering", source["name"], database=id)
    render.state.later(seconds, "render.recovered", source["name"], database=id, source=source["id"], at=at)
    return detail(fresh)


def recovering(render: Render, target: str, database: str) -> None:
    render.book.databases[database].update(status="recovery_in_progress", updatedAt=now_ms())


def recovered(render: Render, target: str, database: str, source: str, at: int) -> None:
    fresh = render.book.databases[database]
    if render.state.fails_now(target):
        fresh.update(status="recovery_failed", updatedAt=now_ms())
        return
    real_database.copy(render.state, render.book.databases[source]["real"], fresh["real"], at)
    fresh.update(status="available", updatedAt=now_ms())


def list_exports(render: Render, call: Call) -> list[Row]:
    database = _database(render, call)
    kept = [export for export in database["exports"] if now_ms() - export["createdAt"] < EXPORTS_KEPT]
    return [_export(export) for export in kept]


def _export(export: Row) -> Row:
    """Without an address until it is written."""
    address = {"url": f"https://exports.render.test/{export['id']}.dir.tar.gz?signature=planted"} if export["ready"] else {}
    return {"id": export["id"], "createdAt": iso(export["createdAt"]), **address}


def create_export(render: Render, call: Call) -> Reply:
    database = _database(render, call)
    id = new_id("exp-")
    database["exports"].append({"id": id, "createdAt": now_ms(), "ready": False})
    render.state.later(render.state.latency("render.export"), "render.exported", database["name"], database=database["id"], export=id)
    return Reply(202)


def exported(render: Render, target: str, database: str, export: str) -> None:
    next(one for one in render.book.databases[database]["exports"] if one["id"] == export)["ready"] = True


_ONE = "/v1/postgres/{postgresId}"
ROUTES: list[Route] = [
    ("GET", "/v1/postgres", list_databases),
    ("GET", _ONE, get_database),
    ("PATCH", _ONE, update_database),
    ("DELETE", _ONE, delete_database),
    ("GET", _ONE + "/connection-info", get_connection),
    ("GET", _ONE + "/recovery", get_recovery),
    ("POST", _ONE + "/recovery", recover),
    ("GET", _ONE + "/export", list_exports),
    ("POST", _ONE + "/export", create_export),
]
STEPS: dict[str, Callable[..., None]] = {"recovering": recovering, "recovered": recovered, "exported": exported}
