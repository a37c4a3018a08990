"""Dynos and the formation: list, scale, restart, stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.heroku import rollout
from sandbox.heroku.book import SIZES
from sandbox.heroku.ranges import ranged
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku

MOST = 100
"""Dynos of one process type."""


def list_dynos(heroku: Heroku, call: Call) -> Reply:
    return ranged(heroku.book.of_app("dynos", heroku.book.app(call.match["app"])), call, heroku.book.dyno_row, "name", "id")


def get_dyno(heroku: Heroku, call: Call) -> Row:
    return heroku.book.dyno_row(_dyno(heroku, heroku.book.app(call.match["app"]), call.match["dyno"]))


def _dyno(heroku: Heroku, app: Row, id_or_name: str) -> Row:
    for dyno in heroku.book.of_app("dynos", app):
        if id_or_name in (dyno["id"], dyno["name"]):
            return dyno
    raise Refusal(404, "Couldn't find that dyno.", "not_found", resource="dyno")


def list_formation(heroku: Heroku, call: Call) -> Reply:
    app = heroku.book.app(call.match["app"])
    return ranged(_formation_rows(heroku, app), call, lambda row: row, "type", "id")


def _formation_rows(heroku: Heroku, app: Row) -> list[Row]:
    size = SIZES[app["plan"]]
    commands = heroku.book.slugs[heroku.book.current(app)["slug"]]["process_types"]
    return [
        {
            "id": one["id"],
            "app": {"id": app["id"], "name": app["name"]},
            "type": type,
            "quantity": one["quantity"],
            "size": size,
            "dyno_size": {"id": "2d1f8a3c-9b1e-4f0e-a1f6-0f6a1f3b7c11", "name": size},
            "command": commands.get(type, ""),
            **heroku.book.times(one),
        }
        for type, one in app["formation"].items()
    ]


def scale_many(heroku: Heroku, call: Call) -> list[Row]:
    updates = (call.body or {}).get("updates", [])
    return _scale(heroku, call, {str(one.get("type")): one.get("quantity") for one in updates})


def scale_one(heroku: Heroku, call: Call) -> Row:
    type = call.match["type"]
    rows = _scale(heroku, call, {type: (call.body or {}).get("quantity")})
    return next(row for row in rows if type in (row["type"], row["id"]))


def _scale(heroku: Heroku, call: Call, asked: dict[str, int | str | None]) -> list[Row]:
    """A quantity that is not given stays; the CLI sends it as a text. No release is made."""
    app = heroku.book.app(call.match["app"])
    wanted = {name: int(str(quantity)) if str(quantity).isdecimal() else quantity for name, quantity in asked.items()}
    named = {name: type for type, one in app["formation"].items() for name in (type, one["id"])}
    for name, quantity in wanted.items():
        if name not in named:
            raise Refusal(404, "Couldn't find that process type.", "not_found", resource="formation")
        if quantity is not None and not (isinstance(quantity, int) and 0 <= quantity <= MOST):
            raise Refusal(422, f"Cannot have {quantity} {name} dynos.", "invalid_params")
    for name, quantity in wanted.items():
        if quantity is not None:
            app["formation"][named[name]].update(quantity=quantity, updated_at=now_ms())
    rollout.replace_dynos(heroku, app, doomed=lambda dyno: False)
    heroku.state.run_due()
    return _formation_rows(heroku, app)


def _restarting(which: Callable[[Heroku, Row, Call], Callable[[Row], bool]]) -> Callable[[Heroku, Call], Reply]:
    def restart(heroku: Heroku, call: Call) -> Reply:
        app = heroku.book.app(call.match["app"])
        rollout.replace_dynos(heroku, app, doomed=which(heroku, app, call))
        heroku.state.run_due()
        return Reply(202, {})

    return restart


def _all(heroku: Heroku, app: Row, call: Call) -> Callable[[Row], bool]:
    return lambda dyno: True


def _of_type(heroku: Heroku, app: Row, call: Call) -> Callable[[Row], bool]:
    return lambda dyno: dyno["type"] == call.match["type"]


def _one(heroku: Heroku, app: Row, call: Call) -> Callable[[Row], bool]:
    id = _dyno(heroku, app, call.match["dyno"])["id"]
    return lambda dyno: dyno["id"] == id


def stop_dyno(heroku: Heroku, call: Call) -> Reply:
    """A one-off dyno is gone; one of the formation is started again."""
    app = heroku.book.app(call.match["app"])
    del heroku.book.dynos[_dyno(heroku, app, call.match["dyno"])["id"]]
    rollout.replace_dynos(heroku, app, doomed=lambda dyno: False)
    return Reply(202, {})


_APP = "/apps/{app}"
ROUTES: list[Route] = [
    ("GET", _APP + "/dynos", list_dynos),
    ("DELETE", _APP + "/dynos", _restarting(_all)),
    ("GET", _APP + "/dynos/{dyno}", get_dyno),
    ("DELETE", _APP + "/dynos/{dyno}", _restarting(_one)),
    ("POST", _APP + "/dynos/{dyno}/actions/stop", stop_dyno),
    ("DELETE", _APP + "/formations/{type}", _restarting(_of_type)),
    ("GET", _APP + "/formation", list_formation),
    ("PATCH", _APP + "/formation", scale_many),
    ("PATCH", _APP + "/formation/{type}", scale_one),
]
