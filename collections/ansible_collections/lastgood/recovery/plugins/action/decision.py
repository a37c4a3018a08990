# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.operations import DECISION
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    operation = DECISION

    def shipped(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Here all the same: the policies are files of the controller, and nothing is asked of the target."""
        return self.perform(self.operation, arguments, variables)
