# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written since the backup, copied beside the restored tables as text, and told apart there.

The stage of a table has its columns, in the restored table's types, and beside them C(lastgood_status), C(lastgood_proved) (whether the row
cannot be in the backup) and C(lastgood_extra) (what only the old table has).
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.heartbeat import still
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.tables import Connection, Table, names, same
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import growing
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import Tell

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

INSERT, SAME, UPDATED, CONFLICT = "insert", "same", "updated", "conflict"
ORPHANED, DOUBTFUL, LEFT_OUT, KEYLESS, UPDATE = "orphaned", "doubtful", "left_out", "keyless", "update"
TRANSACTIONS, COMPARISON = "transactions", "comparison"
# Nothing that a database or a role has set may change how a value is written.
FORMATS = """
SET LOCAL datestyle = 'ISO'; SET LOCAL timezone = 'UTC'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3;
SET LOCAL bytea_output = 'hex'; SET LOCAL row_security = off; SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL client_encoding = 'UTF8'
"""
# Large enough for what a day writes; whoever may log in may set them.
ROOM = "SET temp_buffers = '128MB'; SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '128MB'"
# Transaction ids are 32 bits in a row, and age() compares them modulo that. This makes 64 bits of one, to be looked up in a snapshot.
WIDE = "({next} - (({next} - xmin::text::int8) & 4294967295))::text::xid8"
MOST = 2**31


@dataclass(frozen=True)
class Since:
    """How rows that were written since are found: C(snapshot) is the backup's; None when it is not of this database."""

    snapshot: str | None
    known: dict[str, dict[str, Any]]
    """What the backup holds, by table: C(rows), and C(key), the greatest."""
    share: float
    """When more of a table's old rows are gone or marked as new, a migration has rewritten it, and its marks prove nothing."""

    @property
    def oldest(self) -> int:
        return int((self.snapshot or "0").split(":")[0])


def found(source: Connection, table: Table, since: Since) -> tuple[sql.Composed, sql.Composed, str]:
    """The condition on rows that have to be looked at, that on those that cannot be in the backup, and how they are found, in a word."""
    never = sql.SQL("false").format()
    if since.snapshot is None:
        return sql.SQL("true").format(), never, COMPARISON
    (upcoming,) = source.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::int8").fetchone()
    if upcoming - since.oldest >= MOST:
        return sql.SQL("true").format(), never, COMPARISON
    marked = sql.SQL("age(xmin) BETWEEN 0 AND age({}::text::xid)").format(sql.Literal(str(since.oldest % 2**32)))
    before = since.known.get(str(table), {}).get("rows", 0)
    if before and not table.partitioned:
        query = sql.SQL("SELECT count(*) FILTER (WHERE NOT ({})) FROM {}").format(marked, table.only)
        (untouched,) = source.execute(query).fetchone()
        if before - untouched > since.share * before:
            return marked, never, COMPARISON
    wide = sql.SQL(WIDE).format(next=sql.Literal(upcoming))
    proved = sql.SQL("NOT pg_visible_in_snapshot({}, {}::pg_snapshot)").format(wide, sql.Literal(since.snapshot))
    return marked, proved, TRANSACTIONS


def fill(target: Connection, source: Connection, table: Table, since: Since, tell: Tell) -> str:
    """Copy them; how they were found."""
    marked, proved, how = found(source, table, since)
    if not table.key:  # how often a row is there counts, so that all of them are needed
        marked, proved = sql.SQL("true").format(), sql.SQL("({} AND {})").format(marked, proved)
    extra: sql.Composable = sql.SQL("NULL")
    if table.missing:
        pairs = sql.SQL(", ").join(sql.SQL("{}, {}").format(sql.Literal(column), sql.Identifier(column)) for column in table.missing)
        extra = sql.SQL("json_build_object({})").format(pairs)
    columns = [*table.columns, "lastgood_proved", "lastgood_extra"]
    target.execute(
        sql.SQL(
            "CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {}, true AS lastgood_proved, NULL::json AS lastgood_extra, "
            "{}::text AS lastgood_status FROM {} WITH NO DATA"
        ).format(table.stage, names(table.columns), sql.Literal(INSERT), table.identifier)
    )
    target.execute(sql.SQL("ALTER TABLE {} ALTER lastgood_status SET DEFAULT {}").format(table.stage, sql.Literal(INSERT)))
    reading = sql.SQL("COPY (SELECT {}, {}, {} FROM {} WHERE {}) TO STDOUT").format(names(table.columns), proved, extra, table.only, marked)
    writing = sql.SQL("COPY {} ({}) FROM STDIN").format(table.stage, names(columns))
    copied = [0]
    telling = still(growing(lambda: copied[0], f"copying {table}"), tell)
    with understood(f"copying {table}"), telling, source.cursor().copy(reading) as rows, target.cursor().copy(writing) as stage:
        for block in rows:
            copied[0] += len(block)
            stage.write(block)
    if table.key:
        target.execute(sql.SQL("CREATE INDEX ON {} ({})").format(table.stage, names(table.key)))
    target.execute(sql.SQL("ANALYZE {}").format(table.stage))
    return how


