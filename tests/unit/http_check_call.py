"""Calling http_check as a task does: its options checked and defaulted, its result and what it wrote down."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils.http_check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome


@dataclass
class Call:
    result: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    recorded: list[dict[str, Any]] = field(default_factory=list)

    @property
    def verdicts(self) -> dict[str, str]:
        return {check["name"]: check["verdict"] for check in self.result["checks"]}

    @property
    def first(self) -> dict[str, Any]:
        return self.result["checks"][0]


def http_check(*flows: dict[str, Any], check_mode: bool = False, **options: Any) -> Call:
    """The outcome for these flows; ValueError when the options are not what the module takes."""
    arguments = json.loads(json.dumps({"flows": flows, **options}))  # Ansible shares nothing between options either
    checked = ArgumentSpecValidator(CHECK.arguments, **CHECK.rules).validate(arguments)
    if checked.error_messages:
        raise ValueError("; ".join(checked.error_messages))
    call = Call()

    def record(event: str, **fields: Any) -> None:
        call.recorded.append({"event": event, **fields})

    call.result = outcome(CHECK, checked.validated_parameters, Run(check=check_mode, tell=call.told.append, record=record))
    return call


def one(url: str, **step: Any) -> Call:
    """The outcome for one flow that is a single request."""
    return http_check({"name": "it", "url": url, **step})
