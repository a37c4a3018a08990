# SPDX-License-Identifier: GPL-3.0-or-later
"""How a database instance of Amazon RDS is reached: through AWS's API, and by PostgreSQL's clients."""
from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import OPTIONS as AWS
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import ARGUMENTS, Server

OPTIONS: dict[str, Any] = {
    **AWS,
    "db_instance_identifier": {"type": "str", "required": True, "aliases": ["instance_id", "id"]},
    "url": {"type": "str", "no_log": True, "fallback": (env_fallback, ["DATABASE_URL"])},
}
_LOCAL = ("hostaddr", "service", "passfile")
"""Parts of an address that say where, too, or that mean this machine."""


def written(place: str) -> str:
    """C(eu-west-1/shop), as reach has it; C(shop) where the region is that of the profile."""
    return place.removeprefix("None/").lower()


def address(options: Options, row: dict[str, Any]) -> str | None:
    """The address of that instance for the role and the database of C(url); None without C(url), or before it has a host."""
    if not options["url"]:
        return None
    host, port = (row.get("Endpoint") or {}).get("Address"), (row.get("Endpoint") or {}).get("Port")
    if not host:
        return None
    known = Server({**{name: option.get("default") for name, option in ARGUMENTS.items()}, "url": options["url"]})
    parts = {name: value for name, value in known.known.items() if name not in _LOCAL}
    return library("psycopg").conninfo.make_conninfo(**{**parts, "dbname": known.database, "host": host, "port": port})
