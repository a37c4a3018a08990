# SPDX-License-Identifier: GPL-3.0-or-later
"""What every flag module is: a setting that is on or off, and what hangs on it."""
from __future__ import annotations

from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.setting import WAITING, Setting, settle, told
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

ARGUMENTS: dict[str, Any] = {"name": {"type": "str", "required": True}, "enabled": {"type": "bool", "required": True}, **WAITING}


class Flag(Setting, Protocol):
    """A setting that is on (true) or off."""

    def dependents(self) -> list[str] | None:
        """Flags that do not work as before when this one changes; None when the vendor does not tell."""


def operation(vendor: Vendor) -> Operation:
    """A flag module for that vendor."""

    def perform(options: Options, run: Run) -> Result:
        flag: Flag = vendor.connect("flags", options, run)
        return {**settle(flag, options["enabled"], options, run), "dependents": told(flag.dependents)}

    return Operation(arguments={**vendor.arguments_of("flags"), **ARGUMENTS}, perform=perform)
