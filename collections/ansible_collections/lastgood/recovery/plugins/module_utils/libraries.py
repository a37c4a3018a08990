# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries that the machine a module runs on may lack: the modules must load, and be documented, without them."""
from __future__ import annotations

import importlib
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError


def library(name: str) -> Any:
    """The library, or a stand-in whose first use says that it is missing."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return _Missing(name)


class _Missing:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        raise RecoveryError(f"the Python library {self._name} is missing", "Install it for the interpreter that runs this module.")
