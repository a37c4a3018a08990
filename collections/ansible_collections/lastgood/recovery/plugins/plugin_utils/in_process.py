# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin behind every module: for a local target the module's own function runs in the worker process.

A module shipped to localhost costs about ten times as much, and cannot show progress while it runs.
"""
from __future__ import annotations

import json
import os
from typing import Any, ClassVar

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible_collections.lastgood.recovery.plugins.module_utils import captured, lines, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Result, Run, outcome, worth_masking


class InProcess(ActionBase):
    """Runs C(operation) here when the connection is local, and hands over to the module of the same name otherwise."""

    operation: ClassVar[Operation]
    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        arguments = self.with_reach(dict(self._task.args), variables)
        if self._connection.transport != "local":
            return self._execute_module(module_args=arguments, task_vars=variables)
        return self.perform(self.operation, arguments, variables)

    def with_reach(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """What the inventory allows to be touched goes to every task that talks to a vendor; none can forget it."""
        if "reach" in self.operation.arguments and "reach" in variables and "reach" not in arguments:
            return {**arguments, "reach": self._templar.template(variables["reach"])}
        return arguments

    def perform(self, operation: Operation, arguments: dict[str, Any], variables: dict[str, Any]) -> Result:
        """The result of the operation, its options checked and defaulted as a module's are, its secrets taken out."""
        plain = json.loads(json.dumps(arguments, default=str))  # as a module would get them, without the controller's own types
        checked = ArgumentSpecValidator(operation.arguments, **operation.rules).validate(plain)
        if checked.error_messages:
            return remove_values({"failed": True, "msg": "; ".join(checked.error_messages)}, checked._no_log_values)
        secrets = worth_masking(checked._no_log_values, operation, checked.validated_parameters)
        run = self._run_for(variables, secrets)
        return remove_values(outcome(operation, checked.validated_parameters, run), secrets)

    def _run_for(self, variables: dict[str, Any], secrets: set[str]) -> Run:
        incident = variables.get("ansible_facts", {}).get("incident", {})
        target = variables.get("inventory_hostname", "")
        since = moment.parse(incident["bad_at"]) if incident.get("bad_at") else None

        def tell(text: str) -> None:
            text = remove_values(text, secrets)
            self._display.display(lines.line(target, text, lines.countdown(since, incident.get("rto"))))

        def record(event: str, **fields: Any) -> None:
            if incident.get("journal"):
                Journal(incident["journal"], incident["run"]).append(event, **remove_values({"target": target, **fields}, secrets))

        return Run(
            check=bool(self._task.check_mode),
            tell=tell,
            record=record,
            load=self._load,
            save=self._save if self._loader._vault.secrets else None,
            process=os.getppid(),
        )

    def _load(self, path: str) -> Any:
        """A captured file, decrypted with the vault secrets of this run."""
        if not os.path.exists(path):
            raise Refused(f"{path} does not exist", "Name a file that a capture has written.")
        try:
            return json.loads(json.dumps(self._loader.load_from_file(path, cache="none", trusted_as_template=False)))
        except AnsibleError as error:
            raise Refused(f"{path} cannot be read: {error.message}", "Give the vault password it was encrypted with.") from None

    def _save(self, path: str, content: Any) -> None:
        """Encrypted with the first vault secret of this run."""
        captured.write(path, self._loader._vault.encrypt(json.dumps(content, indent=1)).decode())
