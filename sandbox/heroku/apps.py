"""Apps with their maintenance mode and logs; and the account behind the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import logs
from sandbox.clock import iso, now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.heroku.book import REGION, STACK, TEAM, USER, new_id
from sandbox.heroku.ranges import ranged
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku


GENERATIONS = {"cedar": "9d9f2a5e-1f6b-4c8f-8f3c-0d7f5b2c1a10", "fir": "1b6a2d3c-7a40-4d7e-9f5b-2f8e5c6d7a31"}


def list_apps(heroku: Heroku, call: Call) -> Reply:
    return ranged(list(heroku.book.apps.values()), call, lambda app: _row(heroku, app), "name", "id")


def get_app(heroku: Heroku, call: Call) -> Row:
    return _row(heroku, heroku.book.app(call.match["app"]))


def update_app(heroku: Heroku, call: Call) -> Row:
    """Maintenance mode: visitors get a page, the dynos go on, no release is made."""
    app, maintenance = heroku.book.app(call.match["app"]), (call.body or {}).get("maintenance")
    if maintenance is not None and not isinstance(maintenance, bool):
        raise Refusal(422, "Invalid `maintenance`: expected a boolean.", "invalid_params")
    if maintenance is not None:
        app.update(maintenance=maintenance, updated_at=now_ms())
    return _row(heroku, app)


def _row(heroku: Heroku, app: Row) -> Row:
    return {
        "id": app["id"],
        "name": app["name"],
        "acm": True,
        "archived_at": None,
        "build_stack": dict(STACK),
        "buildpack_provided_description": "Node.js",
        "generation": {"id": GENERATIONS[app["generation"]], "name": app["generation"]},
        "git_url": f"https://git.heroku.com/{app['name']}.git",
        "internal_routing": None,
        "maintenance": app["maintenance"],
        "owner": dict(USER),
        "organization": dict(TEAM),
        "team": dict(TEAM),
        "region": dict(REGION),
        "released_at": heroku.book.instant(app["released_at"]),
        "repo_size": 1_048_576,
        "slug_size": 41_500_000,
        "space": None,
        "stack": dict(STACK),
        "web_url": f"https://{app['name']}-6f1f2b7c9d20.herokuapp.com/",
        **heroku.book.times(app),
    }


def create_log_session(heroku: Heroku, call: Call) -> Reply:
    """The lines are read at `logplex_url`, without a token."""
    app, id, at = heroku.book.app(call.match["app"]), new_id(), now_ms()
    body = call.body or {}
    session = {"id": id, "app": app["id"], "created_at": at, "updated_at": at, "lines": int(body.get("lines", 100))}
    session["type"] = body.get("type") or str(body.get("dyno_name") or body.get("dyno") or "").split(".")[0]
    session["source"] = body.get("source")
    heroku.book.log_sessions[id] = session
    url = f"http://{call.headers['Host']}/logplex/sessions/{id}?srv={at // 1000}"
    return Reply(201, {"id": id, "logplex_url": url, **heroku.book.times(session)})


def read_log(heroku: Heroku, call: Call) -> Reply:
    """Plain text, or events for those who ask for them, as the CLI does; a session can be read once."""
    session = heroku.book.log_sessions.pop(call.match["id"], None)
    if session is None:
        raise Refusal(404, "Log session not found", "not_found")
    entries = sorted(_log(heroku, heroku.book.apps[session["app"]]), key=lambda entry: entry[2])
    wanted = [line for source, type, line in entries if session["source"] in (None, source) and session["type"] in ("", type)]
    lines = wanted[-session["lines"] :]
    if "text/event-stream" not in call.headers.get("Accept", ""):
        return Reply(200, "".join(f"{line}\n" for line in lines))
    events = "".join(f"id: {number}\ndata: {line}\n\n" for number, line in enumerate(lines, 1))
    return Reply(200, events, {"Content-Type": "text/event-stream; charset=utf-8"})


def _log(heroku: Heroku, app: Row) -> list[tuple[str, str, str]]:
    """Source, process type and line of what was written."""
    entries = []
    for release in heroku.book.of_app("releases", app):
        said = f"Release v{release['version']} created by user {USER['email']}: {release['description']}"
        entries.append(("app", "api", f"{iso(release['created_at'])} app[api]: {said}"))
        if release["status"] == "succeeded":
            for number, line in enumerate(logs.said(heroku.book.slugs[release["slug"]]["kind"], release["config"])):
                about = " ".join([*map(str, line.request or ()), line.text]).strip()
                entries.append(("app", "web", f"{iso(release['updated_at'] + number)} app[web.1]: {about}"))
    for dyno in heroku.book.of_app("dynos", app):
        said = f"State changed from starting to {dyno['state']}"
        entries.append(("heroku", dyno["type"], f"{iso(dyno['updated_at'])} heroku[{dyno['name']}]: {said}"))
    return entries


def get_account(heroku: Heroku, call: Call) -> Row:
    return {
        **USER,
        "allow_tracking": False,
        "beta": False,
        "federated": False,
        "name": "On call",
        "two_factor_authentication": True,
        "verified": True,
        "created_at": "2020-01-01T12:00:00Z",
        "updated_at": "2020-01-01T12:00:00Z",
        "last_login": "2020-01-01T12:00:00Z",
        "default_team": dict(TEAM),
        "default_organization": dict(TEAM),
        "delinquent_at": None,
        "suspended_at": None,
        "sms_number": None,
        "country_of_residence": None,
        "identity_provider": None,
    }


def get_rate_limits(heroku: Heroku, call: Call) -> Row:
    return {"remaining": heroku.remaining()}


ROUTES: list[Route] = [
    ("GET", "/account", get_account),
    ("GET", "/account/rate-limits", get_rate_limits),
    ("GET", "/apps", list_apps),
    ("GET", "/apps/{app}", get_app),
    ("PATCH", "/apps/{app}", update_app),
    ("POST", "/apps/{app}/log-sessions", create_log_session),
]
STREAMS: list[Route] = [("GET", "/logplex/sessions/{id}", read_log)]