def tell_apart(target: Connection, table: Table, since: Since, how: str, keyless: bool) -> None:
    """Rows that are in the restored table already, and those that are in the way of a row there."""
    with understood(f"comparing {table}"):
        if not table.key:
            _without_key(target, table, how, INSERT if keyless else KEYLESS)
            return
        alike = sql.SQL("ROW({})::text = ROW({})::text").format(names(table.columns, "s"), names(table.columns, "t"))
        query = sql.SQL("UPDATE {} s SET lastgood_status = CASE WHEN {} THEN {} WHEN {} THEN {} ELSE {} END FROM {} t WHERE {}")
        target.execute(
            query.format(
                table.stage, alike, sql.Literal(SAME), _given_out_again(table, since), sql.Literal(CONFLICT), sql.Literal(UPDATED),
                table.only, same("t", table.key, "s", table.key),
            )
        )  # fmt: skip
        if not (table.counts or table.unmistakable):
            _somebody_elses(target, table)
        _doubted(target, table, since)
        for unique in table.unique:
            if not unique.is_key:
                _in_the_way(target, table, unique)


def loaded(target: Connection, table: Table) -> str:
    """The transaction that has loaded the table: rows of any other were written, or changed, since the restore."""
    query = sql.SQL("SELECT xmin::text FROM {} GROUP BY xmin ORDER BY count(*) DESC LIMIT 1")
    row = target.execute(query.format(table.only)).fetchone()
    return row[0] if row else "0"


def _somebody_elses(target: Connection, table: Table) -> None:
    """With a key such as (order, line) a row that was written since the restore may be another one, and so the parent of others."""
    place, status = [table.stage, table.only, same("t", table.key, "s", table.key)], sql.Literal(UPDATED)
    one = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE lastgood_status = {})")
    if target.execute(one.format(table.stage, status)).fetchone()[0]:
        query = sql.SQL("UPDATE {} s SET lastgood_status = {} FROM {} t WHERE {} AND lastgood_status = {} AND t.xmin <> {}::xid")
        target.execute(query.format(place[0], sql.Literal(CONFLICT), *place[1:], status, sql.Literal(loaded(target, table))))


def _given_out_again(table: Table, since: Since) -> sql.Composable:
    """An id that the backup does not have was given out twice: once before the restore, and once after it, to something else."""
    if not table.counts:
        return sql.SQL("false")
    known = since.known.get(str(table))
    if known is None or table.partitioned:
        return sql.SQL("true")  # nobody can tell
    return _beyond(table, known)


def _beyond(table: Table, known: dict[str, Any]) -> sql.Composed:
    """The key is greater than any in the backup."""
    if known["key"] is None:
        return sql.SQL("true").format()
    return sql.SQL("s.{} > {}::numeric").format(sql.Identifier(table.key[0]), sql.Literal(known["key"]))


def _doubted(target: Connection, table: Table, since: Since) -> None:
    """A row that is not here any more may have been deleted since the restore, if any was: then it must not come back.

    That it was written after the backup proves nothing: it may have been changed then, and be an older one.
    """
    known = since.known.get(str(table))
    if not (table.counts and known and known["key"] is not None) or table.partitioned:
        return
    query = sql.SQL("SELECT count(*) FROM {} WHERE {} <= {}::numeric")
    (kept,) = target.execute(query.format(table.only, sql.Identifier(table.key[0]), sql.Literal(known["key"]))).fetchone()
    if kept < known["rows"]:
        doubt = sql.SQL("UPDATE {} s SET lastgood_status = {} WHERE lastgood_status = {} AND NOT {}")
        target.execute(doubt.format(table.stage, sql.Literal(DOUBTFUL), sql.Literal(INSERT), _beyond(table, known)))


def _in_the_way(target: Connection, table: Table, unique: Any) -> None:
    """Another row has what only one may have, such as the address of a new customer."""
    among = sql.SQL(unique.among or "true")
    terms = sql.SQL(", ").join(sql.SQL("{} AS {}").format(sql.SQL(term), sql.Identifier(f"u{n}")) for n, term in enumerate(unique.terms))
    equal = " IS NOT DISTINCT FROM " if unique.nulls_alike else " = "
    pairs = (sql.Identifier(f"u{n}") for n in range(len(unique.terms)))
    alike = sql.SQL(" AND ").join(sql.SQL("t.{0}" + equal + "x.{0}").format(one) for one in pairs)
    query = sql.SQL(
        "UPDATE {0} s SET lastgood_status = {1} FROM (SELECT ctid AS at, {2} FROM {0} WHERE lastgood_status = {3} AND ({4})) x, "
        "(SELECT {2} FROM {5} WHERE {4}) t WHERE s.ctid = x.at AND {6}"
    )
    target.execute(query.format(table.stage, sql.Literal(CONFLICT), terms, sql.Literal(INSERT), among, table.only, alike))


def _without_key(target: Connection, table: Table, how: str, status: str) -> None:
    """As many of equal rows as are not here yet, the new ones of them; whether one is a changed one nobody can tell."""
    row = sql.SQL("ROW({})::text").format(names(table.columns))
    query = sql.SQL(
        "UPDATE {0} s SET lastgood_status = CASE WHEN x.n <= coalesce(t.n, 0) THEN {1} WHEN s.lastgood_proved OR {5} THEN {2} ELSE {6} END "
        "FROM (SELECT ctid AS at, {3} AS line, row_number() OVER (PARTITION BY {3} ORDER BY lastgood_proved) AS n FROM {0}) x "
        "LEFT JOIN (SELECT {3} AS line, count(*) AS n FROM {4} GROUP BY 1) t USING (line) WHERE s.ctid = x.at"
    )
    compared = sql.Literal(how == COMPARISON)
    target.execute(query.format(table.stage, sql.Literal(SAME), sql.Literal(status), row, table.only, compared, sql.Literal(DOUBTFUL)))
