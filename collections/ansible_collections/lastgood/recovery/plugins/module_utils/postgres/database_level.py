# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to a database as such, and no dump of it restores: locale, owner, who may connect, settings, limit.

All of it hangs on the database and not on its name: a REVOKE CONNECT FROM PUBLIC would silently be gone after a swap.
"""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import databases
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.databases import Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

ROW = """
SELECT to_jsonb(d) || jsonb_build_object('encoding_name', pg_encoding_to_char(d.encoding), 'owner', pg_get_userbyid(d.datdba),
       'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = d.dattablespace), 'acl_set', d.datacl IS NOT NULL)
  FROM pg_database d WHERE d.datname = %s
"""
ACL = """
SELECT coalesce(r.rolname, '') AS grantee, a.grantee = 0 AS everybody, a.privilege_type AS privilege, a.is_grantable AS grantable
  FROM pg_database d, aclexplode(d.datacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE d.datname = %s ORDER BY 1, 3
"""
SETTINGS = """
SELECT coalesce(r.rolname, '') AS role, unnest(s.setconfig) AS setting FROM pg_db_role_setting s
  JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE d.datname = %s ORDER BY 1, 2
"""
LISTS = {"local_preload_libraries", "search_path", "session_preload_libraries", "temp_tablespaces"}
"""Settings that are lists of names: quoted as one, they would be one name."""
PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


def create_like(connection: Connection, name: str, live: str | None, manifest: dict[str, Any] | None) -> Any:
    """The statement for an empty database with the locale and place of C(live), else with those in the manifest."""
    parts = [sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))]
    if live is None:
        if manifest:
            given = {"ENCODING": manifest["encoding"], "LC_COLLATE": manifest["collate"], "LC_CTYPE": manifest["ctype"]}
            parts += [sql.SQL(word + " {}").format(sql.Literal(value)) for word, value in given.items()]
        return sql.SQL(" ").join(parts)
    row = _row(connection, live)
    given = {"ENCODING": row["encoding_name"], "LC_COLLATE": row["datcollate"], "LC_CTYPE": row["datctype"]}
    provider = PROVIDERS.get(row.get("datlocprovider", "c"), "libc")
    if provider != "libc":
        given["LOCALE_PROVIDER"] = provider
        given["ICU_LOCALE" if provider == "icu" else "BUILTIN_LOCALE"] = row.get("datlocale") or row.get("daticulocale")
    if row.get("daticurules"):
        given["ICU_RULES"] = row["daticurules"]
    parts += [sql.SQL(word + " {}").format(sql.Literal(value)) for word, value in given.items()]
    parts.append(sql.SQL("OWNER {}").format(sql.Identifier(row["owner"])))
    if row["tablespace"] != _row(connection, "template0")["tablespace"]:  # naming the usual one needs a right of its own
        parts.append(sql.SQL("TABLESPACE {}").format(sql.Identifier(row["tablespace"])))
    return sql.SQL(" ").join(parts)


def copy_access(connection: Connection, live: str, name: str) -> None:
    """Who may do what: before anything is loaded, so that it is never open to more people."""
    if not _row(connection, live)["acl_set"]:
        return
    owner = _row(connection, live)["owner"]
    this = sql.Identifier(name)
    with understood(f"copying the rights on {live}"), connection.transaction():
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(this, sql.Identifier(owner)))
        for grantee, everybody, privilege, grantable in connection.execute(ACL, [live]).fetchall():
            to = sql.SQL("PUBLIC") if everybody else sql.Identifier(grantee)
            grant = sql.SQL("GRANT {} ON DATABASE {} TO {}").format(sql.SQL(privilege), this, to)
            connection.execute(grant + sql.SQL(" WITH GRANT OPTION") if grantable and not everybody else grant)


def copy_settings(connection: Connection, live: str, name: str) -> list[str]:
    """Settings and limit: after loading, which they would disturb. The names of the settings."""
    row = _row(connection, live)
    with understood(f"copying the settings of {live}"), connection.transaction():
        found = connection.execute(SETTINGS, [live]).fetchall()
        for role, setting in found:
            connection.execute(_set(name, role, *setting.split("=", 1)))
        connection.execute(databases.alter(name, f"CONNECTION LIMIT {int(row['datconnlimit'])}"))
        if row["datistemplate"]:
            connection.execute(databases.alter(name, "IS_TEMPLATE true"))
    return [setting.split("=", 1)[0] for _role, setting in found]


def _set(name: str, role: str, setting: str, value: str) -> Any:
    where = sql.SQL("ALTER DATABASE {}").format(sql.Identifier(name))
    if role:
        where = sql.SQL("ALTER ROLE {} IN DATABASE {}").format(sql.Identifier(role), sql.Identifier(name))
    values = [value]
    if setting in LISTS:
        values = [one[1:-1].replace('""', '"') if one.startswith('"') else one for one in re.findall(r'"(?:[^"]|"")*"|[^,\s]+', value)]
    # A setting of an extension has a point in its name.
    words = sql.Identifier(*setting.split("."))
    return sql.SQL("{} SET {} TO {}").format(where, words, sql.SQL(", ").join(map(sql.Literal, values or [""])))


def _row(connection: Connection, name: str) -> dict[str, Any]:
    with understood(f"reading what belongs to {name} as such"):
        found: dict[str, Any] = connection.execute(ROW, [name]).fetchone()[0]
    return found
