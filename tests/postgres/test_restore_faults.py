"""Whatever dies during a restore, the shop serves what it served, nothing runs on, and the same command converges."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster

# Loading stays where it is as long as there is a role called slow: whatever is killed then is killed in the middle.
SLOW = """
CREATE MATERIALIZED VIEW slow AS SELECT pg_sleep(CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = 'slow') THEN 600 ELSE 0 END)::text
"""
ACTS = 11
"""As many does a restore record, each before it happens; those of the swap alone are tried elsewhere as well."""
STEPS = range(1, ACTS + 1) if os.environ.get("LASTGOOD_EVERY_CRASH") else (1, 2, 3, ACTS)
LOADING = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'shop_restoring%' AND wait_event = 'PgSleep'"
ALONE = """
import json, sys
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from tests.postgres import shop
print(json.dumps(shop.run(RESTORE, **json.loads(sys.argv[1]))))
"""


def until(condition: Callable[[], Any], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


@contextmanager
def restoring(cluster: Cluster, destination: Path) -> Iterator[subprocess.Popen[str]]:
    """A restore in a process of its own, in the middle of loading."""
    cluster.run("CREATE ROLE slow")
    command = [sys.executable, "-c", ALONE]
    options = json.dumps({"url": cluster.url("shop"), "destination": str(destination), "jobs": 2})
    path = os.pathsep.join(sys.path)
    process = subprocess.Popen([*command, options], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
    try:
        until(lambda: cluster.rows(LOADING)[0][0], "loading")
        yield process
    finally:
        process.kill()
        process.communicate()


def loaders(destination: Path) -> list[psutil.Process]:
    """Programs that load what lies below it."""
    found = []
    for one in psutil.process_iter():
        try:
            if one.name() == "pg_restore" and str(destination) in " ".join(one.cmdline()) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def wrecked(newest: Cluster, tmp_path: Path) -> Cluster:
    """A shop that has lost its orders since its backup."""
    shop.build(newest, users=50, items=50)
    newest.run(SLOW, "shop")
    shop.done(BACKUP, url=newest.url("shop"), destination=str(tmp_path))
    newest.run('DELETE FROM "Order Items"', "shop")
    return newest


def items(cluster: Cluster) -> int:
    return int(cluster.rows('SELECT count(*) FROM "Order Items"', "shop")[0][0])


def converges(cluster: Cluster, destination: Path) -> None:
    """The shop has served what it served; the same command restores it, and nothing is left but the old one."""
    assert items(cluster) == 0
    cluster.run("DROP ROLE IF EXISTS slow")
    done = shop.done(RESTORE, url=cluster.url("shop"), destination=str(destination))
    assert items(cluster) == 50
    assert cluster.databases() == ["shop", done["kept"]]


def test_the_module_is_killed_and_so_is_all_it_started(wrecked: Cluster, tmp_path: Path) -> None:
    with restoring(wrecked, tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        until(lambda: not loaders(tmp_path), "pg_restore and its workers end")
        until(lambda: not wrecked.rows(LOADING)[0][0], "their queries end")
    converges(wrecked, tmp_path)


@pytest.mark.parametrize("which", ["leader", "worker"])
def test_pg_restore_is_killed(wrecked: Cluster, tmp_path: Path, which: str) -> None:
    with restoring(wrecked, tmp_path) as process:
        leader = next(one for one in loaders(tmp_path) if one.ppid() == process.pid)
        workers = leader.children()
        assert workers
        for one in [leader] if which == "leader" else workers:
            with suppress(psutil.NoSuchProcess):  # one that dies takes the others with it
                one.kill()
        told = process.communicate(timeout=60)[0]
        assert '"failed": true' in told, told
        until(lambda: not loaders(tmp_path), "pg_restore and its workers end")
        assert wrecked.databases() == ["shop"]
    converges(wrecked, tmp_path)


@pytest.mark.parametrize("how", ["killed", "told to shut down at once"])
def test_the_server_goes(wrecked: Cluster, tmp_path: Path, how: str) -> None:
    with restoring(wrecked, tmp_path) as process:
        if how == "killed":
            wrecked.kill()
        else:
            wrecked.stop("immediate")
        told = process.communicate(timeout=60)[0]
        wrecked.start()
        assert '"failed": true' in told, told
    converges(wrecked, tmp_path)


def test_a_second_one_is_told_who_is_at_it(wrecked: Cluster, tmp_path: Path) -> None:
    with restoring(wrecked, tmp_path):
        told = shop.run(RESTORE, url=wrecked.url("shop"), destination=str(tmp_path))
        assert (told["error"], "lastgood restore of shop" in told["msg"], told["changed"]) == ("Locked", True, False), told
    until(lambda: not loaders(tmp_path), "pg_restore and its workers end")
    converges(wrecked, tmp_path)


def test_writers_write_until_the_swap(wrecked: Cluster, tmp_path: Path) -> None:
    """A long transaction is rolled back and said to be; what others have committed is in the database that is kept."""
    done, written = threading.Event(), [0]

    def write() -> None:
        while not done.is_set():
            try:
                with wrecked.connect("shop") as connection:
                    while not done.is_set():
                        connection.execute("INSERT INTO audit.log VALUES (now(), 'written')")
                        written[0] += 1
            except psycopg.OperationalError:
                continue

    writer = threading.Thread(target=write)
    long = wrecked.connect("shop")
    long.execute("BEGIN")
    long.execute("INSERT INTO audit.log VALUES (now(), 'never')")
    writer.start()
    try:
        result = shop.done(RESTORE, url=wrecked.url("shop"), destination=str(tmp_path))
    finally:
        done.set()
        writer.join()
    with pytest.raises(psycopg.OperationalError):
        long.execute("COMMIT")
    long.close()
    count = "SELECT count(*) FROM audit.log WHERE what = 'written'"
    assert wrecked.rows(count, result["kept"])[0][0] + wrecked.rows(count, "shop")[0][0] == written[0]
    assert result["ended"] >= 1


def test_there_are_no_more_steps(wrecked: Cluster, tmp_path: Path) -> None:
    calls: list[str] = []
    options = shop.validated(RESTORE, {"url": wrecked.url("shop"), "destination": str(tmp_path)})
    outcome(RESTORE, options, Run(record=lambda event, **fields: calls.append(fields["path"]) if event == "call" else None))
    assert len(calls) == ACTS, calls


@pytest.mark.parametrize("step", STEPS)
def test_the_connections_are_lost_at_any_step(wrecked: Cluster, tmp_path: Path, step: int) -> None:
    calls: list[str] = []

    def record(event: str, **fields: Any) -> None:
        if event == "call":
            calls.append(fields["path"])
            if len(calls) == step:
                wrecked.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lastgood%'")

    options = shop.validated(RESTORE, {"url": wrecked.url("shop"), "destination": str(tmp_path)})
    told = outcome(RESTORE, options, Run(record=record))
    assert len(calls) >= step, "there are fewer steps than that"
    if told.get("failed"):
        assert told["error"] == "ConnectionLost", told
        assert len([name for name in wrecked.databases() if "restoring" in name]) <= 1
        converges(wrecked, tmp_path)
    else:
        assert items(wrecked) == 50
        assert not shop.done(RESTORE, url=wrecked.url("shop"), destination=str(tmp_path))["changed"]
    assert all(row[0] for row in wrecked.rows("SELECT datallowconn FROM pg_database WHERE datname !~ '^template'"))


def test_a_prepared_transaction_stops_it_before_anything_is_loaded(wrecked: Cluster, tmp_path: Path) -> None:
    with wrecked.connect("shop") as session:
        session.execute("BEGIN")
        session.execute("INSERT INTO audit.log VALUES (now(), 'x')")
        session.execute("PREPARE TRANSACTION 'half'")
    told = shop.run(RESTORE, url=wrecked.url("shop"), destination=str(tmp_path))
    assert (told["error"], told["changed"], wrecked.databases()) == ("InUse", False, ["shop"]), told


def test_an_owner_without_the_rights_is_told_before_anything_is_loaded(wrecked: Cluster, tmp_path: Path) -> None:
    wrecked.run("CREATE ROLE shop LOGIN;\nALTER DATABASE shop OWNER TO shop")
    told = shop.run(RESTORE, url=wrecked.url("shop", "shop"), destination=str(tmp_path))
    assert (told["error"], told["changed"], wrecked.databases()) == ("NotAllowed", False, ["shop"]), told


def test_a_password_is_never_shown_or_in_a_command_line(wrecked: Cluster, tmp_path: Path) -> None:
    wrecked.run("ALTER ROLE postgres PASSWORD 'sehr-geheim'")
    told: list[str] = []
    commands: list[str] = []

    def record(event: str, **fields: Any) -> None:
        told.append(str(fields))

    url = wrecked.url("shop", password="sehr-geheim")
    options = shop.validated(RESTORE, {"url": url, "source": str(tmp_path / "missing")})
    results = [outcome(RESTORE, options, Run(record=record, tell=told.append))]
    wrecked.run("CREATE ROLE slow")
    options = shop.validated(RESTORE, {"url": url, "destination": str(tmp_path)})
    thread = threading.Thread(target=lambda: results.append(outcome(RESTORE, options, Run(record=record, tell=told.append))))
    thread.start()
    until(lambda: wrecked.rows(LOADING)[0][0], "loading")
    commands += [" ".join(one.cmdline()) for one in loaders(tmp_path)]
    wrecked.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'shop_restoring%'")
    thread.join()
    assert commands
    assert results[1]["failed"]
    assert "sehr-geheim" not in f"{told} {results} {commands}"
