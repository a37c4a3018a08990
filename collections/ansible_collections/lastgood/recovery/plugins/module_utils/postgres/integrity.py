# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the database whole, and does it hold what it should? Looks, changes nothing, and is never sure of what it could not look at."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ConnectionLost, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import (
    pages,
    queries,
    references,
    server,
    soundness,
    table_expectations,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.look import SEVERITY, UNKNOWN, Connection, Finding, Look, told

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

KINDS = ("foreign_keys", "sequences", "indexes", "constraints", "triggers", "extensions", "pages")
ARGUMENTS: dict[str, Any] = {
    **server.ARGUMENTS,
    "tables": {"type": "list", "elements": "dict", "default": [], "options": table_expectations.TABLE, **table_expectations.RULES},
    "relations": {"type": "list", "elements": "dict", "default": [], "options": references.RELATION},
    "queries": {"type": "list", "elements": "dict", "default": [], "options": queries.QUERY, **queries.RULES},
    "incident": {"type": "dict"},
    "extensions": {"type": "list", "elements": "str", "default": []},
    "manifest": {"type": "path"},
    "checks": {"type": "list", "elements": "str", "choices": list(KINDS), "default": [kind for kind in KINDS if kind != "pages"]},
    "every_row": {"type": "bool", "default": False},
    "at": {"type": "str"},
    "statement_timeout": {"type": "float", "default": 300},
    "phase": {"type": "str"},
    "fail": {"type": "bool", "default": False},
}
# Times without a zone are UTC. A policy must not hide rows from us: better an error, which makes the verdict UNKNOWN.
SESSION = "SET TimeZone = 'UTC'; SET row_security = off; SET idle_in_transaction_session_timeout = 0"


def check(options: Options, run: Run) -> Result:
    """The worst of all verdicts is that of the database; one that cannot be reached is unknown."""
    found: list[dict[str, Any]] = []
    try:
        with closing(server.Server(options).connect()) as connection:
            with server.understood("getting ready to look"):
                connection.execute(SESSION)
            found.extend(_verdicts(connection, options, run))
    except ConnectionLost as lost:
        found.append(told("connection", "a database that answers", Finding(UNKNOWN, lost.message)))
    result = _result(found)
    run.record("checked", kind="data", phase=options["phase"], verdict=result["verdict"], checks=found)
    if options["fail"] and result["verdict"] != "OK":
        result |= {"failed": True, "msg": result["summary"]}
    return result


def _verdicts(connection: Connection, options: Options, run: Run) -> Iterator[dict[str, Any]]:
    looks = list(_looks(connection, options, run))
    for number, look in enumerate(looks, 1):
        with still(f"{look.name}, {number} of {len(looks)}", run.tell):
            yield look.verdict(connection, options["statement_timeout"])


def _looks(connection: Connection, options: Options, run: Run) -> Iterator[Look]:
    at = moment.parse(options["at"]) if options["at"] else datetime.now(UTC)
    for table in options["tables"]:
        yield from table_expectations.looks(table, at)
    yield from queries.looks(options["queries"], queries.figures_before(options["incident"], options["phase"]))
    yield from map(references.of_relation, options["relations"])
    if options["manifest"]:
        yield soundness.schema(_catalogue(options["manifest"], run))
    kinds: dict[str, Callable[[Connection], list[Look]]] = {
        "foreign_keys": references.of_keys,
        "sequences": lambda there: [soundness.sequences(there)],
        "indexes": lambda there: [soundness.INDEXES_VALID],
        "constraints": lambda there: [soundness.CONSTRAINTS_VALIDATED],
        "triggers": lambda there: [soundness.TRIGGERS_ENABLED],
        "extensions": lambda there: [soundness.extensions(options["extensions"])],
        "pages": lambda there: pages.looks(there, options["every_row"]),
    }
    for kind in KINDS:
        if kind in options["checks"]:
            yield from _planned(kind, kinds[kind], connection)


def _planned(kind: str, looks: Callable[[Connection], list[Look]], connection: Connection) -> list[Look]:
    """Not even knowing what there is to look at is a verdict, too."""
    try:
        return looks(connection)
    except psycopg.Error as error:
        words = server.said(error)
        return [Look(kind, "to be looked at", lambda there: Finding(UNKNOWN, words))]


def _catalogue(path: str, run: Run) -> list[str]:
    try:
        return list(run.load(path)["catalogue"])
    except (LookupError, TypeError):
        raise Refused(f"{path} is no manifest of a backup", "Name the manifest.json of a backup.") from None


def _result(found: list[dict[str, Any]]) -> Result:
    passed = sum(one["verdict"] == "OK" for one in found)
    wrong = sorted((one for one in found if one["verdict"] != "OK"), key=lambda one: -SEVERITY.index(one["verdict"]))
    words = [f"{one['name']}: expected {one['expected']}, got {one['got']}" for one in wrong]
    return {
        "verdict": max((one["verdict"] for one in found), key=SEVERITY.index, default=UNKNOWN),
        "checks": found,
        "passed": passed,
        "total": len(found),
        "summary": "; ".join([f"{passed} of {len(found)} checks pass", *words]),
    }


CHECK = Operation(arguments=ARGUMENTS, perform=check)
