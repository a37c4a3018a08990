"""Heroku's rows, how to find one, and how the API writes them."""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.clock import iso
from sandbox.emulator import Refusal
from sandbox.state import Row, State

USER = {"id": "5d1c7e02-0a4f-4c5e-9b7e-1f1b5e0a4a11", "email": "oncall@lastgood.test"}
TEAM = {"id": "8a3e4c55-2f0b-4b8e-a0f7-6f1f2b7c9d20", "name": "lastgood"}
REGION = {"id": "59accabd-516d-4f0e-83e6-6e3757701145", "name": "eu"}
STACK = {"id": "7e04461d-ec81-4bdd-8b37-b69b320a9f83", "name": "heroku-24"}
SIZES = {"hobby": "Eco", "pro": "Standard-1X"}
"""Dyno size by the sandbox's plan."""


def new_id() -> str:
    return str(uuid.uuid4())


class Book:
    """Heroku's slice of the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows = state.data["heroku"]

    def __getattr__(self, table: str) -> dict[str, Row]:
        """`apps`, `slugs`, `releases`, `builds`, `dynos`, `addons`, `attachments`, `log_sessions`, `transfers`: rows by id."""
        if table not in self._rows:
            raise AttributeError(table)
        rows: dict[str, Row] = self._rows[table]
        return rows

    def app(self, id_or_name: str) -> Row:
        """The app, or the vendor's 404."""
        for app in self.apps.values():
            if id_or_name in (app["id"], app["name"]):
                return app
        raise Refusal(404, "Couldn't find that app.", "not_found", resource="app")

    def find(self, table: str, app: Row, id: str, noun: str) -> Row:
        """A row that belongs to this app, or the vendor's 404."""
        row = getattr(self, table).get(id)
        if row is None or row["app"] != app["id"]:
            raise Refusal(404, f"Couldn't find that {noun}.", "not_found", resource=noun)
        return row

    def of_app(self, table: str, app: Row) -> list[Row]:
        return [row for row in getattr(self, table).values() if row["app"] == app["id"]]

    def release(self, app: Row, id_or_version: str) -> Row:
        """A release by its id or its version (`12` or `v12`), or the vendor's 404."""
        for release in self.of_app("releases", app):
            if id_or_version in (release["id"], str(release["version"]), f"v{release['version']}"):
                return release
        raise Refusal(404, "Couldn't find that release.", "not_found", resource="release")

    def current(self, app: Row) -> Row:
        return self.releases[app["current"]]

    def can_roll_back_to(self, release: Row) -> bool:
        return release["status"] == "succeeded" and not self.slugs[release["slug"]]["deleted_at"]

    # How the API writes them -----------------------------------------------------------------------------------

    def instant(self, ms: int | None) -> str | None:
        """`2026-11-20T16:05:00Z`: whole seconds, rounded down; exact while `heroku.rounding` is 0."""
        step = int(self._state.latency("heroku.rounding") * 1000)
        if ms is None or not step:
            return iso(ms)
        text = iso(ms - ms % step)
        return text and text.replace(".000000Z", "Z")

    def times(self, row: Row) -> Row:
        return {"created_at": self.instant(row["created_at"]), "updated_at": self.instant(row["updated_at"])}

    def release_row(self, release: Row, host: str, sdk: bool = True) -> Row:
        """A release; `eligible_for_rollback` is shown to those who ask for `version=3.sdk`, as the CLI does."""
        app = self.apps[release["app"]]
        row = {
            "id": release["id"],
            "version": release["version"],
            "app": {"id": app["id"], "name": app["name"]},
            "addon_plan_names": release["addon_plan_names"],
            "artifacts": [{"type": "oci-image" if app["generation"] == "fir" else "slug", "id": release["slug"]}],
            "description": release["description"],
            "slug": None if app["generation"] == "fir" else {"id": release["slug"]},
            "status": release["status"],
            "user": dict(USER),
            "current": release["id"] == app["current"],
            "output_stream_url": stream_url(host, release["id"]) if release["phase"] else None,
            **self.times(release),
        }
        return row | ({"eligible_for_rollback": self.can_roll_back_to(release)} if sdk else {})

    def dyno_row(self, dyno: Row) -> Row:
        app, release = self.apps[dyno["app"]], self.releases[dyno["release"]]
        return {
            "id": dyno["id"],
            "name": dyno["name"],
            "type": dyno["type"],
            "state": dyno["state"],
            "app": {"id": app["id"], "name": app["name"]},
            "release": {"id": release["id"], "version": release["version"]},
            "command": self.slugs[release["slug"]]["process_types"].get(dyno["type"], "bash"),
            "size": SIZES[app["plan"]],
            "attach_url": None,
            **self.times(dyno),
        }


def stream_url(host: str, id: str) -> str:
    """Where the output of a build or of a release phase can be read, without a token."""
    return f"http://{host}/streams/{id}"


def config_of(app: Row) -> dict[str, str]:
    """The app's variables, those of its add-ons among them."""
    config: dict[str, str] = app["config"]
    return config


def string(body: Any, name: str) -> str | None:
    """A text in the request's body; a refusal when it is something else."""
    value = (body or {}).get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(422, f"Invalid `{name}`: expected a string.", "invalid_params")
    return value
