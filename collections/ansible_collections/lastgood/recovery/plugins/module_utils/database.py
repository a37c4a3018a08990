# SPDX-License-Identifier: GPL-3.0-or-later
"""A database wherever it is, on a server of one's own or at a vendor that manages it: saved, taken back and undone by the same words."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils import managed_database, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import Place
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    backup,
    backup_places,
    databases,
    point_in_time,
    restore,
    sealing,
    server,
    swap_module,
    swapping,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import heroku, neon, railway, rds, render
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import REACH, Vendor, within_reach

OWN = "postgres"
VENDORS: dict[str, Vendor] = {
    vendor.name: vendor for vendor in (heroku.VENDOR, neon.VENDOR, railway.DATABASES, rds.VENDOR, render.DATABASES)
}
OF_RESTORES = ("from_database", "create_roles", "no_owner", "session_role", "free_space")
OF_OWN: dict[str, Any] = {
    **server.ARGUMENTS,
    **point_in_time.ARGUMENTS,
    **{name: restore.ARGUMENTS[name] for name in OF_RESTORES},
    **{name: option for name, option in swapping.ARGUMENTS.items() if name != "keep_as"},
}
WRITING: dict[str, Any] = {**sealing.SEALING, **backup_places.ARGUMENTS, "jobs": {"type": "int"}, "bin_dir": {"type": "path"}}
READING: dict[str, Any] = {**sealing.OPENING, **backup_places.ARGUMENTS, "jobs": {"type": "int"}, "bin_dir": {"type": "path"}}
BACKUPS: dict[str, Any] = {"destination": {"type": "path"}, "emergency": {"type": "path"}, **WRITING, **READING}


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    """Types, and what is secret; what is required and what is default is for each kind of database to say."""
    kept = ("type", "elements", "no_log")
    return {name: {key: value for key, value in option.items() if key in kept} for name, option in options.items()}


OPTIONS: dict[str, Any] = _plain(
    {
        **{name: option for vendor in VENDORS.values() for name, option in vendor.arguments_of("database").items() if name not in REACH},
        **OF_OWN,
    }
)
WHERE: dict[str, Any] = {
    "provider": {"type": "str", "required": True, "choices": sorted([OWN, *VENDORS])},
    "options": {"type": "dict", "default": {}, "options": OPTIONS},
    "backups": {"type": "dict", "default": {}, "options": _plain(BACKUPS)},
    **REACH,
}
ARGUMENTS: dict[str, Any] = {
    **WHERE,
    "good_at": {"type": "str"},
    "backup": {"type": "str"},
    "undo": {"type": "bool"},
    "undo_since": {"type": "str"},
    "let_in": {"type": "bool"},
    "save": {"type": "str", "choices": ["backup", "emergency"]},
    "max_loss": {"type": "float"},
    "timeout": {"type": "float"},
    "poll": {"type": "float"},
}
WISHES = ("good_at", "backup", "undo", "let_in", "save")


class Database(Protocol):
    """One database, and where its backups are."""

    def back(self, wish: Mapping[str, Any]) -> Result:
        """To C(good_at) or to C(backup). C(holds) is the moment that its data is of, where that is known."""

    def forward(self) -> Result:
        """What served before it went back serves again."""

    def kept_at(self) -> datetime | None:
        """Since when what would serve again does not serve; None where nothing is kept."""

    def let_in(self) -> Result:
        """Open to everybody, where a run that was cut off has left it closed."""

    def saved(self, destination: str | None) -> Result:
        """A dump of what it holds now."""


class OwnDatabase:
    """On a PostgreSQL server that lets us make and rename databases."""

    def __init__(self, options: Options, run: Run) -> None:
        self.backups, self.run = options["backups"], run
        self.options = checked("options of postgres", OF_OWN, options["options"])
        self.server = server.Server(self.options)
        within_reach(OWN, f"{self.server.known.get('host', '')}/{self.server.database}", options["reach"])

    def back(self, wish: Mapping[str, Any]) -> Result:
        newest = {"good_at": wish.get("good_at"), "destination": self.backups.get("destination")}
        where = {"source": wish["backup"]} if wish.get("backup") else newest
        result = self._perform(restore.RESTORE, {**_only(READING, self.backups), **where, "max_loss": wish.get("max_loss")})
        return {**result, "vendor": "PostgreSQL", "holds": result["source"]["taken_at"]}

    def forward(self) -> Result:
        return {**self._perform(swap_module.SWAP, {"undo": True}), "vendor": "PostgreSQL"}

    def kept_at(self) -> datetime | None:
        with databases.maintenance(self.server, f"look what is kept of {self.server.database}") as connection:
            found = databases.everything(connection)
        kept = swap_module.newest_kept(found, found.get(self.server.database))
        return moment.parse(kept.mark["at"]) if kept else None

    def let_in(self) -> Result:
        name = self.server.database
        try:
            with databases.under_lock(self.server, f"open {name}") as connection:
                live = databases.everything(connection).get(name)
                closed = live is not None and not live.open
                if not self.run.check:
                    swapping.opened(connection, self.run, name)
        except Locked as locked:  # whoever works on it opens it
            return {"changed": False, "summary": f"{name} is left alone: {locked.message}"}
        would = "would be " if self.run.check else ""
        return {"changed": closed, "summary": f"{name} {would}opened again" if closed else f"{name} lets everybody in"}

    def saved(self, destination: str | None) -> Result:
        return self._perform(backup.BACKUP, {**_only(WRITING, self.backups), "destination": destination})

    def _perform(self, operation: Operation, given: Options) -> Result:
        mine = _only(operation.arguments, self.options)
        return operation.perform(checked("options of postgres", operation.arguments, {**mine, **given}, operation.rules), self.run)


class ManagedDatabase:
    """At a vendor that keeps what served when it goes back."""

    def __init__(self, options: Options, run: Run) -> None:
        self.vendor, self.backups, self.run = VENDORS[options["provider"]], options["backups"], run
        own = {name: option for name, option in self.vendor.arguments_of("database").items() if name not in REACH}
        self.options = {**checked(f"options of {self.vendor.name}", own, options["options"]), "reach": options["reach"]}
        self.patience = {name: options[name] for name in ("timeout", "poll")}

    def back(self, wish: Mapping[str, Any]) -> Result:
        return self._perform({name: wish.get(name) for name in ("good_at", "backup", "max_loss")})

    def forward(self) -> Result:
        return self._perform({"undo": True})

    def kept_at(self) -> datetime | None:
        kept: Place | None = self._connected({"undo": True})[0].standing().newest_kept
        return kept.kept_at if kept else None

    def let_in(self) -> Result:
        return {"changed": False, "summary": f"{self.vendor.name} closes no database"}

    def saved(self, destination: str | None) -> Result:
        database, _asked = self._connected({})
        if destination is None:
            kept = f"{database.name} keeps what serves when it goes back; no dump is taken"
            return {"changed": False, "backup": None, "summary": kept}
        url = database.url(database.standing().serves)
        if url is None:
            raise Refused(f"{database.name} gives no address to take a dump from", "Leave backups out: what serves is kept there.")
        given = {**_only(WRITING, self.backups), "destination": destination, "url": url}
        return backup.BACKUP.perform(checked("backups", backup.ARGUMENTS, given), self.run)

    def _perform(self, wish: Options) -> Result:
        database, asked = self._connected(wish)
        result = managed_database.Recovery(database, asked, self.run).perform()
        since = result["loss"]["since"] if result["loss"] and not wish.get("undo") else result["serves"]["holds"]
        return {**result, "vendor": database.name, **({"holds": since} if since else {})}

    def _connected(self, wish: Options) -> tuple[Any, Options]:
        """With what is asked for, as the vendor's own module: it is refused by that, too, and waited for as long."""
        asked = checked("options", managed_database.ARGUMENTS, {**self.patience, **wish})
        return self.vendor.connect("database", {**self.options, **asked}, self.run), asked


