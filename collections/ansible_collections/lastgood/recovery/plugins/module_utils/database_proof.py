# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a managed database what it should be? Asked of the database itself, and not of the vendor."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ConnectionLost, Incomplete, Refused, TimedOut
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import integrity, server, table_expectations

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

ARGUMENTS: dict[str, Any] = {
    "expectations": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": table_expectations.TABLE,
        **table_expectations.RULES,
    },
    "checks": {"type": "list", "elements": "str", "choices": list(integrity.KINDS), "default": []},
    "health_query": {"type": "str", "default": "SELECT true"},
    "health_timeout": {"type": "float", "default": 60},
}
UNTOLD: dict[str, Any] = {name: option.get("default") for name, option in integrity.ARGUMENTS.items()}
Tick = Callable[[], None]


def can_look(url: str | None, vendor: str, options: Options) -> None:
    """Refused when something has to be looked at and nobody can connect."""
    if url is None and (options["expectations"] or options["checks"]):
        raise Refused(
            f"{vendor} gives no address at which the expectations could be looked at",
            "Leave expectations and checks out, and look yourself before it serves: serve: false.",
        )


def proved(url: str | None, name: str, at: datetime | None, options: Options, run: Run, tick: Tick) -> tuple[list[str], list[Any]]:
    """What was looked at in words, and the verdicts; Incomplete unless all is as expected. Ages are reckoned from C(at)."""
    if url is None:
        return ["nobody connected to it: the vendor gives no address"], []
    problem = unwell(url, options["health_query"], tick)
    if problem:
        raise Incomplete(f"{name} is not well: {problem}", "Look into it at the vendor; what serves was left alone.")
    looked = [f"a new connection to {name}", f"the health query, {options['health_query']}"]
    if not options["expectations"] and not options["checks"]:
        return looked, []
    asked = {
        **UNTOLD,
        "url": url,
        "tables": options["expectations"],
        "checks": options["checks"],
        "at": moment.iso(at) if at else None,
        "phase": name,
    }
    found = integrity.check(asked, run)
    if found["verdict"] != "OK":
        wrong = [f"{one['name']}: {one['got']}" for one in found["checks"] if one["verdict"] != "OK"]
        raise Incomplete(
            f"{name} is not what it should be: {'; '.join(wrong)}",
            f"{name} is left for you to look at; choose another moment, or correct the expectations.",
            checks=found["checks"],
        )
    return [*looked, *(one["name"] for one in found["checks"])], found["checks"]


def unwell(url: str, query: str, tick: Tick) -> str:
    """Why a new client cannot use it; empty when it can. A server that does not answer yet is asked until C(tick) raises TimedOut."""
    while True:
        try:
            return _asked(url, query)
        except ConnectionLost as lost:
            try:
                tick()
            except TimedOut:
                return lost.message


def _asked(url: str, query: str) -> str:
    options = {**UNTOLD, "url": url}
    with server.Server(options).connect(application_name="lastgood health check") as client:
        with server.understood("asking whether it is well"):
            client.execute("SET statement_timeout = '30s'")
        try:
            with client.transaction(force_rollback=True):
                row = client.execute(query.encode()).fetchone()
        except psycopg.Error as error:
            return f"the health query fails: {server.said(error)}"
    if row is None or row[0] in (None, False):
        return f"the health query answers {'no row' if row is None else row[0]}"
    return ""
