# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module does, apart from where it runs.

An operation is options and one function. C(run_as_module) runs it as an ordinary module anywhere; the action plugin of
the same name runs the very same function inside the worker process when the target is the controller itself.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError

Options = dict[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """How an operation is being run, and whom it talks to while it runs."""

    check: bool = False
    """Predict, and change nothing."""
    tell: Callable[[str], None] = lambda text: None
    """Show progress to the person who waits."""
    record: Callable[..., None] = lambda event, **fields: None
    """Write an event to the incident's journal, on disk before it returns."""
    process: int | None = None
    """The controlling ansible-playbook process, where that is known."""


@dataclass(frozen=True)
class Operation:
    """Options as in C(argument_spec), the function they are handed to, and rules such as C(mutually_exclusive)."""

    arguments: dict[str, Any]
    perform: Callable[[Options, Run], Result]
    rules: dict[str, Any] = field(default_factory=dict)


def outcome(operation: Operation, options: Options, run: Run) -> Result:
    """The operation's result. A foreseen error becomes a failed one: C(msg) what, why and what next, C(error) its kind.

    It says "nothing was changed" exactly when no call that could change something was made.
    """
    calls: list[str] = []

    def record(event: str, **fields: Any) -> None:
        if event == "call":
            calls.append(f"{fields['method']} {fields['path']}")
        run.record(event, **fields)

    try:
        return {"changed": False, **operation.perform(options, replace(run, record=record))}
    except RecoveryError as error:
        done = f"asked for before that: {', '.join(calls)}" if calls else "nothing was changed"
        return {
            "failed": True,
            "changed": bool(calls),
            "msg": f"{error.message}; {done}. {error.hint}".strip(),
            "summary": f"{error.message}; {done}",
            "hint": error.hint,
            "error": type(error).__name__,
        }


def run_as_module(operation: Operation) -> None:
    """Run the operation as an Ansible module: options from the task, result to the controller."""
    module = AnsibleModule(argument_spec=operation.arguments, supports_check_mode=True, **operation.rules)
    result = outcome(operation, module.params, Run(check=module.check_mode, tell=module.debug))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
