"""What is no dump, or not all of one: refused, with the live database untouched and nothing left behind. See also test_corpus.py."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import backups
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.postgres import shop
from tests.postgres.clusters import Cluster

FORMS = ["plain", "directory"]


@dataclass
class Judge:
    """A live shop that differs from what the dumps hold, and what an observer saw of both."""

    cluster: Cluster
    dumped: dict[str, Any]
    live: dict[str, Any]

    def tried(self, source: Path, **options: Any) -> str:
        """C(restored), and then completely; or the kind of error, and then nothing has changed."""
        told = shop.run(RESTORE, url=self.cluster.url("shop"), source=str(source), **options)
        now = shop.seen(self.cluster)
        if not told.get("failed"):
            assert now == self.dumped, f"restored {source.name}, but not what was dumped: {told['summary']}"
            self.cluster.run("DROP DATABASE shop")
            self.cluster.run(f'ALTER DATABASE "{told["kept"]}" RENAME TO shop')
            return "restored"
        assert now == self.live, told
        assert self.cluster.databases() == ["shop"], told
        return str(told["error"])


@pytest.fixture(scope="module")
def judging(server_18: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Judge, Path]]:
    """The judge, and a directory with the shop in every form, and C(backup), one of ours."""
    directory = tmp_path_factory.mktemp("dumps")
    server_18.clear()
    shop.build(server_18, users=60, items=80)
    dumped = shop.seen(server_18)
    for form in FORMS:
        (directory / form).mkdir()
        shop.dumped(server_18, "shop", directory / form, form)
    made = shop.done(BACKUP, url=server_18.url("shop"), destination=str(directory / "made"))
    shutil.copytree(made["backup"]["path"], directory / "ours")
    server_18.run("INSERT INTO users (email) VALUES ('late')", "shop")
    yield Judge(server_18, dumped, shop.seen(server_18)), directory
    server_18.clear()


def test_a_directory_with_any_file_cut_or_gone(judging: tuple[Judge, Path], tmp_path: Path) -> None:
    judge, directory = judging
    for number, name in enumerate(sorted(path.name for path in (directory / "directory" / "backup").iterdir())):
        for harm in ("gone", "half", "empty"):
            copy = tmp_path / f"{number}-{harm}"
            shutil.copytree(directory / "directory" / "backup", copy)
            content = (copy / name).read_bytes()
            (copy / name).unlink() if harm == "gone" else (copy / name).write_bytes(content[: len(content) // 2 if harm == "half" else 0])
            # PostgreSQL takes an empty file for one without rows; then the counts differ.
            assert judge.tried(copy) in ("BadBackup", "Incomplete" if harm == "empty" else ""), (name, harm)


@settings(max_examples=100 if os.environ.get("LASTGOOD_EVERY_CRASH") else 12)
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), which=st.sampled_from(["dump", "manifest.json"]))
def test_one_of_ours_with_any_bit_flipped(judging: tuple[Judge, Path], at: float, bit: int, which: str) -> None:
    """Also in the manifest: a bit of it that says nothing, such as a space, leaves a backup that restores completely."""
    judge, directory = judging
    copy = directory / "flipped"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(directory / "ours", copy)
    files = sorted(path for path in (copy / which).rglob("*") if path.is_file()) if which == "dump" else [copy / which]
    place = int(at * sum(path.stat().st_size for path in files))
    for file in files:
        if place < file.stat().st_size:
            break
        place -= file.stat().st_size
    content = bytearray(file.read_bytes())
    content[place] ^= 1 << bit
    file.write_bytes(content)
    assert judge.tried(copy) in (("BadBackup",) if which == "dump" else ("BadBackup", "restored", "Incomplete", "Refused"))


def _twice(text: bytes) -> bytes:
    return text + text[: len(text) // 2]


NO_DUMPS: dict[str, Callable[[bytes], bytes]] = {
    "prose": lambda text: b"Dear all,\n\nattached is the backup.\n",
    "noise": lambda text: bytes(range(256)) * 40,
    "UTF-16": lambda text: b"\xff\xfe" + text.decode().encode("utf-16-le"),
    "one and a half": _twice,
    "a shell command": lambda text: text.replace(b"SET lock_timeout = 0;", b"\\! touch /tmp/lastgood-was-here\nSET lock_timeout = 0;"),
    "a shell command in the line": lambda text: text.replace(b"SET lock_timeout = 0;", b"SELECT 1 \\g |sh\nSET lock_timeout = 0;"),
    "another database": lambda text: text.replace(b"SET lock_timeout = 0;", b"\\connect postgres\nSET lock_timeout = 0;"),
    "a role": lambda text: text.replace(b"SET lock_timeout = 0;", b"ALTER ROLE postgres PASSWORD 'x';"),
    "all databases": lambda text: text.replace(b"database dump complete", b"database cluster dump complete"),
    "an archive": lambda text: b"PK\x03\x04" + text,
    "a wrong statement": lambda text: text.replace(b"CREATE VIEW", b"CRAETE VIEW"),
    "a statement that fails": lambda text: text.replace(b"SET lock_timeout = 0;", b"SELECT 1/0;"),
    "Windows": lambda text: text.replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("what", NO_DUMPS)
def test_what_is_no_dump_of_one_database(judging: tuple[Judge, Path], tmp_path: Path, what: str) -> None:
    judge, directory = judging
    whole = (directory / "plain" / "backup").read_bytes()
    changed = NO_DUMPS[what](whole)
    assert changed != whole
    (tmp_path / "shop.dump").write_bytes(changed)
    expected = "Incomplete" if "statement" in what else "BadBackup"
    assert judge.tried(tmp_path / "shop.dump") == expected


def test_rows_that_are_missing_from_a_dump_that_looks_whole(judging: tuple[Judge, Path], tmp_path: Path) -> None:
    """Its own manifest shows it: half of the users were dumped, and everything fits together otherwise."""
    judge, directory = judging
    shutil.copytree(directory / "ours", tmp_path / "ours")
    manifest = json.loads((tmp_path / "ours" / "manifest.json").read_text())
    manifest["tables"]["public.users"]["rows"] *= 2
    manifest["sum"] = backups.own_sum(manifest)
    (tmp_path / "ours" / "manifest.json").write_text(json.dumps(manifest))
    assert judge.tried(tmp_path / "ours") == "Incomplete"


def test_missing_files_and_directories_without_a_dump(judging: tuple[Judge, Path], tmp_path: Path) -> None:
    judge, directory = judging
    assert judge.tried(tmp_path / "nothing") == "Refused"
    assert judge.tried(tmp_path) == "BadBackup"
    shutil.copytree(directory / "ours", tmp_path / "ours.unfinished")
    assert judge.tried(tmp_path / "ours.unfinished") == "BadBackup"
