# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server as one role reaches it: connections, the environment of its client programs, and its errors in our words."""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

ARGUMENTS: dict[str, Any] = {
    "url": {"type": "str", "no_log": True, "fallback": (env_fallback, ["DATABASE_URL"])},
    "login_host": {"type": "str", "aliases": ["host"]},
    "login_port": {"type": "int", "aliases": ["port"]},
    "login_user": {"type": "str", "aliases": ["user"]},
    "login_password": {"type": "str", "no_log": True},
    "login_db": {"type": "str", "aliases": ["db"]},
    "ssl_mode": {"type": "str", "choices": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]},
    "ca_cert": {"type": "path"},
    "maintenance_db": {"type": "str", "default": "postgres"},
}
PARTS = {
    "login_host": "host",
    "login_port": "port",
    "login_user": "user",
    "login_password": "password",
    "login_db": "dbname",
    "ssl_mode": "sslmode",
    "ca_cert": "sslrootcert",
}
LIVELY = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""A connection that died is noticed within half a minute; seconds, and milliseconds for the last."""
ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
}


class Server:
    """Reached by C(url), or by the C(login_) options, which win over the parts of C(url)."""

    def __init__(self, options: dict[str, Any]) -> None:
        given = {part: options[name] for name, part in PARTS.items() if options[name] is not None}
        url, self.parameters = _apart(options["url"] or "")
        try:
            known = psycopg.conninfo.conninfo_to_dict(url, **given)
        except psycopg.ProgrammingError:  # its words may quote the password
            raise errors.Refused("url is no address of a database", "Write postgresql://role@host:5432/database.") from None
        self.database = str(known.pop("dbname", "") or known.get("user", ""))
        self.maintenance_database = options["maintenance_db"]
        self.known = {name: str(value) for name, value in known.items()}
        if not self.database:
            raise errors.Refused("no database is named", "Give url or login_db, or set DATABASE_URL in the environment.")

    def connect(self, database: str | None = None, **settings: Any) -> psycopg.Connection[Any]:
        """A connection that commits each statement, to the database itself unless another is named; a server that is not there raises."""
        with understood(f"connecting to {database or self.database}"):
            return psycopg.connect(**{**LIVELY, **self.known, "dbname": database or self.database, **settings}, autocommit=True)

    def environment(self) -> dict[str, str]:
        """For the client programs: a password in their arguments could be read by everybody on the machine."""
        return {ENVIRONMENT[name]: value for name, value in self.known.items() if name in ENVIRONMENT} | {"PGCONNECT_TIMEOUT": "10"}

    @cached_property
    def major(self) -> int:
        """The server's major version, such as 15."""
        with self.connect(self.maintenance_database) as connection:
            return connection.info.server_version // 10000

    @cached_property
    def identity(self) -> dict[str, str]:
        """What tells this server from every other one: its system identifier, and where it is."""
        with self.connect(self.maintenance_database) as connection, understood("asking the server who it is"):
            row = connection.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()
        return {"system_identifier": row[0] if row else "", "host": self.known.get("host", ""), "port": self.known.get("port", "")}


def _apart(url: str) -> tuple[str, dict[str, str]]:
    """The address as libpq takes it, and the parameters that only others know, such as Prisma's C(schema)."""
    if "://" not in url:
        return url, {}
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    address, _mark, query = url.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    ours = "&".join("".join(pair) for pair in pairs if pair[0] in known)
    return address + (f"?{ours}" if ours else ""), {name: unquote(value) for name, _is, value in pairs if name not in known}


@contextmanager
def understood(doing: str) -> Iterator[None]:
    """Errors of the database as errors of ours; C(doing) says in a few words what was being done."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise errors.NotAllowed(f"{doing}: {said(error)}", "Use a role that may, or let its owner grant the right.") from None
    except (psycopg.errors.ObjectInUse, psycopg.errors.LockNotAvailable) as error:
        raise errors.InUse(f"{doing}: {said(error)}", "See who uses it with postgres_activity, then run the same command again.") from None
    except psycopg.OperationalError as error:
        raise errors.ConnectionLost(
            f"{doing}: {said(error)}",
            "Look whether the server runs and can be reached, then run the same command again.",
        ) from None
    except psycopg.Error as error:
        raise errors.DatabaseError(f"{doing}: {said(error)}", "Look at the server's log.") from None


def said(error: Exception) -> str:
    """The server's own words on one line, without anything that a connection string may hold, and without values of rows."""
    text = " ".join(str(error).split())
    text = re.sub(r"\)=\(.*?\)(?= |$)", ")=(…)", text)  # Key (email)=(…) already exists
    text = re.sub(r"Failing row contains \(.*\)\.?", "Failing row: …", text)
    text = re.sub(r"(invalid (?:input|byte)[^:]*: )\".*?\"(?= |$)", r"\1…", text)
    text = re.sub(r"((?:line \d+|column \S+): )\".*?\"(?= |$)", r"\1…", text)  # COPY users, line 7, column email: …
    return re.sub(r"(password|sslpassword)=\S+", r"\1=********", text)
