"""Backups of Heroku Postgres, and what is restored from them: both are transfers, with numbers of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox import real_database
from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.heroku.book import new_id
from sandbox.heroku.databases import named, real
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku


def _record(heroku: Heroku, app: Row, addon: Row, **more: object) -> Row:
    number = 1 + len([row for row in heroku.book.transfers.values() if row["app"] == app["id"]])
    row = {
        "uuid": new_id(),
        "app": app["id"],
        "addon": addon["id"],
        "num": number,
        "created_at": now_ms(),
        "finished_at": None,
        "succeeded": False,
        **more,
    }
    heroku.book.transfers[row["uuid"]] = row
    return row


def _row(heroku: Heroku, row: Row) -> Row:
    name = heroku.book.addons[row["addon"]]["name"] if row["addon"] in heroku.book.addons else "gone"
    captured = row["to_type"] == "gof3r"
    return {
        "uuid": row["uuid"],
        "num": row["num"],
        "from_name": name if captured else "BACKUP",
        "from_type": row["from_type"],
        "from_url": None if captured else row["backup_url"],
        "to_name": "BACKUP" if captured else name,
        "to_type": row["to_type"],
        "to_url": f"https://backups.lastgood.test/{row['uuid']}?signature=planted" if captured else None,
        "created_at": heroku.book.instant(row["created_at"]),
        "started_at": heroku.book.instant(row["created_at"]),
        "finished_at": heroku.book.instant(row["finished_at"]),
        "succeeded": row["succeeded"],
        "processed_bytes": 1_048_576 if row["finished_at"] else 0,
        "source_bytes": 31_000_000,
        "schedule": None,
        "options": {},
        "logs": [],
    }


def list_transfers(heroku: Heroku, call: Call) -> list[Row]:
    app = heroku.book.app(call.match["app"])
    return [_row(heroku, row) for row in heroku.book.of_app("transfers", app)]


def get_transfer(heroku: Heroku, call: Call) -> Row:
    app = heroku.book.app(call.match["app"])
    for row in heroku.book.of_app("transfers", app):
        if call.match["transfer"] in (row["uuid"], str(row["num"])):
            return _row(heroku, row)
    raise Refusal(404, "Couldn't find that transfer.", "not_found")


def capture(heroku: Heroku, call: Call) -> Reply:
    addon = named(heroku, call.match["database"])
    app = heroku.book.apps[addon["app"]]
    row = _record(heroku, app, addon, from_type="pg_dump", to_type="gof3r")
    heroku.state.later(heroku.state.latency("heroku.transfer"), "heroku.transferred", app["name"], transfer=row["uuid"])
    return Reply(201, _row(heroku, row))


def restore(heroku: Heroku, call: Call) -> Reply:
    """What the database held is gone."""
    addon = named(heroku, call.match["database"])
    app = heroku.book.apps[addon["app"]]
    url = str((call.body or {}).get("backup_url"))
    source = next((row for row in heroku.book.transfers.values() if row["uuid"] in url), None)
    if source is None or not source["succeeded"]:
        raise Refusal(422, "Invalid backup_url", "invalid_params")
    row = _record(heroku, app, addon, from_type="gof3r", to_type="pg_restore", backup=source["uuid"], backup_url=url)
    heroku.state.later(heroku.state.latency("heroku.transfer"), "heroku.transferred", app["name"], transfer=row["uuid"])
    return Reply(201, _row(heroku, row))


def transferred(heroku: Heroku, target: str, transfer: str) -> None:
    row = heroku.book.transfers[transfer]
    row["finished_at"] = now_ms()
    if heroku.state.fails_now(target) or row["addon"] not in heroku.book.addons:
        return
    row["succeeded"] = True
    database = real(heroku.book.addons[row["addon"]])
    if row["to_type"] == "gof3r":
        real_database.copy(heroku.state, database, row["uuid"], row["created_at"])
    else:
        real_database.drop(heroku.state, database)
        real_database.copy(heroku.state, row["backup"], database, now_ms())


_DATA = "/client/v11"
DATA: list[Route] = [
    ("GET", _DATA + "/apps/{app}/transfers", list_transfers),
    ("GET", _DATA + "/apps/{app}/transfers/{transfer}", get_transfer),
    ("POST", _DATA + "/databases/{database}/backups", capture),
    ("POST", _DATA + "/databases/{database}/restores", restore),
]
STEPS: dict[str, Callable[..., None]] = {"transferred": transferred}
