# SPDX-License-Identifier: GPL-3.0-or-later
"""A database wherever it is, on a server of one's own or at a vendor that manages it: saved, taken back and undone by the same words."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils import managed_database
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    backup,
    backup_places,
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
    "save": {"type": "str", "choices": ["backup", "emergency"]},
    "max_loss": {"type": "float"},
    "timeout": {"type": "float"},
    "poll": {"type": "float"},
}
WISHES = ("good_at", "backup", "undo", "save")


class Database(Protocol):
    """One database, and where its backups are."""

    def back(self, wish: Mapping[str, Any]) -> Result:
        """To C(good_at) or to C(backup). C(holds) is the moment that its data is of, where that is known."""

    def forward(self) -> Result:
        """What served before it went back serves again."""

    def saved(self, destination: str | None) -> Result:
        """A dump of what it holds now."""


class OwnDatabase:
    """On a PostgreSQL server that lets us make and rename databases."""

    def __init__(self, options: Options, run: Run) -> None:
        self.backups, self.run = options["backups"], run
        self.options = checked("options of postgres", OF_OWN, options["options"])
        reached = server.Server(self.options)
        within_reach(OWN, f"{reached.known.get('host', '')}/{reached.database}", options["reach"])

    def back(self, wish: Mapping[str, Any]) -> Result:
        newest = {"good_at": wish.get("good_at"), "destination": self.backups.get("destination")}
        where = {"source": wish["backup"]} if wish.get("backup") else newest
        result = self._perform(restore.RESTORE, {**_only(READING, self.backups), **where, "max_loss": wish.get("max_loss")})
        return {**result, "vendor": "PostgreSQL", "holds": result["source"]["taken_at"]}

    def forward(self) -> Result:
        return {**self._perform(swap_module.SWAP, {"undo": True}), "vendor": "PostgreSQL"}

    def saved(self, destination: str | None) -> Result:
        return self._perform(backup.BACKUP, {**_only(WRITING, self.backups), "destination": destination})

    def _perform(self, operation: Operation, given: Options) -> Result:
        mine = _only(operation.arguments, self.options)
        return operation.perform(checked("options of postgres", operation.arguments, {**mine, **given}, operation.rules), self.run)


class ManagedDatabase:
    """At a vendor that keeps what served when it goes back."""

    def __init__(self, options: Options, run: Run) -> None:
        vendor = VENDORS[options["provider"]]
        own = {name: option for name, option in vendor.arguments_of("database").items() if name not in REACH}
        reached = checked(f"options of {vendor.name}", own, options["options"])
        self.database = vendor.connect("database", {**reached, "reach": options["reach"]}, run)
        self.backups, self.run = options["backups"], run
        self.patience = {name: options[name] for name in ("timeout", "poll")}

    def back(self, wish: Mapping[str, Any]) -> Result:
        return self._perform({name: wish.get(name) for name in ("good_at", "backup", "max_loss")})

    def forward(self) -> Result:
        return self._perform({"undo": True})

    def saved(self, destination: str | None) -> Result:
        if destination is None:
            kept = f"{self.database.name} keeps what serves when it goes back; no dump is taken"
            return {"changed": False, "backup": None, "summary": kept}
        url = self.database.url(self.database.standing().serves)
        if url is None:
            raise Refused(f"{self.database.name} gives no address to take a dump from", "Leave backups out: what serves is kept there.")
        given = {**_only(WRITING, self.backups), "destination": destination, "url": url}
        return backup.BACKUP.perform(checked("backups", backup.ARGUMENTS, given), self.run)

    def _perform(self, wish: Options) -> Result:
        options = checked("options", managed_database.ARGUMENTS, {**self.patience, **wish})
        result = managed_database.Recovery(self.database, options, self.run).perform()
        since = result["loss"]["since"] if result["loss"] and not wish.get("undo") else result["serves"]["holds"]
        return {**result, "vendor": self.database.name, **({"holds": since} if since else {})}


def database_of(options: Options, run: Run) -> Database:
    """The database of these options; Refused before anything is asked for when they do not suffice, or it is out of reach."""
    return (OwnDatabase if options["provider"] == OWN else ManagedDatabase)(options, run)


def perform(options: Options, run: Run) -> Result:
    database = database_of(options, run)
    if options["undo"]:
        return database.forward()
    if options["save"]:
        return {**database.saved(place_of(options["backups"], options["save"])), "saved": options["save"]}
    return told(database.back(options))


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
