# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemas of a database, what we wrote in their comments, and taking each other's names in one transaction."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotAllowed, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import BESIDE, KEPT, Connection, as_comment, mark_in
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = library("psycopg")
    sql = library("psycopg.sql")

ALL = """
SELECT n.nspname AS name, n.oid::int8 AS oid, pg_has_role(n.nspowner, 'USAGE') AS ours, obj_description(n.oid, 'pg_namespace') AS comment,
       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND pg_has_role(c.relowner, 'USAGE')) AS written,
       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND NOT EXISTS (
         SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) AS used,
       EXISTS (SELECT FROM pg_extension e WHERE e.extnamespace = n.oid)
         OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e') AS extended
  FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1
"""
EXTENSIONS = """
SELECT e.extname AS name, n.nspname AS schema, e.extrelocatable AS movable, pg_has_role(e.extowner, 'USAGE') AS ours
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname <> 'pg_catalog' ORDER BY 1
"""
PUBLICATIONS = """
SELECT DISTINCT pubname FROM pg_publication_tables JOIN pg_publication USING (pubname) WHERE schemaname = ANY(%s) AND NOT puballtables
"""
# What a rule belongs to is a view; most other things are in a schema themselves.
POINTING = """
SELECT DISTINCT o.identity, r.identity FROM pg_depend d LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
  LEFT JOIN pg_class v ON v.oid = w.ev_class, pg_identify_object(d.classid, d.objid, 0) o, pg_identify_object(d.refclassid, d.refobjid, 0) r
 WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype = 'n' AND r.schema = ANY(%(inside)s)
   AND coalesce(o.schema, v.relnamespace::regnamespace::text) <> ALL(%(inside)s)
   AND coalesce(o.schema, v.relnamespace::regnamespace::text) <> ALL(%(kept)s)
"""
MAY = "SELECT has_database_privilege(current_database(), 'CREATE')"
RESTORING = re.compile(r".*_restoring_\d{8}_\d{6}")


@dataclass(frozen=True)
class Schema:
    name: str
    oid: int
    ours: bool
    comment: str | None
    written: bool
    """Whether something in it is ours."""
    used: bool
    """Whether there are tables, views or sequences in it that belong to no extension."""
    extended: bool
    """Whether an extension lives in it."""

    @property
    def mark(self) -> dict[str, Any]:
        return mark_in(self.comment)

    @property
    def served(self) -> bool:
        """Whether applications may use it: it is not for an extension alone, and not what we keep."""
        return (self.used or not self.extended) and self.mark.get("is") not in (KEPT, BESIDE)

    @property
    def left(self) -> bool:
        """By a run of ours that was killed."""
        return self.mark.get("is") == BESIDE or bool(RESTORING.fullmatch(self.name) and self.comment is None and not self.used)


@dataclass(frozen=True)
class Pair:
    """C(fresh) becomes C(name), and what was C(name) becomes C(kept); None where there is none."""

    name: str
    fresh: str | None
    kept: str | None


def everything(connection: Connection) -> dict[str, Schema]:
    """All schemas by name, without the server's own."""
    with understood("listing the schemas"), connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return {row["name"]: Schema(**row) for row in cursor.execute(ALL).fetchall()}


def extensions(connection: Connection) -> dict[str, dict[str, Any]]:
    """Those that live in a schema that may be renamed, by name."""
    with understood("listing the extensions"), connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return {row["name"]: row for row in cursor.execute(EXTENSIONS).fetchall()}


def possible(connection: Connection, names: list[str]) -> None:
    """NotAllowed or Refused when these schemas cannot be given other names, and others theirs."""
    found = everything(connection)
    kept = [one.name for one in found.values() if one.mark.get("is") in (KEPT, BESIDE)]
    with understood("looking whether the schemas can be swapped"):
        if not connection.execute(MAY).fetchone()[0]:
            raise NotAllowed("this role may not make schemas in the database", "Grant it CREATE on the database, or use its owner.")
        published = [row[0] for row in connection.execute(PUBLICATIONS, [names]).fetchall()]
        pointing = connection.execute(POINTING, {"inside": names, "kept": kept}).fetchall()
    others = [name for name in names if name in found and not found[name].ours]
    if others:
        raise NotAllowed(
            f"the schema {others[0]} belongs to somebody else, and has things of this role in it",
            "Use its owner, or a role that has been granted it.",
        )
    if published:
        raise Refused(
            f"the publications {', '.join(published)} would go with the old tables: what reads them would see nothing new",
            "Drop them, and make them anew afterwards.",
        )
    if pointing:
        shown = "; ".join(f"{one} uses {other}" for one, other in pointing[:3])
        raise Refused(f"what is elsewhere would go on to use the old schema: {shown}", "Drop it, and make it anew afterwards.")
    for name, one in extensions(connection).items():
        if one["schema"] in names and not (one["movable"] and one["ours"]):
            why = "cannot be moved out of" if not one["movable"] else "belongs to somebody else, and is in"
            raise Refused(f"the extension {name} {why} the schema {one['schema']}", "Restore on a new database instead, and repoint to it.")


def rename(connection: Connection, pairs: list[Pair]) -> None:
    """In the transaction that it is in. Extensions stay in the schema of that name."""
    moving = extensions(connection)
    with understood("renaming the schemas"):
        for pair in pairs:
            if pair.kept:
                connection.execute(_rename(pair.name, pair.kept))
        for pair in pairs:
            if pair.fresh:
                connection.execute(_rename(pair.fresh, pair.name))
        for pair in pairs:
            for name, one in moving.items():
                if one["schema"] == pair.name and pair.kept and pair.fresh:
                    words = sql.SQL("ALTER EXTENSION {} SET SCHEMA {}")
                    connection.execute(words.format(sql.Identifier(name), sql.Identifier(pair.name)))


def commented(name: str, comment: str | None) -> Any:
    return sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(name), sql.Literal(comment))


def marked(name: str, mark: dict[str, Any]) -> Any:
    return commented(name, as_comment(mark))


def drop(name: str) -> Any:
    return sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name))


def _rename(name: str, to: str) -> Any:
    return sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to))
