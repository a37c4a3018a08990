# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes everything that a database holds, as if it was new: what a later migration has made must not stay beside what is restored."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotAllowed
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

# class, where its name space and owner are, which rows, and in which order they go; what has no name space is the database's own.
KINDS = (
    ("pg_event_trigger", None, "evtowner", "true", 0),
    ("pg_publication", None, "pubowner", "true", 0),
    ("pg_class", "relnamespace", "relowner", "x.relkind IN ('m', 'v')", 1),
    ("pg_class", "relnamespace", "relowner", "x.relkind IN ('r', 'p', 'f') AND NOT x.relispartition", 2),
    ("pg_class", "relnamespace", "relowner", "x.relkind = 'S'", 3),
    ("pg_proc", "pronamespace", "proowner", "true", 4),
    ("pg_operator", "oprnamespace", "oprowner", "true", 5),
    ("pg_opclass", "opcnamespace", "opcowner", "true", 5),
    ("pg_opfamily", "opfnamespace", "opfowner", "true", 6),
    ("pg_type", "typnamespace", "typowner", "x.typtype IN ('d', 'e', 'r', 'b', 'c') AND x.typcategory <> 'A'"
     " AND (x.typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = x.typrelid) = 'c')", 7),
    ("pg_collation", "collnamespace", "collowner", "true", 8),
    ("pg_conversion", "connamespace", "conowner", "true", 8),
    ("pg_ts_config", "cfgnamespace", "cfgowner", "true", 8),
    ("pg_ts_dict", "dictnamespace", "dictowner", "true", 9),
    ("pg_foreign_server", None, "srvowner", "true", 9),
    ("pg_foreign_data_wrapper", None, "fdwowner", "true", 10),
)
ONE = """
SELECT '{0}'::regclass::oid::int8 AS class, x.oid::int8 AS oid, {1}::oid AS place, x.{2} AS owner, {4} AS turn
  FROM {0} x
 WHERE x.oid >= 16384 AND {3}
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{0}'::regclass AND d.objid = x.oid AND d.objsubid = 0
   AND d.deptype IN ('e', 'i'))
"""
FOUND = " UNION ALL ".join(ONE.format(kind, f"x.{place}" if place else "0", owner, rows, turn) for kind, place, owner, rows, turn in KINDS)
# Schemas that are wholly somebody else's, such as the host's own, are left alone.
THINGS = f"""
WITH found AS ({FOUND}), places AS (
  SELECT n.oid, pg_has_role(n.nspowner, 'USAGE')
         OR EXISTS (SELECT FROM found f WHERE f.place = n.oid AND pg_has_role(f.owner, 'USAGE')) AS ours
    FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
SELECT i.type, i.identity, pg_has_role(f.owner, 'USAGE') AS ours FROM found f LEFT JOIN places p ON p.oid = f.place,
       pg_identify_object(f.class::oid, f.oid::oid, 0) i
 WHERE CASE WHEN f.place = 0 THEN pg_has_role(f.owner, 'USAGE') ELSE p.ours END ORDER BY f.turn, f.oid
"""
SCHEMAS = """
SELECT n.nspname, pg_has_role(n.nspowner, 'USAGE') AND n.nspname <> 'public' AND n.oid >= 16384
       AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extnamespace = n.oid)
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e') AS goes
  FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1
"""
EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' AND extname <> ALL(%s)"
KINDS_OF_DEFAULTS = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS", "L": "LARGE OBJECTS"}
DEFAULTS = """
SELECT d.defaclobjtype::text, pg_get_userbyid(d.defaclrole), n.nspname, a.grantee = 0, coalesce(pg_get_userbyid(nullif(a.grantee, 0)), '')
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
 WHERE pg_has_role(d.defaclrole, 'USAGE') GROUP BY 1, 2, 3, 4, 5
"""
TO_ALL = {"f": "EXECUTE", "T": "USAGE"}
"""What PostgreSQL itself lets everybody do."""
PUBLIC = """
SELECT a.grantee = 0, coalesce(pg_get_userbyid(nullif(a.grantee, 0)), ''), a.privilege_type, a.first
  FROM pg_namespace n LEFT JOIN pg_init_privs i ON i.objoid = n.oid AND i.classoid = 'pg_namespace'::regclass AND i.objsubid = 0,
       LATERAL (SELECT true AS first, grantee, privilege_type FROM aclexplode(n.nspacl)
                UNION ALL SELECT false, grantee, privilege_type FROM aclexplode(i.initprivs)) a
 WHERE n.nspname = 'public' AND i.initprivs IS NOT NULL AND n.nspacl::text IS DISTINCT FROM i.initprivs::text
   AND pg_has_role(n.nspowner, 'USAGE') ORDER BY a.first DESC
"""


