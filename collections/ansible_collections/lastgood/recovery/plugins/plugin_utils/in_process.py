# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin behind every module: for a local target the module's own function runs in the worker process.

A module shipped to localhost costs about ten times as much, and cannot show progress while it runs.
"""
from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, ClassVar

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible_collections.lastgood.recovery.plugins.module_utils import captured, lines, moment, progress
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Recorded, Result, Run, outcome, worth_masking
from ansible_collections.lastgood.recovery.plugins.plugin_utils.watched import Watch


class InProcess(ActionBase):
    """Runs C(operation) here when the connection is local, and hands over to the module of the same name otherwise."""

    operation: ClassVar[Operation]
    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _lost = False
    """The connection broke while the module ran."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        arguments = self.with_reach(dict(self._task.args), variables)
        if self._connection.transport != "local":
            return self.shipped(arguments, variables)
        return self.perform(self.operation, arguments, variables)

    def with_reach(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """What the inventory allows to be touched goes to every task that talks to a vendor; none can forget it."""
        if "reach" in self.operation.arguments and "reach" in variables and "reach" not in arguments:
            return {**arguments, "reach": self._templar.template(variables["reach"])}
        return arguments

    def shipped(self, arguments: dict[str, Any], variables: dict[str, Any]) -> Result:
        """The result of the module on another machine; what it tells there is shown here while it runs."""
        path = progress.new_path(self.get_shell_option("system_tmpdirs", ["/var/tmp"])[0])
        before = self._task.environment
        self._task.environment = [*(before or []), {progress.VARIABLE: path}]
        watch = Watch(self, path, self._teller(variables))
        try:
            with watch.running():
                result: Result = self._execute_module(module_args=arguments, task_vars=variables)
        except AnsibleConnectionFailure as error:
            self._lost = True
            far = f"{error.message}. It may still run there; it had come to: {watch.last}" if watch.last else error.message
            raise AnsibleConnectionFailure(far) from error
        finally:
            self._task.environment = before
        if result.get("failed") and "error" not in result:  # it did not come as far as to say so itself
            watch.remove()
            if watch.last:
                result |= {"progress": watch.last, "msg": f"{result.get('msg', '')} It had come to: {watch.last}"}
        return result

    def cleanup(self, force: bool = False) -> None:
        """As ever; a machine that is out of reach has been told of by then, and in better words."""
        try:
            super().cleanup(force)
        except AnsibleConnectionFailure:
            if not self._lost:
                raise

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
        show = self._teller(variables)

        def tell(text: str) -> None:
            show(remove_values(text, secrets))

        def record(event: str, **fields: Any) -> None:
            if incident.get("journal"):
                Journal(incident["journal"], incident["run"]).append(event, **remove_values({"target": target, **fields}, secrets))

        return Run(
            check=bool(self._task.check_mode),
            tell=tell,
            record=record,
            load=self._load,
            save=self._save if self._loader._vault.secrets else None,
            points=self._points(variables),
            process=os.getppid(),
        )

    def _points(self, variables: dict[str, Any]) -> Recorded | None:
        """The recovery points of this target, in the incident's store or that of the inventory."""
        incident = variables.get("ansible_facts", {}).get("incident", {})
        environment = incident.get("environment") or self._templar.template(variables.get("environment_name"))
        store = incident.get("store") or self._templar.template(variables.get("incident_store"))
        store = store or os.environ.get("LASTGOOD_INCIDENTS") or "incidents"
        return Recorded(store, environment, variables.get("inventory_hostname", "")) if environment else None

    def _teller(self, variables: dict[str, Any]) -> Callable[[str], None]:
        """Shows a line to the person who waits, with the time that is left."""
        incident = variables.get("ansible_facts", {}).get("incident", {})
        target = variables.get("inventory_hostname", "")
        since = moment.parse(incident["bad_at"]) if incident.get("bad_at") else None
        return lambda text: self._display.display(lines.line(target, text, lines.countdown(since, incident.get("rto"))))

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
