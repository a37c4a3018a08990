"""When a dump was taken that has no manifest: what it says itself counts, its file's time only where it says nothing."""

from __future__ import annotations

import io
import os
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import dump_date, sql_text
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.dump_file import PLAIN, DumpFile, kind
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster

LATER = 86400 * 3


@pytest.fixture(params=["America/New_York", "Asia/Kathmandu"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of this machine, for the dump and for who reads it."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("form", ["-Fc", "-Fd", "-Ft", "-Fp"])
def test_it_says_so_itself(cluster: Cluster, tmp_path: Path, zone: str, form: str) -> None:
    """pg_restore, which reads the header too, is the judge; a copy that was made days later changes nothing."""
    file = tmp_path / "dump"
    before = int(time.time())
    cluster.program("pg_dump", "-d", "postgres", form, *(["--verbose"] if form == "-Fp" else []), "-f", str(file))
    after = time.time()
    os.utime(file, (after + LATER, after + LATER))
    dump = DumpFile(file, kind(file))
    started = sql_text.contents(io.BytesIO(file.read_bytes()).read).started if form == "-Fp" else ""
    at, by = dump_date.of(dump, started, file)
    assert by == (dump_date.COMMENT if form == "-Fp" else dump_date.HEADER)
    assert before <= at.timestamp() <= after
    if form != "-Fp":
        listed = subprocess.run([cluster.bin / "pg_restore", "-l", str(file)], capture_output=True, text=True, check=True).stdout
        shown = re.search(r"Archive created at (\S+ \S+)", listed)
        assert shown
        assert datetime.fromisoformat(shown.group(1)).astimezone(UTC) == at


@pytest.mark.parametrize("started", ["", "2026-11-22 02:30:00 XST", "2026-11-22", "2026-13-45 02:30:00 UTC", "9999-01-01 00:00:00 UTC"])
def test_what_nobody_can_tell_is_left_to_the_file(tmp_path: Path, started: str) -> None:
    """A date after the file's own is none: what it holds cannot be younger."""
    (tmp_path / "dump").write_text("--\n")
    os.utime(tmp_path / "dump", (1_900_000_000, 1_900_000_000))
    found = dump_date.of(DumpFile(tmp_path / "dump", PLAIN), started, tmp_path / "dump")
    assert found == (datetime.fromtimestamp(1_900_000_000, UTC), dump_date.FILE)


def test_a_numbered_zone(tmp_path: Path) -> None:
    (tmp_path / "dump").write_text("--\n")
    os.utime(tmp_path / "dump", (1_900_000_000, 1_900_000_000))
    for text in ("2026-11-22 02:30:00 +0545", "2026-11-22 02:30:00 +05:45"):
        assert dump_date.of(DumpFile(tmp_path / "dump", PLAIN), text, tmp_path / "dump")[0] == datetime(2026, 11, 21, 20, 45, tzinfo=UTC)


def test_a_dump_from_before_the_moment_that_was_copied_after_it(newest: Cluster, tmp_path: Path) -> None:
    shop.build(newest, users=5, items=5)
    seen = shop.seen(newest)
    file = shop.dumped(newest, "shop", tmp_path, "custom.gz")
    good_at = datetime.fromtimestamp(time.time() + 1, UTC).isoformat()
    os.utime(file, (time.time() + LATER, time.time() + LATER))
    newest.run('DELETE FROM "Order Items"', "shop")
    told = shop.run(RESTORE, url=newest.url("shop"), source=str(file), good_at="2026-01-01T00:00Z")
    assert (told["error"], dump_date.HEADER in told["msg"]) == ("Refused", True), told
    done = shop.done(RESTORE, url=newest.url("shop"), source=str(file), good_at=good_at)
    assert done["source"]["dated_by"] == dump_date.HEADER
    assert shop.seen(newest) == seen
