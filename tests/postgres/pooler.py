"""Debian's own PgBouncer before the shop, in transaction mode."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from sandbox.addresses import HOST
from sandbox.postgres import _identity
from sandbox.testing import free_ports
from tests.postgres.clusters import Cluster

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@contextmanager
def before(cluster: Cluster) -> Iterator[int]:
    """Its port; `admin` may administer it, nobody has a password."""
    port = free_ports()
    settings = cluster.home / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\nshop = host={HOST} port={cluster.port} dbname=shop user=postgres\n[pgbouncer]\nlisten_addr = {HOST}\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\nadmin_users = admin\npool_mode = transaction\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    with Path(cluster.home / "pgbouncer.log").open("w") as log:
        process = subprocess.Popen([str(PROGRAM), str(settings)], stdout=log, stderr=log, cwd="/", **_identity())
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(f"postgresql://admin@{HOST}:{port}/pgbouncer", autocommit=True).close()
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (cluster.home / "pgbouncer.log").read_text()
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)
