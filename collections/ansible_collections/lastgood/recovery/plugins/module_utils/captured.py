# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a recovery point: written once, for their owner alone, and read back whole or not at all."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused


def write(path: str, text: str) -> None:
    """Whole or not at all, readable for the owner only."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(target)


def read(path: str) -> Any:
    """The JSON in the file; Refused when it is missing or nothing of ours."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}", "Name a file that a capture has written.") from None
    except ValueError:
        raise Refused(f"{path} is not a captured file", "An encrypted one can only be read on the controller.") from None


def variables(content: Any, path: str) -> dict[str, str]:
    """The values in a captured file, by name; Refused when it is something else."""
    values = content.get("variables") if isinstance(content, dict) else None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Refused(f"{path} holds no captured variables", "Name a file that variables_info has written with save_to.")
    return values
