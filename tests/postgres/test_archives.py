"""Archives that pg_restore takes, and exits 0: with tables or rows missing, or cut off where nobody can see it. Ours are refused."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster

NUMBER = rb"[\x00\x01].{4}"
TEXT = rb"\x00.\x00\x00\x00"
"""How a number, and the length of a text, are written in an archive."""
VERSIONS = re.compile(rb"(?s)\x00.\x00\x00\x00[\d.]+[^\x00]*\x00.\x00\x00\x00[\d.]+[^\x00]*(?=\x00)")
WITH_DATA = re.compile(
    rb"(?s)(" + NUMBER + rb")\x00\x01\x00\x00\x00(?=" + TEXT + rb"\d+" + TEXT + rb"\d+" + TEXT + rb"[\w ]+" + TEXT + rb"TABLE DATA\x00)"
)


def fewer_entries(content: bytes) -> bytes:
    """The table of contents ends before the indexes."""
    found = VERSIONS.search(content)
    assert found
    return content[: found.end() + 1] + bytes([content[found.end() + 1] - 9]) + content[found.end() + 2 :]


def no_rows(content: bytes) -> bytes:
    """An entry of rows says that it has none."""
    return WITH_DATA.sub(lambda found: found.group(1) + bytes(5), content, count=1)


def another_section(content: bytes) -> bytes:
    """An index belongs to no part of a restore."""
    return content.replace(b"INDEX\x00\x04", b"INDEX\x00\x05", 1)


@pytest.mark.parametrize("form", ["custom", "directory", "tar"])
def test_less_than_was_dumped(cluster: Cluster, tmp_path: Path, form: str) -> None:
    shop.build(cluster, users=20, items=20)
    path = shop.dumped(cluster, "shop", tmp_path, form)
    table = path / "toc.dat" if form == "directory" else path
    whole, before = table.read_bytes(), shop.seen(cluster)
    for harm in (fewer_entries, no_rows, another_section):
        table.write_bytes(harm(whole))
        assert table.read_bytes() != whole
        cluster.run("CREATE DATABASE stock")
        cluster.program("pg_restore", "-e", "-d", "stock", str(path))
        assert shop.seen(cluster, "stock") != before, "PostgreSQL's own program takes it and exits 0, but nothing is missing"
        cluster.run("DROP DATABASE stock")
        told = shop.run(RESTORE, url=cluster.url("shop"), source=str(path))
        assert (told["error"], told["changed"], cluster.databases()) == ("BadBackup", False, ["shop"]), told
        assert shop.seen(cluster) == before


@pytest.mark.parametrize("what", ["large objects", "INSERTs"])
def test_files_of_which_nobody_can_tell_whether_they_are_cut_off(newest: Cluster, tmp_path: Path, what: str) -> None:
    shop.build(newest, users=20, items=20)
    newest.run("SELECT lo_from_bytea(4711, 'a large object')", "shop")
    options = ["-Z0"] if what == "large objects" else ["-Z0", "--inserts", "-B"]
    newest.program("pg_dump", "-d", "shop", "-Fd", *options, "-f", str(tmp_path / "dump"))
    told = shop.run(RESTORE, url=newest.url("shop"), source=str(tmp_path / "dump"))
    assert (told["error"], "nobody can tell" in told["msg"], newest.databases()) == ("BadBackup", True, ["shop"]), told
    for file in (tmp_path / "dump").glob("*.dat"):
        if file.name != "toc.dat":
            file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()
    assert shop.done(RESTORE, url=newest.url("shop"), source=str(tmp_path / "dump"))["changed"]
