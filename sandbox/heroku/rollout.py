"""A build makes a slug; a slug and the variables make a release; its release phase, then the dynos, decide what serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.artifacts import KINDS
from sandbox.clock import now_ms
from sandbox.heroku.book import new_id
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku


def build(heroku: Heroku, app: Row, kind: str, commit: str, message: str) -> Row:
    """Start building a commit."""
    row = build_record(app, kind=kind, commit=commit, message=message, at=now_ms())
    heroku.book.builds[row["id"]] = row
    seconds = heroku.state.latency("heroku.build") * KINDS[kind].build_factor
    heroku.state.later(seconds, "heroku.built", app["name"], build=row["id"])
    return row


def build_record(app: Row, *, kind: str, commit: str, message: str, at: int) -> Row:
    return {
        "id": new_id(),
        "app": app["id"],
        "kind": kind,
        "commit": commit,
        "message": message,
        "status": "pending",
        "slug": None,
        "release": None,
        "output": "-----> Building on the Heroku-24 stack\n-----> Node.js app detected\n",
        "created_at": at,
        "updated_at": at,
    }


def built(heroku: Heroku, target: str, build: str) -> None:
    row = heroku.book.builds[build]
    app = heroku.book.apps[row["app"]]
    if not KINDS[row["kind"]].builds:
        row.update(status="failed", updated_at=now_ms(), output=row["output"] + " !     Build failed\n")
        return
    slug = slug_record(app, kind=row["kind"], commit=row["commit"], message=row["message"], at=now_ms())
    heroku.book.slugs[slug["id"]] = slug
    fresh = release(heroku, app, slug, f"Deploy {row['commit'][:8]}")
    done = f"-----> Launching...\n       Released v{fresh['version']}\n"
    row.update(status="succeeded", slug=slug["id"], release=fresh["id"], updated_at=now_ms(), output=row["output"] + done)


def slug_record(app: Row, *, kind: str, commit: str, message: str, at: int) -> Row:
    return {
        "id": new_id(),
        "app": app["id"],
        "kind": kind,
        "commit": commit,
        "message": message,
        "process_types": {"web": "npm start", "worker": "npm run worker", "release": "npm run migrate"},
        "created_at": at,
        "updated_at": at,
        "deleted_at": None,
    }


def release(heroku: Heroku, app: Row, slug: Row, description: str, config: Row | None = None) -> Row:
    """Make a release of a slug with the app's variables, or with `config`, which become the app's. Its release phase runs, always."""
    if config is not None:
        app["config"] = dict(config)
    row = release_record(app, slug, description, heroku.addon_plans(app), at=now_ms())
    heroku.book.releases[row["id"]] = row
    if row["phase"]:
        _one_off(heroku, app, row)
    heroku.state.later(heroku.state.latency("heroku.phase") * bool(row["phase"]), "heroku.phase_ended", app["name"], release=row["id"])
    return row


def release_record(app: Row, slug: Row, description: str, plans: list[str], *, at: int) -> Row:
    """A release as it is when it was just asked for; it takes the next version."""
    app["version"] += 1
    return {
        "id": new_id(),
        "app": app["id"],
        "version": app["version"],
        "slug": slug["id"],
        "config": dict(app["config"]),
        "addon_plan_names": plans,
        "description": description,
        "status": "pending",
        "phase": "release" in slug["process_types"],
        "output": "Running migrations...\n",
        "created_at": at,
        "updated_at": at,
    }


def phase_ended(heroku: Heroku, target: str, release: str) -> None:
    """A failed release phase leaves the release before it current; after a good one every dyno is replaced."""
    row = heroku.book.releases[release]
    app = heroku.book.apps[row["app"]]
    for dyno in [d for d in heroku.book.of_app("dynos", app) if d["type"] == "release" and d["release"] == release]:
        del heroku.book.dynos[dyno["id"]]
    if heroku.state.fails_now(target):
        row.update(status="failed", updated_at=now_ms(), output=row["output"] + "Migration failed: exit status 1\n")
        return
    row.update(status="succeeded", updated_at=now_ms(), output=row["output"] + "Done.\n")
    if row["version"] > heroku.book.current(app)["version"]:
        app.update(current=row["id"], updated_at=now_ms(), released_at=now_ms())
        replace_dynos(heroku, app)


def replace_dynos(heroku: Heroku, app: Row, doomed: Callable[[Row], bool] = lambda dyno: True) -> None:
    """Stop those dynos and start what the formation wants with the current release; without preboot nothing serves in between."""
    wanted = {f"{type}.{n}": type for type, one in app["formation"].items() for n in range(1, one["quantity"] + 1)}
    for dyno in heroku.book.of_app("dynos", app):
        if dyno["type"] in app["formation"] and (doomed(dyno) or dyno["name"] not in wanted):
            del heroku.book.dynos[dyno["id"]]
    running = {dyno["name"] for dyno in heroku.book.of_app("dynos", app)}
    for name, type in wanted.items():
        if name not in running:
            dyno = dyno_record(app, heroku.book.current(app), name, type, at=now_ms())
            heroku.book.dynos[dyno["id"]] = dyno
            heroku.state.later(heroku.state.latency("heroku.dyno"), "heroku.dyno_started", app["name"], dyno=dyno["id"])


def dyno_record(app: Row, release: Row, name: str, type: str, *, at: int, state: str = "starting") -> Row:
    return {
        "id": new_id(),
        "app": app["id"],
        "name": name,
        "type": type,
        "state": state,
        "release": release["id"],
        "created_at": at,
        "updated_at": at,
    }


def _one_off(heroku: Heroku, app: Row, release: Row) -> None:
    dyno = dyno_record(app, release, f"release.{1000 + release['version']}", "release", at=now_ms(), state="up")
    heroku.book.dynos[dyno["id"]] = dyno


def dyno_started(heroku: Heroku, target: str, dyno: str) -> None:
    """Nothing checks the health of a dyno: one that does not start has crashed, and the release stays current."""
    if row := heroku.book.dynos.get(dyno):
        kind = heroku.book.slugs[heroku.book.releases[row["release"]]["slug"]]["kind"]
        row.update(state="up" if KINDS[kind].starts else "crashed", updated_at=now_ms())


STEPS: dict[str, Callable[..., None]] = {"built": built, "phase_ended": phase_ended, "dyno_started": dyno_started}
