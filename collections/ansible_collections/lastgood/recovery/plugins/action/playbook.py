# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible import context
from ansible.utils.vars import load_extra_vars
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.playing import PLAY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Result
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    """Gives it what this run was given, its extra variables and its vault's passwords in files, and shows its screen as it is."""

    operation = PLAY

    def perform(self, operation: Operation, arguments: dict[str, Any], variables: dict[str, Any]) -> Result:
        own = {name: value for name, value in load_extra_vars(self._loader).items() if name not in ("failure", "seed")}
        vaults = [part for vault in context.CLIARGS.get("vault_ids") or () for part in ("--vault-id", str(vault))]
        vaults += [part for file in context.CLIARGS.get("vault_password_files") or () for part in ("--vault-password-file", str(file))]
        given = {"variables": {**own, **arguments.get("variables", {})}, "more": [*vaults, *arguments.get("more", [])]}
        return super().perform(operation, {**arguments, **given}, variables)

    def _teller(self, variables: dict[str, Any]) -> Callable[[str], None]:
        return self._display.display
