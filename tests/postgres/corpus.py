"""Dumps in every form, and what can become of them: cut off anywhere, any bit of them another."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP

from tests.postgres import shop
from tests.postgres.clusters import Cluster

FORMS = (
    "plain", "plain.gz", "plain.zst", "plain.bz2", "plain.xz", "plain.age", "inserts", "tar", "tar.gz",
    "custom", "custom.gz", "custom-z0", "custom-z0.zst", "directory", "directory-z0", "ours", "ours.age",
)
# PostgreSQL writes the check of a varchar in another way once it was restored.
MORE = """
ALTER TABLE users DROP CONSTRAINT users_tier_check, ALTER tier TYPE text;
ALTER TABLE users ADD CONSTRAINT known CHECK (tier IN ('free', 'paid'));
SELECT lo_from_bytea(4711, convert_to(repeat('a large object ', 50), 'UTF8'));
CREATE ROLE reader;
GRANT SELECT ON users TO reader;
COMMENT ON TABLE users IS 'who buys'
"""


@dataclass(frozen=True)
class Dump:
    """One that is whole; a file or a directory."""

    path: Path
    options: dict[str, Any]
    """What the restore has to be told to read it."""

    @property
    def files(self) -> list[Path]:
        return sorted(one for one in self.path.rglob("*") if one.is_file()) if self.path.is_dir() else [self.path]

    @property
    def length(self) -> int:
        return sum(one.stat().st_size for one in self.files)

    def cut(self, at: int, target: Path) -> Path:
        """A copy whose file that holds this byte ends before it."""
        file, place = self._copied(at, target)
        file.write_bytes(file.read_bytes()[:place])
        return target

    def flipped(self, at: int, bit: int, target: Path) -> Path:
        """A copy with one bit of this byte changed."""
        file, place = self._copied(at, target)
        content = bytearray(file.read_bytes())
        content[place] ^= 1 << bit
        file.write_bytes(content)
        return target

    def _copied(self, at: int, target: Path) -> tuple[Path, int]:
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        shutil.copytree(self.path, target) if self.path.is_dir() else shutil.copy(self.path, target)
        for file in self.files:
            if at < file.stat().st_size:
                return target / file.relative_to(self.path) if self.path.is_dir() else target, at
            at -= file.stat().st_size
        raise IndexError(at)


def build(cluster: Cluster) -> None:
    """What all the dumps hold."""
    shop.build(cluster, users=60, items=80)
    cluster.run(MORE, "shop")


def made(cluster: Cluster, form: str, directory: Path) -> Dump:
    """The shop in this form."""
    pyrage = importlib.import_module("pyrage")
    directory.mkdir()
    identity = pyrage.x25519.Identity.generate()
    key = directory / "key"
    key.write_text(str(identity))
    options = {"age_identity": str(key)} if form.endswith(".age") else {}
    if form.startswith("ours"):
        sealed = {"age_recipients": [str(identity.to_public())]} if options else {}
        done = shop.done(BACKUP, url=cluster.url("shop"), destination=str(directory / "made"), **sealed)
        return Dump(Path(done["backup"]["path"]), options)
    path = shop.dumped(cluster, "shop", directory, form.removesuffix(".age"))
    if options:
        path.write_bytes(pyrage.encrypt(path.read_bytes(), [identity.to_public()]))
    return Dump(path, options)


def cuts(length: int, step: int) -> Iterator[int]:
    """The empty file, every C(step) hundredths, and close to the end."""
    yield from sorted({0, 1, *(length * percent // 100 for percent in range(step, 100, step)), length - 200, length - 2} - {length})


def flips(length: int, step: int) -> Iterator[tuple[int, int]]:
    """Places and bits: every other one near the beginning, which has no checksum in any archive."""
    for percent in range(0, 100, step):
        yield (min(length, 4000) if percent // step % 2 else length) * percent // 100, percent % 8
