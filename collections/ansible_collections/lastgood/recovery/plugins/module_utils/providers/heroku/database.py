# SPDX-License-Identifier: GPL-3.0-or-later
"""Heroku Postgres: going back is a new add-on, and which one the app uses is for the attachment DATABASE to say."""
from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import (
    FAILED,
    PENDING,
    READY,
    Backup,
    ManagedDatabase,
    Place,
    Point,
    Standing,
    base,
    kept_since,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.access import api, every
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.dynos import Dynos
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.releases import Heroku
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.transfers import Transfers
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

Row = dict[str, Any]
SERVICE = "heroku-postgresql"
OF_A_BACKUP = re.compile(r"-of-[a-z0-9]+$")
GIVEN_BY_HEROKU = re.compile(r"HEROKU_POSTGRESQL_[A-Z]+$")


class HerokuPostgres(ManagedDatabase):
    """What was replaced keeps an attachment whose name says when; each attachment that comes or goes starts the app anew."""

    name = "Heroku"

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Heroku({"code_only": True, **options}, run)
        self.api, self.options, self.run = api(options, run, of_releases=False), options, run
        self.path, self.attachment = self.releases.path, options["attachment"]
        self.transfers = Transfers(options, run)
        self._asked = False

    def standing(self) -> Standing:
        attachments = every(self.api, f"{self.path}/addon-attachments")
        rows = {row["id"]: row for row in every(self.api, f"{self.path}/addons") if row["addon_service"]["name"] == SERVICE}
        serving = self._serving(attachments)
        if serving not in rows:
            raise errors.Refused(f"{self.attachment} is no Heroku Postgres of this app", "Name the app that it belongs to.")
        earliest = self.transfers.earliest(serving)
        places = [self._place(row, attachments) for id, row in rows.items() if id != serving]
        return Standing(
            serves=self._place(rows[serving], attachments, serves=True),
            earliest=earliest,
            latest=datetime.now(UTC) if earliest else None,
            backups=[Backup(row["name"], moment.parse(row["created_at"]), row["source_bytes"]) for row in self.transfers.backups()],
            places=places,
        )

    def prepare(self, point: Point, name: str) -> None:
        source = self._row(self._serving(every(self.api, f"{self.path}/addon-attachments")))
        body: Row = {"plan": source["plan"]["name"], "name": name}
        if not point.backup:
            body["config"] = {"rollback": source["name"], "to": point.at.strftime("%Y-%m-%d %H:%M:%S+00:00")}
        made = self.api.send("POST", f"{self.path}/addons", body)
        if point.backup:
            tick = clock(f"Heroku makes {name}", self.options["timeout"], self.options["poll"], self.run.tell)
            while (state := self._provisioned(self._row(made["id"]))[0]) == PENDING:
                tick()
            if state == READY:
                self.transfers.restore(point.backup, made["id"])

    def url(self, place: Place) -> str | None:
        names = [row["name"] for row in every(self.api, f"{self.path}/addon-attachments") if row["addon"]["id"] == place.id]
        config = self.api.get(f"{self.path}/config-vars")
        return next((str(config[f"{name}_URL"]) for name in names if f"{name}_URL" in config), None)

    def serve(self, place: Place, keep_as: str) -> None:
        attachments = every(self.api, f"{self.path}/addon-attachments")
        serving, kept = self._serving(attachments), re.sub(r"\W", "_", keep_as).upper()
        if serving == place.id:
            if self._asked:
                return  # and the answer was lost
            raise errors.Locked(f"somebody else has just let {place.name} serve", "Talk to them; then run the same command again.")
        if not any(row["name"] == kept for row in attachments):
            self._attach(serving, kept)
        self._asked = True
        self._attach(place.id, self.attachment)

    def serving(self, place: Place) -> bool:
        if self._serving(every(self.api, f"{self.path}/addon-attachments")) != place.id:
            return False
        newest = self.releases.rows(until_current=True)[0]
        if newest["status"] == "failed":
            raise errors.ActivationFailed(
                f"the release phase of v{newest['version']} ({newest['description']}) failed, so that the app does not get {place.name}",
                "Look at heroku releases:output.",
            )
        return newest["current"] is True and Dynos.of(self.api, self.path).all_run(newest["version"])

    def remove(self, place: Place) -> None:
        self.api.send("DELETE", f"{self.path}/addons/{place.id}")

    def _attach(self, addon: str, name: str) -> None:
        app = self.options["app"]
        self.api.send("POST", "/addon-attachments", {"addon": addon, "app": app, "name": name, "confirm": app})

    def _serving(self, attachments: list[Row]) -> str:
        """The id of the add-on that applications get."""
        for row in attachments:
            if row["name"] == self.attachment:
                return str(row["addon"]["id"])
        raise errors.Refused(f"the app has no {self.attachment}", "Name the attachment whose variable the app reads.")

    def _row(self, id: str) -> Row:
        return next(row for row in every(self.api, f"{self.path}/addons") if row["id"] == id)

    def _place(self, row: Row, attachments: list[Row], serves: bool = False) -> Place:
        own = [one for one in attachments if one["addon"]["id"] == row["id"]]
        made = row["name"] if base(row["name"]) != row["name"] else ""
        if serves:
            newest = self.releases.rows(until_current=True)[:1]
            pending = any(one["status"] == "pending" for one in newest)
            return Place(row["id"], row["name"], made, state=PENDING if pending else READY)
        kept_at, undone = max((found for one in own for found in _kept(one, bool(made))), default=(None, False))
        state, problem = (READY, "") if kept_at else self._state(row)
        return Place(row["id"], row["name"], made, state, problem, kept_at, undone)

    def _state(self, row: Row) -> tuple[str, str]:
        """And why it is FAILED. One that was made for a backup is nothing until that is in it."""
        state = self._provisioned(row)
        return self.transfers.restored_into(row["name"]) if state[0] == READY and OF_A_BACKUP.search(row["name"]) else state

    def _provisioned(self, row: Row) -> tuple[str, str]:
        state, problem = self.transfers.state(row["id"])
        if row["state"] == "deprovisioned" or state == FAILED:
            return FAILED, problem or "it is deprovisioned"
        return (READY if row["state"] == "provisioned" else PENDING, "") if state == READY else (PENDING, "")


def _kept(attachment: Row, made: bool) -> list[tuple[datetime, bool]]:
    """When it was kept and whether by an undo, as its name says; one that we made bears no other name but Heroku's until it is kept."""
    since, undone = kept_since(attachment["name"])
    if since:
        return [(since, undone)]
    return [(moment.parse(attachment["created_at"]), False)] if made and not GIVEN_BY_HEROKU.match(attachment["name"]) else []
