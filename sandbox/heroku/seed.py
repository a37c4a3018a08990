"""The shop's sign-in, as it was left on the last Friday."""

from __future__ import annotations

import secrets

from sandbox.artifacts import KINDS
from sandbox.clock import DAY, MINUTE
from sandbox.heroku import rollout
from sandbox.heroku.book import new_id
from sandbox.state import Row

# Days before Friday, what became of it, what it was.
_ACCOUNTS: list[tuple[int, str, str]] = [
    (24, "good", "Sign in with a code"),
    (22, "add-on", "DATABASE"),
    (17, "good", "Sessions live in the database"),
    (15, "set", "LOG_LEVEL"),
    (13, "rotate", "DATABASE"),
    (12, "failed phase", "Split the users table"),
    (10, "good", "Sign-in codes expire"),
    (6, "crashing", "Read settings at start-up"),
    (6, "roll back", ""),
    (2, "failing-build", "Upgrade the web framework"),
    (0, "good", "Remember devices"),
    (0, "set", "SESSION_DAYS"),
]
# The same on the next generation of the platform, which builds images and knows no slugs.
_ACCOUNTS_FIR = [
    (20, "good", "Sign in with a code"),
    (11, "attach", "ACCOUNTS_DATABASE"),
    (5, "good", "Remember devices"),
    (1, "set", "SESSION_DAYS"),
]
_VALUES = {"LOG_LEVEL": "info", "SESSION_DAYS": "30"}


def history(friday: int) -> Row:
    friday += 2 * MINUTE + 137  # as any instant, not on the second
    tables = ("apps", "slugs", "releases", "builds", "dynos", "addons", "attachments", "log_sessions", "transfers")
    rows: Row = {name: {} for name in tables}
    for name, generation, past in (("accounts", "cedar", _ACCOUNTS), ("accounts-fir", "fir", _ACCOUNTS_FIR)):
        app = _app(name, generation, friday - 120 * DAY)
        rows["apps"][app["id"]] = app
        for number, (days, fate, what) in enumerate(past):
            _happen(rows, app, friday - days * DAY + number * MINUTE, fate, what)
        _start_dynos(rows, app)
    return rows


def _start_dynos(rows: Row, app: Row) -> None:
    current = rows["releases"][app["current"]]
    for type, one in app["formation"].items():
        for count in range(1, one["quantity"] + 1):
            dyno = rollout.dyno_record(app, current, f"{type}.{count}", type, at=current["updated_at"], state="up")
            rows["dynos"][dyno["id"]] = dyno


def _happen(rows: Row, app: Row, at: int, fate: str, what: str) -> None:
    released = rows["releases"].get(app["current"])
    slug, description = released and rows["slugs"][released["slug"]], ""
    if fate == "add-on":
        addon = _addon(app, at)
        rows["addons"][addon["id"]] = addon
        app["config"][f"{what}_URL"] = _database()
        description = _attach(rows, app, addon, what, at)
    elif fate == "attach":
        (addon,) = rows["addons"].values()
        app["config"][f"{what}_URL"] = rows["apps"][addon["app"]]["config"]["DATABASE_URL"]
        description = _attach(rows, app, addon, what, at)
    elif fate == "rotate":
        app["config"][f"{what}_URL"] = _database()
        description = f"Update {what} by heroku-postgresql"
    elif fate == "set":
        app["config"][what] = _VALUES[what]
        description = f"Set {what} config vars"
    elif fate == "roll back":
        succeeded = [release for release in rows["releases"].values() if release["status"] == "succeeded"]
        good = max((release for release in succeeded if release["slug"] != slug["id"]), key=lambda release: release["version"])
        slug, description = rows["slugs"][good["slug"]], f"Rollback to v{good['version']}"
    else:
        kind = fate if fate in KINDS else "good"
        build = rollout.build_record(app, kind=kind, commit=secrets.token_hex(20), message=what, at=at - 2 * MINUTE)
        rows["builds"][build["id"]] = build
        build["status"] = "succeeded" if KINDS[kind].builds else "failed"
        if not KINDS[kind].builds:
            return
        slug = rollout.slug_record(app, kind=kind, commit=build["commit"], message=what, at=at - 1000)
        rows["slugs"][slug["id"]] = slug
        build["slug"], description = slug["id"], f"Deploy {build['commit'][:8]}"
    plans = [addon["plan"] for addon in rows["addons"].values() if addon["app"] == app["id"]]
    row = rollout.release_record(app, slug, description, plans, at=at)
    row.update(status="failed" if fate == "failed phase" else "succeeded", updated_at=at + 9_000)
    rows["releases"][row["id"]] = row
    if build_of := next((b for b in rows["builds"].values() if b["slug"] == slug["id"] and not b["release"]), None):
        build_of.update(release=row["id"], updated_at=at)
    if row["status"] == "succeeded":
        app.update(current=row["id"], released_at=at, updated_at=at)


def _attach(rows: Row, app: Row, addon: Row, name: str, at: int) -> str:
    id = new_id()
    rows["attachments"][id] = {"id": id, "app": app["id"], "addon": addon["id"], "name": name, "created_at": at, "updated_at": at}
    return f"Attach {name} ({addon['name']})"


def _database() -> str:
    return f"postgres://accounts:{secrets.token_hex(8)}@db.lastgood.test:5432/accounts"


def _addon(app: Row, at: int) -> Row:
    return {
        "id": new_id(),
        "app": app["id"],
        "name": "postgresql-silhouetted-12345",
        "plan": "heroku-postgresql:standard-0",
        "plan_id": new_id(),
        "service_id": new_id(),
        "config_vars": ["DATABASE_URL"],
        "created_at": at,
        "updated_at": at,
    }


def _app(name: str, generation: str, created: int) -> Row:
    at = {"created_at": created, "updated_at": created}
    return {
        "id": new_id(),
        "name": name,
        "generation": generation,
        "plan": "pro",
        "maintenance": False,
        "config": {"CURRENCY": "EUR"},
        "formation": {"web": {"id": new_id(), "quantity": 2, **at}, "worker": {"id": new_id(), "quantity": 1, **at}},
        "version": 0,
        "current": "",
        "released_at": created,
        **at,
    }
