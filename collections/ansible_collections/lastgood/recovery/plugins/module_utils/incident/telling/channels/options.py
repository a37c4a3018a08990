# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of a channel, checked like a module's options."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

Specification = dict[str, dict[str, Any]]
EVERY: Specification = {"name": {"type": "str", "required": True}, "kind": {"type": "str"}}


def read(kind: str, specification: Specification, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with their defaults, or Refused; the words of that hold nothing secret."""
    checked = ArgumentSpecValidator({**EVERY, **specification}).validate(dict(options))
    if checked.error_messages:
        words = remove_values("; ".join(checked.error_messages), secrets(specification, options))
        variables = [name for option in specification.values() for name in (option.get("fallback") or ((), ()))[1]]
        raise Refused(
            f"channel {options.get('name', kind)} ({kind}): {words}",
            "Correct it in the inventory's telling" + (f", or give it in the environment: {', '.join(variables)}." if variables else "."),
        )
    return checked.validated_parameters


def secrets(specification: Specification, options: Mapping[str, Any]) -> set[str]:
    """Every text below an option that must not be shown."""
    return {text for name, option in specification.items() if option.get("no_log") for text in _texts(options.get(name))}


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) and value else []
