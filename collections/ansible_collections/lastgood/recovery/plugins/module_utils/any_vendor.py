# SPDX-License-Identifier: GPL-3.0-or-later
"""The release modules by the vendor's name, so that playbooks name no vendor and inventories do."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils import rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import render, vercel
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider

VENDORS: dict[str, tuple[dict[str, Any], Callable[[Options, Run], Provider]]] = {
    "render": (render.ARGUMENTS, render.connect),
    "vercel": (vercel.ARGUMENTS, vercel.connect),
}
# Ansible has to know which of them are secret before it knows the vendor, or it would log them on the host it runs on.
SERVICE: dict[str, Any] = {
    name: {"type": option["type"], "no_log": option.get("no_log", False)}
    for arguments, _connect_to in VENDORS.values()
    for name, option in arguments.items()
}
ARGUMENTS: dict[str, Any] = {
    "provider": {"type": "str", "required": True, "choices": list(VENDORS)},
    "service": {"type": "dict", "required": True, "options": SERVICE},
}


def connect(options: Options, run: Run) -> Provider:
    """The provider that the target's inventory names, its C(service) checked like that vendor's own module options."""
    arguments, connect_to = VENDORS[options["provider"]]
    given = {name: value for name, value in options["service"].items() if value is not None}
    checked = ArgumentSpecValidator(arguments).validate(given)
    if checked.error_messages:
        required = [option for option in arguments.values() if option.get("required") and "fallback" in option]
        environment = ", ".join(name for option in required for name in option["fallback"][1])
        raise Refused(
            f"service of {options['provider']}: {'; '.join(checked.error_messages)}",
            f"Give it in the inventory, or in the environment: {environment}.",
        )
    return connect_to(checked.validated_parameters, run)


RELEASE = rollback.operation(ARGUMENTS, connect)
INFO = rollback.reading(ARGUMENTS, connect)
