"""The tools that publish, in their own environment, and the collection as they build it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = ROOT / "collections/ansible_collections/lastgood/recovery"


def said(*command: str, **more: str) -> str:
    """What a command among those tools says; it has to succeed."""
    done = subprocess.run(
        [str(ROOT / "scripts/publishing"), *command], capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **more}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def built(directory: Path) -> Path:
    """The tarball of the collection."""
    said("ansible-galaxy", "collection", "build", str(COLLECTION), "--output-path", str(directory))
    (tarball,) = directory.glob("lastgood-recovery-*.tar.gz")
    return tarball
