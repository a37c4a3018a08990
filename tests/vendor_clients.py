"""The vendors' own clients and servers, from npm. C(python -m tests.vendor_clients) installs all that the tests name."""

from __future__ import annotations

import contextlib
import fcntl
import re
import shutil
import subprocess
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".cache"
SECONDS = 300


class Unavailable(Exception):
    """It cannot be had here; the message says why."""


def installed(package: str, program: str) -> Path:
    """The program of a package such as C(vercel@60.1.3)."""
    return modules(package) / ".bin" / program


def modules(package: str) -> Path:
    """The folder with the modules of a package and all that it needs, installed once into the checkout's cache."""
    folder = CACHE / package
    lock = CACHE / f"{package.replace('/', '+')}.lock"
    CACHE.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another process may be installing it
        if not (folder / "node_modules").exists():
            _install(package, folder)
    return folder / "node_modules"


def _install(package: str, folder: Path) -> None:
    if not (npm := shutil.which("npm")):
        raise Unavailable("npm is not installed")
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(fresh), package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired as slow:
        raise Unavailable(f"npm did not install {package} in {SECONDS} s") from slow
    if done.returncode:
        shutil.rmtree(fresh)
        raise Unavailable(f"npm cannot install {package}: {done.stderr.strip().splitlines()[-1:]}")
    fresh.rename(folder)


def named() -> list[str]:
    """The packages that the tests name, each once: C("vercel@60.1.3")."""
    tests = Path(__file__).parent
    text = "".join(path.read_text() for path in sorted(tests.glob("*/*.py"), reverse=True))
    return list(dict.fromkeys(re.findall(r'"((?:@[\w.-]+/)?[\w.-]+@\d[\w.-]*)"', text)))


if __name__ == "__main__":
    for package in named():
        with contextlib.suppress(Unavailable):  # the tests that need it say so
            modules(package)
