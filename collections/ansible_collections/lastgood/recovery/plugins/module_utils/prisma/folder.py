# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder C(prisma/migrations) of the code that is, or will be, live."""
from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

SCRIPT, DOWN, PROVIDER = "migration.sql", "down.sql", "migration_lock.toml"


@dataclass(frozen=True)
class Migration:
    """One folder in it."""

    name: str
    path: Path

    @property
    def script(self) -> str:
        return read(self.path / SCRIPT)

    @property
    def down(self) -> Path | None:
        """Its reverse, made before the incident: Prisma itself has none."""
        path = self.path / DOWN
        return path if path.is_file() else None

    def edited(self, checksum: str) -> bool:
        """Whether it is no longer the file that was applied. Git may have changed the ends of lines."""
        content = (self.path / SCRIPT).read_bytes()
        unix = content.replace(b"\r\n", b"\n")
        same = {hashlib.sha256(one).hexdigest() for one in (content, unix, unix.replace(b"\n", b"\r\n"))}
        return checksum not in same


def migrations(folder: str | None) -> dict[str, Migration] | None:
    """By name, in their order; None when no folder is given."""
    if folder is None:
        return None
    place = Path(folder)
    if not place.is_dir():
        raise Refused(f"{folder} is not a folder", "Name the folder prisma/migrations of the code that is to be live.")
    _for_postgres(place)
    names = sorted(one.parent.name for one in place.glob(f"*/{SCRIPT}"))
    return {name: Migration(name, place / name) for name in names}


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read", f"{getattr(error, 'strerror', None) or 'It is not UTF-8'}.") from None


def _for_postgres(place: Path) -> None:
    lock = place / PROVIDER
    provider = re.search(r'^\s*provider\s*=\s*"(.*?)"', lock.read_text(encoding="utf-8"), re.MULTILINE) if lock.is_file() else None
    if provider and provider.group(1) not in ("postgresql", "postgres"):
        raise Refused(f"these migrations are for {provider.group(1)}", "Name the folder of a project that uses PostgreSQL.")
