# SPDX-License-Identifier: GPL-3.0-or-later
"""The SHA-256 of all files in a directory, and which of them are not what they should be."""
from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sizes import bytes_in, size

Hashes = dict[str, dict[str, Any]]
"""C(size) and C(sha256) of each file, by its path in the directory."""
AT_ONCE = min(4, os.cpu_count() or 1)


def of(directory: Path, without: str = "") -> Hashes:
    """Those of each file below it."""
    files = sorted(path for path in directory.rglob("*") if path.is_file() and path != directory / without)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(one, files))
    return {path.relative_to(directory).as_posix(): each for path, each in zip(files, found, strict=True)}


def one(path: Path) -> dict[str, Any]:
    """Those of one file."""
    with path.open("rb") as file:
        return {"size": bytes_in(path), "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def damage(directory: Path, expected: Hashes, without: str = "") -> list[str]:
    """Every file that is not as expected, in words."""
    problems = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, file in zip(expected, pool.map(partial(_seen, directory), expected), strict=True):
            if file is None:
                problems.append(f"{name} is missing")
            elif file["size"] != expected[name]["size"]:
                problems.append(f"{name} has {size(file['size'])} instead of {size(expected[name]['size'])}")
            elif file != expected[name]:
                problems.append(f"{name} has as many bytes as it should, but others")
    present = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()} - {without}
    return problems + [f"{name} does not belong to it" for name in sorted(present - set(expected))]


def _seen(directory: Path, name: str) -> dict[str, Any] | None:
    path = directory / name
    return one(path) if path.is_file() else None
