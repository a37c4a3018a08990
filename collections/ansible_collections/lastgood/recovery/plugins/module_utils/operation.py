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
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.lastgood.recovery.plugins.module_utils import captured, progress
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ApprovalNeeded, RecoveryError

Options = dict[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """Where the recovery points of this target are: C(store) is the address of the incident store."""

    store: str
    environment: str
    target: str


@dataclass(frozen=True)
class Run:
    """How an operation is being run, and whom it talks to while it runs."""

    check: bool = False
    """Predict, and change nothing."""
    tell: Callable[[str], None] = lambda text: None
    """Show progress to the person who waits."""
    record: Callable[..., None] = lambda event, **fields: None
    """Write an event to the incident's journal, on disk before it returns."""
    load: Callable[[str], Any] = captured.read
    """The content of a captured file."""
    save: Callable[[str, Any], None] | None = None
    """Write a captured file, encrypted; None where there is nothing to encrypt with."""
    points: Recorded | None = None
    """What to go back to where a vendor keeps no history; None where nobody knows of recovery points."""
    process: int | None = None
    """The controlling ansible-playbook process, where that is known."""
    until: float | None = None
    """When it has to be over, by C(time.monotonic): vendors are then asked once and hardly waited for. None: when it is done."""


@dataclass(frozen=True)
class Operation:
    """Options as in C(argument_spec), the function they are handed to, and rules such as C(mutually_exclusive)."""

    arguments: dict[str, Any]
    perform: Callable[[Options, Run], Result]
    rules: dict[str, Any] = field(default_factory=dict)


def outcome(operation: Operation, options: Options, run: Run) -> Result:
    """The operation's result. A foreseen error becomes a failed one: C(msg) what, why and what next, C(error) its kind.

    It says "nothing was changed" exactly when no call that could change something was made, or the only one met a vendor who
    wants it approved first. How far it had come is in C(progress).
    """
    calls: list[str] = []
    told: list[str] = []

    def tell(text: str) -> None:
        told[:] = [text]
        run.tell(text)

    def record(event: str, **fields: Any) -> None:
        if event == "call":
            calls.append(f"{fields['method']} {fields['path']}")
        run.record(event, **fields)

    try:
        return {"changed": False, **operation.perform(options, replace(run, record=record, tell=tell))}
    except RecoveryError as error:
        if isinstance(error, ApprovalNeeded):
            del calls[-1:]
        done = f"asked for before that: {', '.join(calls)}" if calls else "nothing was changed"
        return {
            **error.facts,
            **({"progress": told[0]} if told else {}),
            "failed": True,
            "changed": bool(calls),
            "msg": f"{error.message}; {done}. {error.hint}".strip() + (f" It had come to: {told[0]}" if told else ""),
            "summary": f"{error.message}; {done}",
            "hint": error.hint,
            "error": type(error).__name__,
        }


def worth_masking(secrets: set[str], operation: Operation, options: Options) -> set[str]:
    """The secrets to be blacked out in what is printed: of a dictionary of values not those that any word could contain.

    Variables may be as short as C(1) or C(true); no result ever holds one, but a vendor's error message may repeat one.
    """
    many = [options[name] for name, option in operation.arguments.items() if option.get("no_log") and option["type"] == "dict"]
    short = {str(value) for values in many for value in (values or {}).values() if len(str(value)) < 6}
    return secrets - short


def run_as_module(operation: Operation) -> None:
    """Run the operation as an Ansible module: options from the task, result to the controller."""
    module = AnsibleModule(argument_spec=operation.arguments, supports_check_mode=True, **operation.rules)
    module.no_log_values = worth_masking(module.no_log_values, operation, module.params)
    shown = {name: value for name, value in module.params.items() if not operation.arguments[name].get("no_log")}
    with progress.told(lambda text: remove_values(text, module.no_log_values)) as tell:
        result = outcome(operation, module.params, Run(check=module.check_mode, tell=tell))
    result = {"invocation": {"module_args": shown}, **result}
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
