# SPDX-License-Identifier: GPL-3.0-or-later
"""What there was before the first change, in a file of the incident; where incidents are in a bucket it is there as well."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import captured
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import Mirror


def remember(path: str, content: dict[str, Any]) -> None:
    """The first memory stands: a second run would only remember what the first one did."""
    if remembered(path) is None:
        _write(path, content)


def remembered(path: str) -> Any:
    """What is remembered; None when nothing is."""
    return captured.read(path) if Path(path).exists() else None


def forget(path: str) -> None:
    """Nothing is remembered from here on. In a bucket that is written down: another machine may have to know."""
    if Mirror.of(Path(path)):
        _write(path, None)
    else:
        Path(path).unlink(missing_ok=True)


def _write(path: str, content: dict[str, Any] | None) -> None:
    text = json.dumps(content, indent=1)
    mirror = Mirror.of(Path(path))
    if mirror:
        mirror.write(Path(path), text.encode())
    else:
        captured.write(path, text)