def database_of(options: Options, run: Run) -> Database:
    """The database of these options; Refused before anything is asked for when they do not suffice, or it is out of reach."""
    return (OwnDatabase if options["provider"] == OWN else ManagedDatabase)(options, run)


def perform(options: Options, run: Run) -> Result:
    database = database_of(options, run)
    if options["let_in"]:
        return database.let_in()
    if options["undo"]:
        return undone(database, moment.parse(options["undo_since"])) if options["undo_since"] else database.forward()
    if options["save"]:
        return {**database.saved(place_of(options["backups"], options["save"])), "saved": options["save"]}
    return told(database.back(options))


def undone(database: Database, since: datetime) -> Result:
    """Only what took its place at C(since) or later."""
    kept_at = database.kept_at()
    if kept_at and kept_at >= since:
        return database.forward()
    summary = f"nothing has taken its place since {moment.iso(since)}: it serves what it served then"
    return {"changed": False, "kept": None, "summary": summary, "diff": {"before": {}, "after": {}}}


def told(result: Result) -> Result:
    """With C(goes_back), which a task that only foresees has as well, whatever it says of C(changed)."""
    return {**result, "goes_back": result["changed"]}


def place_of(backups: Mapping[str, Any], which: str) -> str | None:
    """Where a dump goes: what was saved in an emergency is never taken for a good backup by a later restore."""
    destination = backups.get("destination")
    if which == "backup":
        if not destination:
            raise Refused("there is no place for backups", "Give backups.destination in the inventory.")
        return str(destination)
    emergency = backups.get("emergency") or (destination and f"{destination.rstrip('/')}/emergency")
    return str(emergency) if emergency else None


def checked(what: str, arguments: dict[str, Any], given: Mapping[str, Any], rules: dict[str, Any] | None = None) -> Options:
    """Whole options, with their defaults and what the environment has."""
    result = ArgumentSpecValidator(arguments, **(rules or {})).validate({name: value for name, value in given.items() if value is not None})
    if result.error_messages:
        raise Refused(f"{what}: {'; '.join(result.error_messages)}", "Correct them in the inventory.")
    return dict(result.validated_parameters)


def _only(arguments: Mapping[str, Any], given: Mapping[str, Any]) -> Options:
    return {name: given[name] for name in arguments if given.get(name) is not None}


PERFORM = Operation(ARGUMENTS, perform, {"mutually_exclusive": [WISHES], "required_one_of": [WISHES]})
