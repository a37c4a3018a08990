# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.check import CHECK, check
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.relations import NAMES
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess
from ansible_collections.lastgood.recovery.plugins.plugin_utils.resolved import resolved


class ActionModule(InProcess):
    operation = CHECK

    def shipped(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Here all the same: inventories are files of the controller, and nothing is asked of the target."""
        return self.perform(self.operation, arguments, variables)

    def perform(self, operation: Operation, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """With what only the controller knows: the variables of all targets, worked out."""
        targets = resolved(variables, NAMES, self._loader)
        return super().perform(replace(operation, perform=lambda options, run: check(options, run, targets)), arguments, variables)
