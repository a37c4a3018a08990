"""Any moment between two commits, through Debian's own pgBackRest: reached exactly, or refused with the moment that can be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import pgbackrest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_info import INFO
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.operation import PERFORM

from tests.postgres import shop
from tests.postgres.clusters import Cluster, Missing
from tests.postgres.pgbackrest_cluster import PROGRAM, STANZA, Archived, archived
from tests.postgres.test_restore_faults import ALONE, until

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbackrest is not installed")
WRITTEN = "SELECT count(*) FILTER (WHERE what = 'before'), count(*) FILTER (WHERE what = 'after') FROM audit.log"
WAITING = "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"
every_crash = pytest.mark.skipif(not os.environ.get("LASTGOOD_EVERY_CRASH"), reason="takes long; LASTGOOD_EVERY_CRASH=1 runs it")


@dataclass
class Story:
    """A shop that was backed up, served on, and was wrecked just after C(good)."""

    server: Archived
    early: datetime
    """Before there was a backup."""
    backed_up: datetime
    good: datetime
    seen: dict[str, Any]
    """What an observer saw at C(good)."""

    def run(self, good_at: datetime | str, **more: Any) -> dict[str, Any]:
        return shop.run(RESTORE, **self.server.options(good_at, **more))

    def refused(self, good_at: datetime | str, **more: Any) -> dict[str, Any]:
        """The result of one that has to fail without a trace."""
        cluster = self.server.cluster
        before = (cluster.databases(), cluster.rows(WRITTEN, "shop"))
        result = self.run(good_at, **more)
        assert (result["failed"], result["changed"]) == (True, False), result
        assert "nothing was changed" in result["msg"]
        assert (cluster.databases(), cluster.rows(WRITTEN, "shop")) == before
        assert not left(self.server)
        return result


def servers(server: Archived) -> list[psutil.Process]:
    """Those over a copy of the cluster."""
    found = []
    for one in psutil.process_iter():
        try:
            if one.name() == "postgres" and f"{server.scratch}/" in " ".join(one.cmdline()):
                found.append(one)
        except psutil.Error:
            continue
    return found


def left(server: Archived) -> list[Any]:
    """What a restore may not leave: files, and servers of its own."""
    return [*server.scratch.iterdir(), *servers(server)]


@contextmanager
def told_story() -> Iterator[Story]:
    """C(before) is there at C(good), C(after) later. One transaction was in progress then, with a lock on a table; it is committed."""
    try:
        with archived() as server:
            cluster = server.cluster
            early = server.now()
            shop.build(cluster, users=30, items=60)
            cluster.run("CREATE DATABASE other")
            cluster.run("CREATE UNLOGGED TABLE visits (id int PRIMARY KEY);\nINSERT INTO visits VALUES (1)", "shop")
            backed_up = server.backup()
            cluster.run("INSERT INTO audit.log SELECT now(), 'before' FROM generate_series(1, 5)", "shop")
            seen = shop.seen(cluster)
            with cluster.connect("shop") as long:
                long.execute("BEGIN")
                long.execute("INSERT INTO audit.log VALUES (now(), 'after')")
                long.execute("ALTER TABLE empty ADD COLUMN made_by_migration int")
                good = server.now()
                cluster.run("INSERT INTO audit.log SELECT now(), 'after' FROM generate_series(1, 2);\nDELETE FROM \"Order Items\"", "shop")
                long.execute("COMMIT")
            yield Story(server, early, backed_up, good, seen)
    except Missing as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """One for the tests that leave it as it is, and for the last of them, which restores it."""
    with told_story() as story:
        yield story


@pytest.fixture
def own_story() -> Iterator[Story]:
    with told_story() as story:
        yield story


def without_unlogged(seen: dict[str, Any]) -> dict[str, Any]:
    """A crash or a restore empties it."""
    return {name: value for name, value in seen.items() if name != "public.visits"}


def test_what_cannot_be_is_refused_before_anything_is_fetched(story: Story, tmp_path: Path) -> None:
    earliest = story.refused(story.early)
    assert "begins at" in earliest["msg"]
    assert datetime.fromisoformat(earliest["reachable"]["from"]) == story.backed_up
    started = json.loads(story.server.pgbackrest("info", "--output=json"))[0]["backup"][0]["timestamp"]["start"]
    assert "lies inside the backup" in story.refused(datetime.fromtimestamp(started, UTC) + timedelta(milliseconds=1))["msg"]
    assert "lies ahead" in story.refused(story.server.now() + timedelta(hours=1))["msg"]
    assert "no stanza nobody: missing stanza path; there are: demo" in story.refused(story.good, pgbackrest_stanza="nobody")["msg"]
    assert "nothing can be written" in story.refused(story.good, scratch=str(tmp_path / "missing"))["msg"]
    assert "pgbackrest does not tell" in story.refused(story.good, pgbackrest_config=str(tmp_path / "missing"))["msg"]
    assert "not restored with mode in_place" in story.refused(story.good, mode="in_place", emergency_backup=str(tmp_path))["msg"]
    assert "that is more than 0.0 s" in story.refused(story.good, max_loss=0.01)["msg"]


def test_without_the_program(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgbackrest, "PLACES", "/nowhere")
    assert "there is no pgbackrest on this machine" in story.refused(story.good)["msg"]


def test_without_room(story: Story, tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(tmp_path)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk: {mounted.stderr.strip()}")
    try:
        assert "has 21.0 MB left" in story.refused(story.good, scratch=str(tmp_path))["msg"]
        assert not list(tmp_path.iterdir())
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_another_servers_stanza(story: Story, server_15: Cluster) -> None:
    """Nothing of it is restored into this one."""
    before = server_15.databases()
    told = story.run(story.good, url=server_15.url("shop"))
    assert "is not of this server" in told["msg"], told
    assert (told["changed"], server_15.databases(), left(story.server)) == (False, before, [])


def test_an_archive_that_ends_too_early_says_how_far_it_reaches(story: Story) -> None:
    """Archiving stands still, so that what is newer than the last archived segment is out of reach."""
    cluster = story.server.cluster
    cluster.run("CREATE TABLE later (id int);\nSELECT pg_switch_wal();\nINSERT INTO later VALUES (1)", "other")
    until(lambda: cluster.rows(WAITING, "other") == [(0,)], "the segment is archived")
    story.server.stalled.touch()
    try:
        lines: list[str] = []
        options = story.server.options(story.server.now())
        told = shop.run(RESTORE, told=lines, **options)
        assert (told["error"], told["changed"]) == ("Refused", False), told
        assert "nothing after 0000" in told["msg"]
        assert "pg_switch_wal" in told["hint"]
        assert any("archiving" in line and "fails" in line for line in lines), lines
        reachable = datetime.fromisoformat(told["reachable"]["to"])
        assert story.good < reachable < story.server.now()
        assert not left(story.server)
    finally:
        story.server.stalled.unlink()
        cluster.run("DROP TABLE later;\nSELECT pg_switch_wal()", "other")  # a new segment wakes the archiver
        until(lambda: cluster.rows(WAITING, "other") == [(0,)], "all segments are archived")


def test_exactly_between_two_commits(story: Story) -> None:
    server, cluster = story.server, story.server.cluster
    before = without_unlogged(shop.seen(cluster))
    archive = server.segments()
    told = shop.run(RESTORE, check=True, **server.options(story.good))
    assert told["changed"], told
    point = told["source"]["point_in_time"]
    assert (point["stanza"], point["target"], point["reached"]) == (STANZA, told["source"]["taken_at"], None)
    assert point["set"].endswith("F")
    assert (told["loss"]["rows"], cluster.databases(), server.segments()) == (None, ["other", "shop"], archive)
    assert 0 < told["loss"]["seconds"] < 600
    assert not left(server)

    lines: list[str] = []
    done = shop.run(RESTORE, told=lines, **server.options(story.good))
    assert not done.get("failed"), (done, lines)
    assert without_unlogged(shop.seen(cluster)) == without_unlogged(story.seen)
    assert cluster.rows(WRITTEN, "shop") == [(5, 0)]
    assert without_unlogged(shop.seen(cluster, done["kept"])) == before
    # The transaction that was in progress is counted too: its number is older than the moment, and its commit is not.
    assert done["loss"]["tables"]["audit.log"] == {"written": 3, "changed_or_deleted": 0}, done["loss"]
    assert done["loss"]["tables"]['public.Order Items'] == {"written": 0, "changed_or_deleted": 60}
    point = done["source"]["point_in_time"]
    assert (story.good - timedelta(seconds=60)).isoformat() < point["reached"].replace("Z", "+00:00") <= story.good.isoformat()
    assert not left(server)
    assert not [path for path in server.segments() if not path.name.startswith("00000001")], "a timeline of the copy was archived"

    again = shop.run(RESTORE, **server.options(story.good))
    assert (again["changed"], cluster.databases()) == (False, ["other", "shop", done["kept"]]), again


@every_crash
def test_a_gap_in_the_archive_is_named_and_what_comes_before_it_can_be_reached(own_story: Story) -> None:
    server, cluster = own_story.server, own_story.server.cluster
    names = []
    for number in range(3):
        cluster.run(f"CREATE TABLE step_{number} (id int);\nINSERT INTO step_{number} VALUES (1)", "shop")
        names.append(cluster.rows("SELECT pg_walfile_name(pg_switch_wal())")[0][0])
    until(lambda: any(path.name.startswith(names[2]) for path in server.segments()), "the segments are archived")
    next(path for path in server.segments() if path.name.startswith(names[1])).unlink()
    told = own_story.refused(server.now())
    assert f"the segment after {names[0]} is missing, although {names[2][:-1]}" in told["msg"], told
    done = own_story.run(told["reachable"]["to"])
    assert done["changed"], done
    assert not done.get("failed"), done
    assert not left(server)


@every_crash
def test_a_name_that_another_database_had(own_story: Story) -> None:
    """After a swap the name is that of a database that pgBackRest left empty, or did not know: then all is restored."""
    server, cluster = own_story.server, own_story.server.cluster
    first = shop.done(RESTORE, **server.options(own_story.good))
    cluster.run("INSERT INTO audit.log VALUES (now(), 'again')", "shop")
    seen, good = shop.seen(cluster), server.now()
    cluster.run("DROP TABLE audit.log", "shop")
    lines: list[str] = []
    second = shop.run(RESTORE, told=lines, **server.options(good))
    assert not second.get("failed"), second
    assert any("was another database" in line for line in lines), lines
    assert without_unlogged(shop.seen(cluster)) == without_unlogged(seen)
    assert first["kept"] in cluster.databases()
    assert not left(server)


@every_crash
def test_a_moment_is_kept_as_a_backup_when_a_destination_is_given(own_story: Story, tmp_path: Path) -> None:
    server = own_story.server
    done = shop.done(RESTORE, **server.options(own_story.good, destination=str(tmp_path)))
    backups = shop.done(INFO, destination=str(tmp_path), verify=True)["backups"]
    assert [(one["state"], one["taken_at"]) for one in backups] == [("whole", own_story.good.isoformat().replace("+00:00", "Z"))]
    manifest = f"{backups[0]['path']}/manifest.json"
    ledger = str(tmp_path / "ledger.jsonl")
    shop.done(PERFORM, url=server.url, from_db=done["kept"], manifest=manifest, ledger=ledger, keyless=["audit.log"])
    assert server.cluster.rows(WRITTEN, "shop") == [(5, 3)]


@every_crash
def test_a_database_that_was_dropped(own_story: Story) -> None:
    cluster = own_story.server.cluster
    cluster.run("DROP DATABASE shop WITH (FORCE)")
    done = shop.done(RESTORE, **own_story.server.options(own_story.good))
    assert done["loss"] is None
    assert without_unlogged(shop.seen(cluster)) == without_unlogged(own_story.seen)
    assert cluster.databases() == ["other", "shop"]
    assert not left(own_story.server)


@every_crash
def test_two_at_once_and_a_kill(own_story: Story) -> None:
    server, cluster = own_story.server, own_story.server.cluster
    options = json.dumps(server.options(own_story.good))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", ALONE, options], stdout=subprocess.PIPE, text=True, env=environment)
    until(lambda: servers(server), "the copy is started")
    copy = servers(server)[0]
    copy.suspend()
    try:
        second = own_story.run(own_story.good)
        assert (second["error"], "lastgood restore of shop" in second["msg"], second["changed"]) == ("Locked", True, False), second
        process.kill()
        process.communicate()
    finally:
        copy.resume()
    until(lambda: not servers(server), "the copy ends with the module that started it")
    for directory in server.scratch.iterdir():
        os.utime(directory, (0, 0))  # younger ones may be somebody's who has not locked it yet
    assert cluster.databases() == ["other", "shop"]
    shop.done(RESTORE, **server.options(own_story.good))
    assert cluster.rows(WRITTEN, "shop") == [(5, 0)]
    assert not left(server)
