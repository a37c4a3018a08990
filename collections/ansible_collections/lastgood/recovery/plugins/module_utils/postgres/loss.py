# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore would lose: for how long, and which rows, counted before anything changes."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import manifest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import RESTORED, Connection, Database
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import Server, said
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import number, several
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.source import Source
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

EPOCH = 2**32
SECONDS = 60
"""As long may counting one table take."""
# Transaction ids are 32 bits in a row and go round: age() compares them modulo that, and is negative for the half that lies ahead.
WRITTEN = "SELECT count(*), count(*) FILTER (WHERE age(xmin) BETWEEN 0 AND age({}::text::xid)) FROM ONLY {}"
PLAIN = "SELECT count(*), NULL FROM ONLY {}"


def counted(server: Server, live: Database, source: Source) -> dict[str, Any]:
    """C(seconds) since C(since), and for each of C(tables) that differs C(written) and C(changed_or_deleted), or C(difference) alone.

    C(how) says how that is known; C(uncounted) names what could not be looked at.
    """
    result: dict[str, Any] = {
        "since": moment.iso(source.at),
        "seconds": round((datetime.now(UTC) - source.at).total_seconds(), 1),
        "tables": {},
        "uncounted": {},
    }
    if source.fetch:
        return {**result, "rows": None, "how": "the rows are counted once that moment is there to compare with"}
    exact = _comparable(server, live, source)
    result["how"] = "by the transactions that wrote the rows" if exact else "by the numbers of rows"
    with server.connect(application_name="lastgood count") as connection, manifest.snapshot(connection):
        rows = connection.execute(manifest.TABLES).fetchall()
        names = {f"{row[0]}.{row[1]}": sql.Identifier(row[0], row[1]) for row in rows}
        expected = _expected(source)
        for name, table in names.items():
            try:
                with connection.transaction():
                    connection.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(SECONDS * 1000)))
                    found = _one(connection, table, exact, source)
            except psycopg.errors.OperationalError as error:
                if connection.closed:
                    raise
                result["uncounted"][name] = said(error)
                continue
            except psycopg.Error as error:
                result["uncounted"][name] = said(error)
                continue
            difference = _difference(found, expected.get(name, 0), exact)
            if any(difference.values()):
                result["tables"][name] = difference
    result["rows"] = sum(abs(one.get("written", one.get("difference", 0))) for one in result["tables"].values())
    return result


def looked(server: Server, live: Database, source: Source, allowed: float | None, result: dict[str, Any], tell: Tell) -> None:
    """Into C(result), and told; Refused when it is more than C(allowed) seconds."""
    with still("counting what has been written since", tell):
        lost = result["loss"] = counted(server, live, source)
    tell(told(lost))
    if allowed is not None and lost["seconds"] > allowed:
        raise Refused(
            f"{told(lost)}: that is more than {moment.span(allowed)}",
            "Choose a newer backup, or allow more with max_loss.",
            loss=lost,
        )


def told(loss: dict[str, Any] | None) -> str:
    """In a sentence."""
    if loss is None:
        return "there is no live database to lose anything from"
    if loss["rows"] is None:
        return f"what was written in the {moment.span(max(loss['seconds'], 0))} since is only in the old database then"
    tables = ", ".join(f"{name} {number(one.get('written', one.get('difference')))}" for name, one in list(loss["tables"].items())[:5])
    rows = f"{several(loss['rows'], 'row')} ({tables})" if loss["tables"] else "no row"
    unknown = f"; {several(len(loss['uncounted']), 'table')} could not be counted" if loss["uncounted"] else ""
    return f"{moment.span(max(loss['seconds'], 0))} and {rows} written since are only in the old database then{unknown}"


def _comparable(server: Server, live: Database, source: Source) -> bool:
    """Whether the backup is of this very database: only then its transactions are the live one's."""
    if live.mark.get("is") == RESTORED and moment.iso(source.at) < live.mark["at"]:
        return False  # all of its rows are written by a later restore
    if source.backup is None or source.backup.manifest.get("oid") != live.oid:
        return False
    return bool(source.backup.manifest["server"]["system_identifier"] == server.identity["system_identifier"])


def _expected(source: Source) -> dict[str, int]:
    if source.backup:
        return {name: table["rows"] for name, table in source.backup.manifest["tables"].items()}
    return dict(source.contents.rows) if source.contents else {}


def _one(connection: Connection, table: Any, exact: bool, source: Source) -> Any:
    if not exact or source.backup is None:
        return connection.execute(sql.SQL(PLAIN).format(table)).fetchone()
    oldest = int(str(source.backup.manifest["snapshot"]).split(":", 1)[0]) % EPOCH
    return connection.execute(sql.SQL(WRITTEN).format(sql.Literal(str(oldest)), table)).fetchone()


def _difference(found: Any, before: int, exact: bool) -> dict[str, int]:
    rows, written = found
    return {"written": written, "changed_or_deleted": before - (rows - written)} if exact else {"difference": rows - before}
