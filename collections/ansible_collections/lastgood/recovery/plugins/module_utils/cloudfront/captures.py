# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations that were captured: one file each, or a directory with those of one time after the other."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Config, Distribution, Seen
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Capture:
    """A configuration as CloudFront told it at C(captured_at), when it had been changed last at C(modified)."""

    distribution: str
    etag: str
    config: Config
    modified: datetime
    captured_at: datetime
    functions: dict[str, str]


def content(distribution: Distribution, seen: Seen, functions: dict[str, str]) -> dict[str, Any]:
    """What is written into the file. Origins' headers may be secrets, so it is written encrypted."""
    return {
        "vendor": distribution.name,
        "distribution": distribution.id,
        "captured_at": moment.iso(seen.at),
        "modified": moment.iso(seen.modified),
        "etag": seen.etag,
        "functions": functions,
        "config": seen.config,
    }


def path_in(directory: str, distribution: str, seen: Seen) -> str:
    """Where a capture of that moment lies."""
    return str(Path(directory) / distribution / f"{seen.at.strftime(_STAMP)}.json")


def read(path: str, run: Run) -> Capture:
    """The capture in the file; Refused when it is something else."""
    held = run.load(path)
    try:
        fields = {name: held[name] for name in ("distribution", "etag", "config")}
        if not fields["config"]["CallerReference"]:
            raise ValueError
        return Capture(
            **fields,
            modified=moment.parse(held["modified"]),
            captured_at=moment.parse(held["captured_at"]),
            functions=dict(held["functions"]),
        )
    except (LookupError, TypeError, ValueError, Refused):
        raise Refused(
            f"{path} holds no captured configuration of a distribution",
            "Name a file that cloudfront_config_info has written with save_to or captures.",
        ) from None


def newest_first(directory: str, distribution: str, run: Run) -> Iterator[Capture]:
    """Those of one distribution; Refused when there is no such directory."""
    folder = Path(directory) / distribution
    try:
        paths = sorted((path for path in folder.iterdir() if path.suffix == ".json" and not path.name.startswith(".")), reverse=True)
    except OSError as error:
        raise Refused(
            f"{folder} cannot be read: {error.strerror}",
            "Name the directory that cloudfront_config_info has written to with captures.",
        ) from None
    for path in paths:
        capture = read(str(path), run)
        if capture.distribution == distribution:
            yield capture