def foreign(connection: Connection) -> None:
    """NotAllowed when something in it belongs to somebody whose rights this role does not have."""
    with understood("looking whom what belongs to"):
        others = [f"{kind} {name}" for kind, name, ours in connection.execute(THINGS).fetchall() if not ours]
    if others:
        raise NotAllowed(
            f"this role may not remove {len(others)} of the things in the database: {', '.join(others[:5])}",
            "Use their owner, or a role that has been granted it.",
        )


def schemas(connection: Connection) -> list[str]:
    with understood("listing the schemas"):
        return [row[0] for row in connection.execute(SCHEMAS).fetchall()]


def emptied(connection: Connection, keep: set[str]) -> None:
    """In the transaction that it is in: all but the extensions C(keep), and what those consist of."""
    with understood("removing what there is"):
        for kind, identity, _ours in connection.execute(THINGS).fetchall():
            words = {"server": "SERVER", "foreign-data wrapper": "FOREIGN DATA WRAPPER"}.get(kind, kind.upper())
            connection.execute(f"DROP {words} IF EXISTS {identity} CASCADE".encode())
        _defaults(connection)
        for (name,) in connection.execute(EXTENSIONS, [sorted(keep)]).fetchall():
            connection.execute(sql.SQL("DROP EXTENSION IF EXISTS {} CASCADE").format(sql.Identifier(name)))
        for name, goes in connection.execute(SCHEMAS).fetchall():
            if goes:
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
        _public(connection)
        connection.execute("SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE pg_has_role(lomowner, 'USAGE')")


def _defaults(connection: Connection) -> None:
    """Rights of what will be made, as they are before anybody has changed them."""
    for kind, role, schema, everybody, grantee in connection.execute(DEFAULTS).fetchall():
        things = KINDS_OF_DEFAULTS[kind]
        parts: list[Any] = [sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {}").format(sql.Identifier(role))]
        if schema:
            parts.append(sql.SQL("IN SCHEMA {}").format(sql.Identifier(schema)))
        connection.execute(sql.SQL(" ").join([*parts, sql.SQL(f"REVOKE ALL ON {things} FROM"), _who(everybody, grantee)]))
        if schema is None:
            connection.execute(sql.SQL(" ").join([*parts, sql.SQL(f"GRANT ALL ON {things} TO"), sql.Identifier(role)]))
            if kind in TO_ALL:
                connection.execute(sql.SQL(" ").join([*parts, sql.SQL(f"GRANT {TO_ALL[kind]} ON {things} TO PUBLIC")]))


def _public(connection: Connection) -> None:
    """A dump says how the rights on it differ from those of a new database."""
    for everybody, grantee, privilege, first in connection.execute(PUBLIC).fetchall():
        words = "REVOKE ALL ON SCHEMA public FROM" if first else f"GRANT {privilege} ON SCHEMA public TO"
        connection.execute(sql.SQL(" ").join([sql.SQL(words), _who(everybody, grantee)]))


def _who(everybody: bool, role: str) -> Any:
    return sql.SQL("PUBLIC") if everybody else sql.Identifier(role)
