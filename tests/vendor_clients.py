"""The vendors' own clients and servers, from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".cache"


class Unavailable(Exception):
    """It cannot be had here; the message says why."""


def installed(package: str, program: str) -> Path:
    """The program of a package such as C(vercel@60.1.3)."""
    return modules(package) / ".bin" / program


def modules(package: str) -> Path:
    """The folder with the modules of a package and all that it needs, installed once into the checkout's cache."""
    folder = CACHE / package
    if (folder / "node_modules").exists():
        return folder / "node_modules"
    if not (npm := shutil.which("npm")):
        raise Unavailable("npm is not installed")
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    fresh.mkdir(parents=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(fresh), package]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        shutil.rmtree(fresh)
        raise Unavailable(f"npm cannot install {package}: {done.stderr.strip().splitlines()[-1:]}")
    try:
        fresh.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(fresh)
    return folder / "node_modules"
